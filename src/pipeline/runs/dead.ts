import type { Database } from '../../platform/db/types.ts';
import { APPEND_EVENT, GIVE_UP, RECORD_SHOW } from './queries.ts';

/** `run_units.error_kind` of a job that was given up: the dead letters. */
export const GIVEN_UP = 'given_up';

/**
 * Records the jobs of a run that were given up because every worker that took them was lost, or their code broke each time: each is a
 * failed unit of the stage `job`, and its show is abandoned.
 */
export async function abandonDead(
  db: Database,
  runId: string,
  dead: readonly { readonly subject: string; readonly showId: string | null }[],
): Promise<void> {
  for (const { subject, showId } of dead) {
    await db.asService('job given up', async (tx) => {
      const detail = 'every worker that took this show was lost or broke over it; see their logs, then resume the run';
      await tx.query(GIVE_UP, [runId, subject, showId, GIVEN_UP, detail]);
      await tx.query(RECORD_SHOW, [runId, subject, showId, 'abandoned']);
      await tx.query(APPEND_EVENT, [
        runId,
        'unit',
        { stage: 'job', subject, status: 'failed', error: `${GIVEN_UP}: ${detail}` },
      ]);
    });
  }
}
