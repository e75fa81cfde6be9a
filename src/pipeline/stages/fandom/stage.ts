import { WIKI_RULES, wikiValues } from '../../../catalogue/people/wiki.ts';
import type { Row } from '../../../platform/db/statement.ts';
import { together } from '../../../platform/db/together.ts';
import type { FandomSource } from '../../../sources/fandom/source.ts';
import type { Plan } from '../../plan.ts';
import type { Stage } from '../../stage.ts';
import type { StageLimits } from '../../stage-sources.ts';
import { insertColumns, planRow, type TableRules, tableChanges } from '../rows.ts';
import { type CastPerson, castPeople, FANDOM, fetchWikiCast, needsWiki, type WikiCast } from './people.ts';
import { PAGE_OWNERS, WIKI_PROFILES } from './queries.ts';

const PROFILES: TableRules = { table: 'core.cast_fandom', rules: WIKI_RULES, fetchedAt: 'scraped_at', retires: false };

interface StoredProfiles {
  readonly rows: readonly Row<typeof WIKI_PROFILES>[];
  readonly owners: readonly Row<typeof PAGE_OWNERS>[];
}

/** What Fandom's wikis say about a show's cast; uncertain identities are told, not stored. */
export function fandomStage(
  fandom: FandomSource | undefined,
  limits: StageLimits | undefined,
): Stage<WikiCast, StoredProfiles, readonly CastPerson[]> {
  const base = { name: 'fandom', source: FANDOM, needs: ['cast'] } as const;
  if (fandom === undefined) {
    return {
      ...base,
      applies: () => 'fandom is off',
      fetch: async () => ({ kind: 'nothing', reason: 'fandom is off' }),
      load: async () => ({ rows: [], owners: [] }),
      plan: () => ({ changes: [], partial: [], warnings: [] }),
    };
  }
  return {
    ...base,
    applies: needsWiki(fandom),
    before: castPeople,
    fetch: (show, sources, people) => fetchWikiCast(fandom, show, sources, people ?? [], limits),
    async load(tx, _show, facts) {
      const pages = facts.found.flatMap(({ facts: { origin } }) => origin.pageId ?? []);
      const wiki = facts.found[0]?.facts.origin.wiki ?? '';
      return together({
        rows: tx.query(WIKI_PROFILES, [facts.found.map(({ person }) => person.id)]),
        owners: tx.query(PAGE_OWNERS, [wiki, pages]),
      });
    },
    plan(facts, stored, _show, context): Plan {
      const warnings = [...facts.doubtful];
      const rows = facts.found.flatMap(({ person, facts: page }) => {
        const row = stored.rows.find((one) => one.person_id === person.id) ?? null;
        const owner = stored.owners.find(
          (one) => one.page_id === String(page.origin.pageId) && one.person_id !== person.id,
        );
        if (owner !== undefined) {
          warnings.push(
            `review: "${page.origin.pageTitle}" (${page.origin.pageUrl}) is ${owner.full_name}'s (${owner.person_id}); it may be ${person.full_name} (${person.id}) instead`,
          );
          return [];
        }
        if (row !== null && row.wiki !== null && row.wiki !== page.origin.wiki) {
          warnings.push(
            `${person.full_name} is known from ${row.wiki}; their page on ${page.origin.wiki} was left out`,
          );
          return [];
        }
        const fixed = { id: row?.id ?? context.newId(), person_id: person.id, source: 'fandom' };
        const said = { ...context, source: { ...context.source, licence: page.origin.licence } };
        return [planRow(PROFILES, { stored: row, fixed, incoming: wikiValues(page) }, said)];
      });
      const columns = insertColumns(PROFILES, ['id', 'person_id', 'source']);
      return { changes: tableChanges(PROFILES.table, ['id'], columns, rows), partial: [], warnings };
    },
  };
}
