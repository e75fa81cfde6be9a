import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { COUNT_UNITS, FIND_RUN, LIST_RUNS, TROUBLED_UNITS } from './queries.ts';

export type RunRow = Row<typeof LIST_RUNS>;
export type TroubledUnit = Row<typeof TROUBLED_UNITS>;

export interface RunDetails {
  readonly run: Row<typeof FIND_RUN>;
  readonly units: readonly Row<typeof COUNT_UNITS>[];
  /** What failed, was partial or was skipped, worst first. */
  readonly troubled: readonly TroubledUnit[];
}

/** The newest runs first. */
export async function listRuns(db: Database, limit: number): Promise<RunRow[]> {
  return db.asService('runs list', (tx) => tx.query(LIST_RUNS, [limit]));
}

/**
 * One run by its id, the beginning of it, or (empty) the newest.
 * @returns `ambiguous` when several runs begin so, undefined when none does
 */
export async function showRun(db: Database, id: string, limit: number): Promise<RunDetails | 'ambiguous' | undefined> {
  return db.asService('runs show', async (tx) => {
    const [run, other] = await tx.query(FIND_RUN, [id.toLowerCase()]);
    if (run === undefined) return undefined;
    if (other !== undefined && id !== '') return 'ambiguous';
    return {
      run,
      units: await tx.query(COUNT_UNITS, [run.id]),
      troubled: await tx.query(TROUBLED_UNITS, [run.id, limit]),
    };
  });
}
