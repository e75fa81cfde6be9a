import type { Database, Scope } from '../../platform/db/types.ts';
import { thisProcess } from './owner.ts';
import { APPEND_EVENT, REQUEST_CANCEL, RESUME_RUN, WAIT_AGAIN } from './queries.ts';

/** Thrown when a run cannot be taken up again; one line for a person. */
export class CannotResume extends Error {
  override readonly name = 'CannotResume';
}

/** Takes up, in this process, a run that has ended before it was through. @throws CannotResume */
export async function takeUpHere(db: Database, runId: string): Promise<void> {
  const { host, pid, boot } = thisProcess();
  const done = await db.asService('run resume', (tx) => takeUp(tx, runId, ['process', 'running', host, pid, boot]));
  if (!done) throw new CannotResume(`run ${runId} is not one that can be resumed: it is at work, complete or unknown`);
}

/** Gives such a run back to the workers; false when it is at work, complete or unknown. */
export function takeUpByWorkers(tx: Scope, runId: string): Promise<boolean> {
  return takeUp(tx, runId, ['workers', 'queued', null, null, null]);
}

/** What failed, was partial or skipped is to be done again; what succeeded is not. */
async function takeUp(tx: Scope, runId: string, values: readonly unknown[]): Promise<boolean> {
  const taken = await tx.one(RESUME_RUN, [runId, ...values]);
  if (taken === undefined) return false;
  await tx.query(WAIT_AGAIN, [runId]);
  await tx.query(APPEND_EVENT, [runId, 'resumed', {}]);
  return true;
}

/**
 * Asks whoever works on a run to stop. One that nobody has begun ends at once.
 * @returns the run's status now; undefined when there is no such run
 */
export async function requestCancel(tx: Scope, runId: string): Promise<string | undefined> {
  const row = await tx.one(REQUEST_CANCEL, [runId]);
  if (row === undefined) return undefined;
  if (row.asked) await tx.query(APPEND_EVENT, [runId, 'cancel_requested', {}]);
  if (row.ended) await tx.query(APPEND_EVENT, [runId, 'finished', { status: 'cancelled' }]);
  return row.status;
}
