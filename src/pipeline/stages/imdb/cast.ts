import { isCast } from '../../../catalogue/cast/merge.ts';
import type { Row } from '../../../platform/db/statement.ts';
import type { Scope } from '../../../platform/db/types.ts';
import type { CreditFacts } from '../../../platform/facts.ts';
import type { Plan } from '../../plan.ts';
import type { ShowSources } from '../../show-sources.ts';
import type { ShowIdentity, Stage, StageFetch } from '../../stage.ts';
import type { StageSources } from '../../stage-sources.ts';
import { loadCast, planCast, type StoredCast } from '../cast.ts';
import { loadOverrides } from '../overrides.ts';
import { loadPeople, PEOPLE_TABLE, planPeople, type StoredPeople } from '../people.ts';
import { LOCK_SHARED } from '../queries.ts';
import { insertColumns, tableChanges } from '../rows.ts';
import { SHOW_NETWORKS } from './queries.ts';
import { type ImdbVoice, imdbIdOf, needsImdbId, type VoiceCast } from './voices.ts';

/** What the override sheet is asked by. */
export type CastContext = Row<typeof SHOW_NETWORKS> | undefined;

/** The cast as one of IMDb's voices has it, judged by the override sheet. */
export interface ImdbCastFacts {
  readonly credits: readonly CreditFacts[];
  readonly complete: boolean;
  /** The sheet says that this show's cast is not to be taken from IMDb. */
  readonly skipped: boolean;
}

export function readCastContext(tx: Scope, show: ShowIdentity): Promise<CastContext> {
  return tx.one(SHOW_NETWORKS, [show.id]);
}

/** Asks for the cast and leaves out who does not belong to it; shared by `people`, `cast` and `appearances`. */
export async function fetchImdbCast(
  voice: ImdbVoice,
  show: ShowIdentity,
  sources: ShowSources,
  sheet: StageSources['sheet'],
  context: CastContext,
): Promise<StageFetch<ImdbCastFacts>> {
  const { imdbId, tmdbId } = show;
  const title = context?.name ?? show.name;
  const override = (await sheet?.({ imdbId, tmdbId, title, networks: context?.networks ?? [] })) ?? null;
  if (override?.action.kind === 'skip') {
    const facts = { credits: [], complete: false, skipped: true };
    return { kind: 'facts', facts, at: sources.now(), via: 'live', missing: [] };
  }
  const outcome = await voice.cast(imdbIdOf(show), sources);
  if (outcome.kind !== 'ok') return { kind: 'failed', reason: outcome };
  const { at, via, missing, value } = outcome;
  const minimum = override?.action.kind === 'minimum_episodes' ? override.action.episodes : value.minimumEpisodes;
  return { kind: 'facts', facts: judged(value, minimum), at, via, missing };
}

function judged({ credits, complete }: VoiceCast, minimum: number): ImdbCastFacts {
  return { credits: credits.filter((credit) => isCast(credit, minimum)), complete, skipped: false };
}

/** The people of IMDb's cast: found by IMDb id, never by name. */
export function imdbPeople(
  voice: ImdbVoice,
  { sheet }: StageSources,
): Stage<ImdbCastFacts, Omit<StoredPeople, 'profiles'>, CastContext> {
  return {
    name: 'people',
    source: voice.source,
    needs: [],
    applies: needsImdbId,
    before: readCastContext,
    fetch: (show, sources, context) => fetchImdbCast(voice, show, sources, sheet, context),
    async load(tx, _show, facts) {
      const [, rows] = await Promise.all([tx.query(LOCK_SHARED, ['core.people']), loadPeople(tx, facts.credits)]);
      const ids = rows.map((row) => row.id);
      return { rows, overrides: await loadOverrides(tx, 'people', ids) };
    },
    plan(facts, stored, _show, context): Plan {
      const people = facts.credits.map(({ person }) => person);
      const { rows, warnings } = planPeople(people, stored, context);
      const changes = tableChanges('core.people', ['id'], insertColumns(PEOPLE_TABLE, ['id', 'external_ids']), rows);
      return { changes, partial: [], warnings };
    },
  };
}

/** Cast rows from IMDb beside TMDb's: each keeps who states it (`spec/pipeline.md` 8.4). */
export function imdbCast(voice: ImdbVoice, { sheet }: StageSources): Stage<ImdbCastFacts, StoredCast, CastContext> {
  return {
    name: 'cast',
    source: voice.source,
    needs: [],
    applies: needsImdbId,
    before: readCastContext,
    fetch: (show, sources, context) => fetchImdbCast(voice, show, sources, sheet, context),
    load: (tx, show, facts) => loadCast(tx, show, facts.credits),
    plan: (facts, stored, show, context) => planCast(facts.credits, facts.complete, stored, show, context),
  };
}
