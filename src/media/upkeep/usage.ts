import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { USAGE, USAGE_STATES, USAGE_TOTALS } from './queries.ts';

/** What is stored and what is not, and why (V1, V4). */
export interface Usage {
  readonly images: Row<typeof USAGE>[];
  readonly totals: Row<typeof USAGE_TOTALS>;
  readonly states: Row<typeof USAGE_STATES>[];
}

export async function usage(db: Database): Promise<Usage> {
  return db.asService('media usage', async (tx) => {
    const totals = await tx.one(USAGE_TOTALS);
    if (totals === undefined) throw new Error('a select without from gave no row');
    return { images: await tx.query(USAGE), totals, states: await tx.query(USAGE_STATES) };
  });
}
