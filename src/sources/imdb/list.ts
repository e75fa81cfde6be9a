import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import { mapOutcome, notOk, type Outcome } from '../../platform/outcome.ts';
import type { Ask } from './ask.ts';
import { isSeriesEntry, listItem } from './facts.ts';
import type { ImdbListEntry, ImdbListPage } from './parse/list-entry.ts';
import { listAnswerRequest, listRequest } from './requests.ts';
import type { ImdbList, ImdbRequestOptions } from './source.ts';

const MAX_PAGES = 25;

/**
 * A whole list (`spec/sources-imdb.md` 3.4): GraphQL by position, else the list's pages. One entry per id with its lowest rank (6.2, 20),
 * series only (19). Pages that end before the list does leave `items` missing.
 */
export async function readList(
  ask: Ask,
  id: string,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<ImdbList>> {
  const answers = await byPosition(ask, id, hashes, options);
  const outcome = answers.kind === 'ok' ? answers : await byPages(ask, id, options);
  // Of two failures the refusal says more than what happened after it.
  if (outcome.kind !== 'ok' && outcome.kind === 'not_recorded' && answers.kind !== 'ok') return answers;
  return mapOutcome(outcome, (entries) => {
    const distinct = lowestRanks(entries);
    const series = distinct.filter(isSeriesEntry);
    return { listId: id, items: series.map(listItem), otherTypes: distinct.length - series.length };
  });
}

/** Pages of 250 entries; fewer than the total in the end is a failure, not a shorter list. */
async function byPosition(
  ask: Ask,
  id: string,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<readonly ImdbListEntry[]>> {
  const entries: ImdbListEntry[] = [];
  let total: number | null = null;
  let seen = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const outcome: Outcome<ImdbListPage> = await ask(listAnswerRequest(id, seen + 1, hashes), options);
    if (outcome.kind !== 'ok') return outcome;
    total ??= outcome.value.total;
    seen += outcome.value.seen;
    entries.push(...outcome.value.entries);
    if (outcome.value.seen === 0 || (total !== null && seen >= total)) {
      return total !== null && seen < total ? incomplete(id, seen, total) : { ...outcome, value: entries };
    }
  }
  return incomplete(id, seen, total);
}

function incomplete(id: string, seen: number, total: number | null): ReturnType<typeof notOk> {
  return notOk('schema_changed', `imdb-web: list ${id}: incomplete pagination (${seen}/${total ?? 'unknown'})`);
}

/** The list's pages as a reader sees them: the next link, else the next number, until nothing new comes. */
async function byPages(ask: Ask, id: string, options?: ImdbRequestOptions): Promise<Outcome<readonly ImdbListEntry[]>> {
  const first = await ask(listRequest(id), options);
  if (first.kind !== 'ok') return first;
  const entries = [...first.value.entries];
  const ids = new Set(entries.map((entry) => entry.id));
  const asked = new Set([`/list/${id}/`]);
  let { total, nextPath } = first.value;
  let seen = first.value.seen;
  let short = false;
  for (let page = 2; page <= MAX_PAGES; page++) {
    const path: string = nextPath ?? `/list/${id}/?page=${page}`;
    const mayEnd = nextPath === null;
    if ((total !== null && seen >= total) || asked.has(path) || seen === 0) break;
    asked.add(path);
    const more: Outcome<ImdbListPage> = await ask(listRequest(id, path), options);
    if (more.kind !== 'ok') {
      // A page that was only guessed at may not exist; one that was linked, or that a total promises, does.
      short = !mayEnd || total !== null;
      break;
    }
    const fresh = more.value.entries.filter((entry) => !ids.has(entry.id));
    if (fresh.length === 0) break;
    for (const entry of fresh) ids.add(entry.id);
    entries.push(...fresh);
    seen += more.value.seen;
    total ??= more.value.total;
    nextPath = more.value.nextPath;
  }
  const missing = short || (total !== null && seen < total) ? ['items'] : [];
  return { ...first, value: entries, missing };
}

/** One entry per id, the one with the lowest rank, in list order. */
export function lowestRanks(entries: readonly ImdbListEntry[]): ImdbListEntry[] {
  const best = new Map<string, ImdbListEntry>();
  for (const entry of entries) {
    const known = best.get(entry.id);
    if (known === undefined || rankOf(entry) < rankOf(known)) best.set(entry.id, entry);
  }
  return [...best.values()];
}

function rankOf({ rank }: ImdbListEntry): number {
  return rank ?? Number.MAX_SAFE_INTEGER;
}
