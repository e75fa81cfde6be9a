import { completeImdbMeta, imdbMeta, SHOW_IMDB_RULES, showImdbValues } from '../../../catalogue/shows/imdb.ts';
import type { Row } from '../../../platform/db/statement.ts';
import { together } from '../../../platform/db/together.ts';
import type { Plan } from '../../plan.ts';
import type { Stage } from '../../stage.ts';
import { fetchedFrom } from '../blocks.ts';
import { loadOverrides, type OverridesByRow } from '../overrides.ts';
import { EXTERNAL_IDS, EXTERNAL_IDS_ELSEWHERE } from '../queries.ts';
import { planRow, type TableRules, tableChanges } from '../rows.ts';
import { planSet } from '../sets.ts';
import { SHOW_IMDB } from './queries.ts';
import { type ImdbVoice, imdbIdOf, needsImdbId, type VoiceTitle } from './voices.ts';

const SHOWS: TableRules = {
  table: 'core.shows',
  rules: SHOW_IMDB_RULES,
  fetchedAt: 'imdb_fetched_at',
  retires: false,
};

interface Stored {
  readonly show: Row<typeof SHOW_IMDB> | undefined;
  readonly externalIds: readonly Row<typeof EXTERNAL_IDS>[];
  readonly idElsewhere: Row<typeof EXTERNAL_IDS_ELSEWHERE> | undefined;
  readonly overrides: OverridesByRow;
}

/** A show's own facts from IMDb (`spec/sources-imdb.md` 4.4). Totals and the latest episode belong to the `totals` stage alone. */
export function imdbDetails(voice: ImdbVoice): Stage<VoiceTitle, Stored> {
  return {
    name: 'details',
    source: voice.source,
    needs: [],
    applies: needsImdbId,
    fetch: async (show, sources) => fetchedFrom(await voice.title(imdbIdOf(show), sources)),
    async load(tx, show, facts) {
      return together({
        show: tx.one(SHOW_IMDB, [show.id]),
        externalIds: tx.query(EXTERNAL_IDS, [show.id]),
        idElsewhere: tx.one(EXTERNAL_IDS_ELSEWHERE, [show.id, ['imdb'], [facts.imdbId]]),
        overrides: loadOverrides(tx, 'shows', [show.id]),
      });
    },
    plan(facts, stored, show, context): Plan {
      const row = stored.show;
      if (row === undefined) return { changes: [], partial: [], warnings: ['the show was deleted meanwhile'] };
      const meta = completeImdbMeta(imdbMeta(facts.imdbId, facts.show), row.imdb_meta);
      const planned = planRow(
        SHOWS,
        {
          stored: row,
          fixed: { id: row.id },
          incoming: showImdbValues(facts.show, meta),
          overrides: stored.overrides.get(row.id),
        },
        context,
      );
      const changes = tableChanges('core.shows', ['id'], [], [planned]);
      if (facts.imdbId === show.imdbId) return { changes, partial: [], warnings: [] };
      // IMDb has merged the title into another: both ids lead here from now on (6.2, 11).
      if (stored.idElsewhere !== undefined) {
        const { name, id } = stored.idElsewhere;
        const warning = `IMDb has merged ${show.imdbId} into ${facts.imdbId}, which is "${name}" (${id}): trr shows merge ${show.id} ${id}`;
        return { changes, partial: [], warnings: [warning] };
      }
      changes.push(
        ...planSet({
          table: 'core.external_ids',
          identity: ['scheme', 'value'],
          marker: 'value',
          fixed: { show_id: show.id },
          wanted: [{ scheme: 'imdb', value: facts.imdbId }],
          stored: stored.externalIds,
          gone: () => false,
          context: { ...context, source: { ...context.source, licence: 'identifiers' } },
        }),
      );
      return { changes, partial: [], warnings: [`IMDb has merged ${show.imdbId} into ${facts.imdbId}`] };
    },
  };
}
