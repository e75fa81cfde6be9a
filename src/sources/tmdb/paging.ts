import { type Outcome, ok } from '../../platform/outcome.ts';

/** TMDb serves at most this many pages of anything ("Pages start at 1 and max at 500"). */
const MAX_PAGES = 500;

interface Page<T> {
  readonly items: readonly T[];
  readonly totalPages: number;
}

/** All items of a paged answer, or the first failure: half a list would look like a shorter list. */
export async function collectPages<T>(
  fetchPage: (page: number) => Promise<Outcome<Page<T>>>,
): Promise<Outcome<readonly T[]>> {
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const outcome = await fetchPage(page);
    if (outcome.kind !== 'ok') return outcome;
    items.push(...outcome.value.items);
    if (page >= Math.min(outcome.value.totalPages, MAX_PAGES)) return ok(items, outcome);
  }
}
