import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { LIVE_WORKERS } from '../worker-queries.ts';
import { COUNT_UNITS, FAILURES, FIND_RUN, FIND_SHOW, LIST_RUNS, SHOW_STAGES, TROUBLED_UNITS } from './queries.ts';

export type RunRow = Row<typeof LIST_RUNS>;
export type TroubledUnit = Row<typeof TROUBLED_UNITS>;
export type Failure = Row<typeof FAILURES>;
export type ShowStage = Row<typeof SHOW_STAGES>;
export type LiveWorker = Row<typeof LIVE_WORKERS>;

export interface RunDetails {
  readonly run: Row<typeof FIND_RUN>;
  readonly units: readonly Row<typeof COUNT_UNITS>[];
  /** What failed, was partial, was skipped or waits, worst first. */
  readonly troubled: readonly TroubledUnit[];
}

export interface RunsPage {
  readonly limit: number;
  readonly status?: string;
  /** The last run of the page before. */
  readonly after?: { readonly time: string; readonly id: string };
}

/** The newest runs first. */
export async function listRuns(db: Database, { limit, status, after }: RunsPage): Promise<RunRow[]> {
  const values = [limit, after?.time ?? null, after?.id ?? null, status ?? null];
  return db.asService('runs list', (tx) => tx.query(LIST_RUNS, values));
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

/** What did not go well: any of these, all of them when none is named. */
export const TROUBLE = ['failed', 'partial', 'skipped', 'pending'] as const;

export interface FailureFilter {
  readonly statuses: readonly string[];
  readonly runId: string | null;
  readonly stage: string | null;
  readonly showId: string | null;
  readonly upstream: string | null;
  readonly httpStatus: number | null;
  /** At least so many tries. */
  readonly attempt: number | null;
  readonly kind: string | null;
  /** The last failure of the page before. */
  readonly after?: { readonly time: string; readonly key: string };
  readonly limit: number;
}

export async function listFailures(db: Database, filter: FailureFilter): Promise<Failure[]> {
  const { statuses, runId, stage, showId, upstream, httpStatus, attempt, kind, after, limit } = filter;
  const place = [after?.time ?? null, after?.key ?? null];
  const values = [statuses, runId, stage, showId, upstream, httpStatus, attempt, kind, ...place, limit];
  return db.asService('failures list', (tx) => tx.query(FAILURES, values));
}

/** Where a page of failures ended. */
export function failureKey(failure: Failure): string {
  return `${failure.run_id}${failure.stage}${failure.subject}`;
}

/** A show's stages with their last success; `ambiguous` when the text names several shows, undefined when none. */
export async function showStages(
  db: Database,
  show: string,
  stage: string | null,
): Promise<{ readonly id: string; readonly name: string; readonly stages: ShowStage[] } | 'ambiguous' | undefined> {
  return db.asService('stages show', async (tx) => {
    const [found, other] = await tx.query(FIND_SHOW, [show.trim()]);
    if (found === undefined) return undefined;
    if (other !== undefined) return 'ambiguous';
    return { ...found, stages: await tx.query(SHOW_STAGES, [found.id, stage]) };
  });
}

/** Workers heard of in the last 30 s that have these stages. */
export async function liveWorkers(db: Database, stages: readonly string[] = []): Promise<LiveWorker[]> {
  return db.asService('workers list', (tx) => tx.query(LIVE_WORKERS, [stages]));
}
