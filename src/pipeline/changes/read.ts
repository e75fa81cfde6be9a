import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { CHANGES_OF_RUN } from './queries.ts';

export type RunChange = Row<typeof CHANGES_OF_RUN>;

const PAGE = 500;

/** What a run changed, page by page. */
export async function* runChanges(
  db: Database,
  runId: string,
  wanted: { readonly showId: string | null; readonly stage: string | null; readonly limit: number },
): AsyncGenerator<RunChange[]> {
  let after = '-1';
  for (let left = wanted.limit; left > 0; ) {
    const values = [runId, after, wanted.showId, wanted.stage, Math.min(PAGE, left)];
    const page = await db.asService('run diff', (tx) => tx.query(CHANGES_OF_RUN, values));
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? after;
    left -= page.length;
  }
}
