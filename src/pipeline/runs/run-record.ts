import { setInterval as every } from 'node:timers';
import type { Database } from '../../platform/db/types.ts';
import type { OwnerLink } from '../link.ts';
import { dropQueues } from '../queue.ts';
import { isDead, thisProcess } from './owner.ts';
import { FINISH_RUN, HEARTBEAT, INSERT_RUN, INTERRUPT_RUNS, OPEN_RUNS } from './queries.ts';
import type { RunSummary } from './summary.ts';

export interface RunRequest {
  /** `sync` or `import`. */
  readonly command: string;
  readonly who: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly codeVersion: string;
}

const HEARTBEAT_MS = 5_000;

/** Marks the runs whose process is gone as interrupted and removes their queues; their finished units stay. */
export async function sweepDeadRuns(db: Database, link: OwnerLink): Promise<string[]> {
  const here = thisProcess();
  const dead = await db.asService('run sweep', async (tx) => {
    const open = await tx.query(OPEN_RUNS);
    const ids = open
      .filter((run) =>
        isDead({ host: run.owner_host, pid: run.owner_pid, boot: run.owner_boot }, run.silent ?? true, here),
      )
      .map((run) => run.id);
    return ids.length === 0 ? [] : (await tx.query(INTERRUPT_RUNS, [ids])).map((run) => run.id);
  });
  await dropQueues(link, dead);
  return dead;
}

export async function beginRun(db: Database, runId: string, request: RunRequest): Promise<void> {
  const owner = thisProcess();
  await db.asService('run begin', (tx) =>
    tx.query(INSERT_RUN, [
      runId,
      request.who,
      request.command,
      JSON.stringify(request.params),
      request.codeVersion,
      owner.host,
      owner.pid,
      owner.boot,
    ]),
  );
}

export async function endRun(db: Database, runId: string, summary: RunSummary, error: string | null): Promise<void> {
  const { shows, units, stages, tables } = summary;
  await db.asService('run end', (tx) =>
    tx.query(FINISH_RUN, [
      runId,
      summary.status,
      JSON.stringify({ shows, units, stages, tables }),
      JSON.stringify(summary.requests),
      error,
    ]),
  );
}

/** Says every 5 s that the run is alive; calls `onCancel` when somebody asked to end it. Returns how to stop. */
export function keepAlive(db: Database, runId: string, beat: () => Promise<void>, onCancel: () => void): () => void {
  let busy = false;
  const timer = every(async () => {
    if (busy) return;
    busy = true;
    try {
      const row = await db.asService('run heartbeat', (tx) => tx.one(HEARTBEAT, [runId]));
      if (row?.cancel_requested_at != null) onCancel();
      await beat();
    } catch {
      // A lost database shows in the next unit; missing heartbeats only make the run look dead, which it then is.
    } finally {
      busy = false;
    }
  }, HEARTBEAT_MS);
  return () => clearInterval(timer);
}
