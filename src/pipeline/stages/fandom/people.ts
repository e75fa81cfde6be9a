import type { WikiConfig } from '../../../platform/config/wikis.ts';
import type { Row } from '../../../platform/db/statement.ts';
import type { Scope } from '../../../platform/db/types.ts';
import type { NotOk, Outcome } from '../../../platform/outcome.ts';
import type { WikiPersonFacts } from '../../../platform/wiki-facts.ts';
import type { FandomSource, PersonSearch } from '../../../sources/fandom/source.ts';
import type { ShowSources } from '../../show-sources.ts';
import type { ShowIdentity, StageFetch } from '../../stage.ts';
import type { StageLimits } from '../../stage-sources.ts';
import { CAST_PEOPLE } from './queries.ts';

export type CastPerson = Row<typeof CAST_PEOPLE>;

/** What a show's wiki says about its cast. */
export interface WikiCast {
  readonly found: readonly { readonly person: CastPerson; readonly facts: WikiPersonFacts }[];
  /** People whose page is not beyond doubt theirs, with what speaks for and against it; a person decides. */
  readonly doubtful: readonly string[];
}

export const FANDOM = { name: 'fandom', licence: 'cc-by-sa' } as const;

export function wikiOf(fandom: FandomSource, show: ShowIdentity): WikiConfig | null {
  return fandom.wikiOf({ imdbId: show.imdbId, tmdbId: show.tmdbId, names: [show.name] });
}

export function needsWiki(fandom: FandomSource): (show: ShowIdentity) => true | string {
  return (show) => (wikiOf(fandom, show) === null ? 'no wiki is configured for the show' : true);
}

export function castPeople(tx: Scope, show: ShowIdentity): Promise<CastPerson[]> {
  return tx.query(CAST_PEOPLE, [show.id]);
}

/** Whose page is asked for: everybody in the cast, or the first so many. */
export function chosen(people: readonly CastPerson[], limits: StageLimits | undefined): readonly CastPerson[] {
  return limits?.cast === undefined ? people : people.slice(0, limits.cast);
}

/** Looks for a person's page; asked once per job and revision, whichever stage asks. */
export function findOnWiki(
  fandom: FandomSource,
  wiki: WikiConfig,
  show: ShowIdentity,
  person: CastPerson,
  revision: string | null,
  sources: ShowSources,
): Promise<Outcome<PersonSearch>> {
  const settled = person.wiki === wiki.wiki && person.page_id !== null;
  const query = {
    names: [...new Set([person.full_name, ...(person.also_known_as ?? [])])],
    showNames: [...new Set([show.name, ...(person.show_names ?? [])])],
    birthDate: person.birthday,
    pageId: settled ? Number(person.page_id) : null,
    revisionId: settled && revision !== null ? Number(revision) : null,
  };
  return sources.shared(`fandom ${wiki.wiki} ${person.id} ${query.revisionId}`, (signal) =>
    fandom.findPerson(wiki, query, signal === undefined ? {} : { signal }),
  );
}

/** Asks about people one after the other, as a wiki wants it; a refusal ends it, everything else is about one person only. */
export async function askEach<T>(
  people: readonly CastPerson[],
  ask: (person: CastPerson) => Promise<Outcome<T>>,
): Promise<{
  readonly answers: readonly { readonly person: CastPerson; readonly outcome: Outcome<T> }[];
  readonly refused: NotOk | undefined;
}> {
  const answers: { person: CastPerson; outcome: Outcome<T> }[] = [];
  for (const person of people) {
    const outcome = await ask(person);
    if (outcome.kind === 'challenged' || outcome.kind === 'forbidden') return { answers, refused: outcome };
    answers.push({ person, outcome });
  }
  return { answers, refused: undefined };
}

/** Outcomes that are no gap: nothing new, or nobody of that name. */
const SETTLED = new Set(['ok', 'not_modified', 'not_found', 'gone', 'not_recorded']);

/** The wiki pages of a show's cast. Attached is only what is beyond doubt about the very person (`spec/sources-fandom.md` 10, 11). */
export async function fetchWikiCast(
  fandom: FandomSource,
  show: ShowIdentity,
  sources: ShowSources,
  people: readonly CastPerson[],
  limits: StageLimits | undefined,
): Promise<StageFetch<WikiCast>> {
  const wiki = wikiOf(fandom, show);
  if (wiki === null) return { kind: 'nothing', reason: 'no wiki is configured for the show' };
  const { answers, refused } = await askEach(chosen(people, limits), (person) =>
    findOnWiki(fandom, wiki, show, person, person.revision_id, sources),
  );
  const [first] = answers;
  if (refused !== undefined && answers.length === 0) return { kind: 'failed', reason: refused, source: FANDOM.name };
  if (first !== undefined && answers.every(({ outcome }) => outcome.kind === 'not_recorded')) {
    return { kind: 'nothing', reason: first.outcome.kind === 'not_recorded' ? first.outcome.detail : '' };
  }
  const confirmed = answers.flatMap(({ person, outcome }) =>
    outcome.kind === 'ok' && outcome.value.confirmed !== null ? [{ person, facts: outcome.value.confirmed }] : [],
  );
  const { found, shared } = onePersonPerPage(confirmed);
  const unsure = answers.flatMap(({ person, outcome }) => (outcome.kind === 'ok' ? doubts(person, outcome.value) : []));
  const doubtful = [...unsure, ...shared];
  const missing = answers.flatMap(({ person, outcome }) =>
    SETTLED.has(outcome.kind) ? [] : [`page of ${person.full_name}: ${outcome.kind}`],
  );
  if (refused !== undefined) missing.push(`fandom: ${refused.kind}`);
  const answered = answers.flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome] : []));
  const at = answered.reduce((latest, one) => (one.at > latest ? one.at : latest), answered[0]?.at ?? sources.now());
  return { kind: 'facts', facts: { found, doubtful }, at, via: answered[0]?.via ?? 'live', missing };
}

/**
 * Namesakes in one cast find the same page, and name and show speak for each of them. It is the one's it was settled on before, else the
 * one's who was born on the very day; else nobody's.
 */
function onePersonPerPage(confirmed: WikiCast['found']): { found: WikiCast['found']; shared: string[] } {
  const pages = Map.groupBy(
    confirmed,
    ({ facts }) => `${facts.origin.wiki}/${facts.origin.pageId ?? facts.origin.pageTitle}`,
  );
  const found: WikiCast['found'][number][] = [];
  const shared: string[] = [];
  for (const claims of pages.values()) {
    const settled = claims.filter(
      ({ person, facts }) => person.wiki === facts.origin.wiki && person.page_id === String(facts.origin.pageId),
    );
    const born = claims.filter(({ person, facts }) => person.birthday !== null && person.birthday === facts.birthDate);
    const [owner] = [settled, born, claims].filter((some) => some.length === 1).flat();
    if (owner !== undefined) found.push(owner);
    for (const { person, facts } of claims) {
      if (person === owner?.person) continue;
      shared.push(
        `review: "${facts.origin.pageTitle}" (${facts.origin.pageUrl}) may be ${person.full_name} (${person.id}): a namesake in the same cast`,
      );
    }
  }
  return { found, shared };
}

function doubts(person: CastPerson, { confirmed, candidates }: PersonSearch): string[] {
  if (confirmed !== null) return [];
  return candidates
    .filter(({ identity }) => identity.verdict === 'uncertain')
    .map(
      ({ person: page, identity }) =>
        `review: "${page.origin.pageTitle}" (${page.origin.pageUrl}) may be ${person.full_name} (${person.id}): ${identity.reasons.join(', ')}`,
    );
}
