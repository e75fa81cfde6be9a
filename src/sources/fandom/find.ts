import { type NotOk, notOk, type Ok, type Outcome, ok } from '../../platform/outcome.ts';
import type { WikiPersonFacts } from '../../platform/wiki-facts.ts';
import type { Answer } from './ask.ts';
import { personFacts } from './facts.ts';
import { identityOf } from './identity.ts';
import { pageTitle, sameName, splitTitle } from './names.ts';
import type { SearchHit } from './parse/api.ts';
import type { PersonPage } from './parse/person.ts';
import type { PageKey } from './requests.ts';
import type { PageRevision, PersonFound, PersonQuery, PersonSearch } from './source.ts';

/** Pages of that name looked at before a search, and hits of it. */
const MAX_PAGES = 6;

/** What finding a person asks of a wiki. */
export interface PersonCalls {
  page(key: PageKey): Promise<Answer<PersonPage>>;
  /** Adds the records of the pictures' files; asked only for the page settled on. */
  withFiles(asked: string, page: Outcome<PersonPage>): Promise<Outcome<WikiPersonFacts>>;
  revisions(pageIds: readonly number[]): Promise<Outcome<readonly PageRevision[]>>;
  search(name: string): Promise<Outcome<readonly SearchHit[]>>;
}

interface State {
  readonly candidates: PersonFound[];
  readonly asked: Set<string>;
  /** Titles still to ask for. */
  readonly titles: string[];
  confirmed: { readonly page: Ok<PersonPage>; readonly title: string } | null;
  last: Ok<unknown> | null;
  /** A page of that name in a form we do not know: not the same as no page. */
  unreadable: NotOk | null;
}

/** See `FandomSource.findPerson`. A wiki that does not answer ends the search: half a search settles nothing. */
export async function findPerson(calls: PersonCalls, wiki: string, query: PersonQuery): Promise<Outcome<PersonSearch>> {
  const state: State = { candidates: [], asked: new Set(), titles: [], confirmed: null, last: null, unreadable: null };
  const pageId = query.pageId ?? null;
  if (pageId !== null) {
    const settled = await askKnown(calls, wiki, query, pageId, state);
    if (settled !== null) return settled;
  }
  if (state.candidates.length === 0) {
    state.titles.push(...query.names.map(pageTitle));
    const stopped = (await askTitles(calls, wiki, query, state)) ?? (await searchOn(calls, wiki, query, state));
    if (stopped !== null) return stopped;
  }
  return conclude(calls, wiki, query, state);
}

/** The page settled on before: unchanged, gone (then the name is looked for), or read again. */
async function askKnown(calls: PersonCalls, wiki: string, query: PersonQuery, pageId: number, state: State) {
  const revisions = await calls.revisions([pageId]);
  if (revisions.kind !== 'ok') return revisions;
  const current = revisions.value.find((revision) => revision.pageId === pageId);
  if (current === undefined) return null;
  if (current.revisionId === query.revisionId) {
    return notOk('not_modified', `fandom: ${wiki}: "${current.title}" is still at revision ${current.revisionId}`);
  }
  return judge(await calls.page({ pageId }), wiki, current.title, query, state);
}

/** Pages by title, first confirmed one wins; titles of disambiguation pages and redirects join the queue. */
async function askTitles(calls: PersonCalls, wiki: string, query: PersonQuery, state: State): Promise<NotOk | null> {
  while (state.titles.length > 0 && state.confirmed === null && state.asked.size < MAX_PAGES) {
    const title = state.titles.shift() ?? '';
    if (title === '' || state.asked.has(title)) continue;
    state.asked.add(title);
    const stopped = judge(await calls.page({ title }), wiki, title, query, state);
    if (stopped !== null) return stopped;
  }
  return null;
}

/** Hits must bear the person's name: the first hit is not believed unseen (weakness 10). */
async function searchOn(calls: PersonCalls, wiki: string, query: PersonQuery, state: State): Promise<NotOk | null> {
  const [name] = query.names;
  if (state.confirmed !== null || name === undefined) return null;
  const hits = await calls.search(name);
  if (hits.kind !== 'ok') return hits;
  state.last = hits;
  state.titles.push(...hits.value.map(({ title }) => title).filter((title) => bears(query.names, title)));
  return askTitles(calls, wiki, query, state);
}

/** Notes what a page is; returns an outcome only when it ends the search. */
function judge(
  answer: Answer<PersonPage>,
  wiki: string,
  title: string,
  query: PersonQuery,
  state: State,
): NotOk | null {
  const { outcome, notRead } = answer;
  if (outcome.kind === 'ok') {
    state.last = outcome;
    const person = personFacts(wiki, title, outcome.value, new Map());
    if (state.candidates.some((known) => known.person.origin.pageTitle === person.origin.pageTitle)) return null;
    const identity = identityOf(person, query);
    state.candidates.push({ person, identity });
    if (identity.verdict === 'confirmed') state.confirmed = { page: outcome, title };
    return null;
  }
  if (notRead === null)
    return outcome.kind === 'not_found' || outcome.kind === 'gone' ? null : unlessForeign(outcome, state);
  if (notRead.reason === 'redirect') state.titles.unshift(...notRead.links);
  else if (notRead.reason === 'disambiguation')
    state.titles.unshift(...notRead.links.filter((link) => bears(query.names, link)));
  else if (notRead.reason === 'layout') state.unreadable = outcome;
  else if (outcome.kind !== 'not_found' && notRead.reason !== 'other_kind') return outcome;
  return null;
}

/** A page that turned out to be another one is one page less, not a refusal. */
function unlessForeign(outcome: NotOk, state: State): NotOk | null {
  if (outcome.kind !== 'schema_changed') return outcome;
  state.unreadable = outcome;
  return null;
}

function bears(names: readonly string[], title: string): boolean {
  return names.some((name) => sameName(name, splitTitle(title).name));
}

async function conclude(
  calls: PersonCalls,
  wiki: string,
  query: PersonQuery,
  state: State,
): Promise<Outcome<PersonSearch>> {
  const { candidates, confirmed, last, unreadable } = state;
  if (confirmed !== null) {
    const whole = await calls.withFiles(confirmed.title, confirmed.page);
    if (whole.kind !== 'ok') return whole;
    return ok({ confirmed: whole.value, candidates }, whole);
  }
  if (candidates.length > 0 && last !== null)
    return ok({ confirmed: null, candidates }, { at: last.at, via: last.via });
  return unreadable ?? notOk('not_found', `fandom: ${wiki} has no page that bears the name "${query.names[0] ?? ''}"`);
}
