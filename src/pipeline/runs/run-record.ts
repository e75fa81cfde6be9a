import { setInterval as every } from 'node:timers';
import type { Database } from '../../platform/db/types.ts';
import type { JobQueues } from '../queue.ts';
import { numberLeftEvents } from './numbering.ts';
import { isDead, thisProcess } from './owner.ts';
import {
  ADD_REQUESTS,
  APPEND_EVENT,
  FINISH_RUN,
  HEARTBEAT,
  INSERT_RUN,
  INTERRUPT_RUNS,
  OPEN_RUNS,
  PLANNED,
  QUEUE_RUN,
} from './queries.ts';
import type { RunStatus, RunSummary } from './summary.ts';
import { tally } from './tally.ts';

export interface RunRequest {
  /** `sync` or `import`. */
  readonly command: string;
  readonly who: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly codeVersion: string;
}

/** How often a process says that it is alive and asks whether somebody wants it to stop. */
const HEARTBEAT_MS = 2_000;

/** Marks the runs whose process is gone as interrupted and removes their queues; their finished units stay, and their events get numbers. */
export async function sweepDeadRuns(db: Database, queues: JobQueues): Promise<string[]> {
  const here = thisProcess();
  const dead = await db.asService('run sweep', async (tx) => {
    const open = await tx.query(OPEN_RUNS);
    const ids = open
      .filter((run) =>
        isDead({ host: run.owner_host, pid: run.owner_pid, boot: run.owner_boot }, run.silent ?? true, here),
      )
      .map((run) => run.id);
    const interrupted = ids.length === 0 ? [] : (await tx.query(INTERRUPT_RUNS, [ids])).map((run) => run.id);
    for (const id of interrupted) await tx.query(APPEND_EVENT, [id, 'finished', { status: 'interrupted' }]);
    return interrupted;
  });
  await queues.drop(dead);
  await numberLeftEvents(db);
  return dead;
}

/** Records a run that this process carries out, from now on. */
export async function beginRun(db: Database, runId: string, request: RunRequest): Promise<void> {
  const owner = thisProcess();
  await db.asService('run begin', async (tx) => {
    await tx.query(INSERT_RUN, [
      runId,
      request.who,
      request.command,
      JSON.stringify(request.params),
      request.codeVersion,
      owner.host,
      owner.pid,
      owner.boot,
    ]);
    await tx.query(APPEND_EVENT, [runId, 'started', { by: 'process' }]);
  });
}

export interface QueuedRun extends RunRequest {
  readonly priority: number;
  /** Not begun before that run has ended. */
  readonly after: string | null;
  readonly schedule: string | null;
}

/** Records a run for the workers. */
export function queueRun(db: Database, runId: string, run: QueuedRun): Promise<void> {
  return db.asService('run queue', async (tx) => {
    await tx.query(QUEUE_RUN, queueValues(runId, run));
    await tx.query(APPEND_EVENT, [runId, 'queued', { who: run.who }]);
  });
}

export function queueValues(runId: string, run: QueuedRun): unknown[] {
  const { who, command, params, codeVersion, priority, after, schedule } = run;
  return [runId, who, command, JSON.stringify(params), codeVersion, priority, after, schedule];
}

/** All shows of a run are in its queue. @param total shows it is about, with those it was through with before */
export async function recordPlan(db: Database, runId: string, summary: RunSummary, total: number): Promise<void> {
  const { shows, warnings, selection } = summary;
  shows.total = total;
  await db.asService('run planned', async (tx) => {
    await tx.query(PLANNED, [runId, total, warnings]);
    await tx.query(APPEND_EVENT, [runId, 'planned', { shows: total, selection }]);
  });
}

/**
 * Ends a run with the status its record gives it, or with `status`. Answers what it did; undefined when somebody else has ended it.
 */
export async function finishRun(
  db: Database,
  runId: string,
  end: { readonly status?: RunStatus; readonly error?: string | null } = {},
): Promise<RunSummary | undefined> {
  return db.asService('run end', async (tx) => {
    const summary = await tally(tx, runId);
    if (summary === undefined) return undefined;
    summary.status = end.status ?? summary.status;
    const { shows, units, stages, tables } = summary;
    const counts = JSON.stringify({ shows, units, stages, tables });
    const ended = await tx.one(FINISH_RUN, [runId, summary.status, counts, end.error ?? null]);
    if (ended === undefined) return undefined;
    await tx.query(APPEND_EVENT, [runId, 'finished', { status: summary.status, shows, units }]);
    return summary;
  });
}

export interface Beat {
  /** Requests sent since the last beat, by host. */
  requests(): Readonly<Record<string, number>>;
  /** Something to do with each beat. */
  also(): Promise<void>;
  /** Somebody asked to end the run. */
  onCancel(): void;
}

/** Says that the run is alive and what it asked for, until stopped; stopping says it once more. */
export function keepAlive(db: Database, runId: string, beat: Beat): () => Promise<void> {
  let unsaid: Record<string, number> = {};
  const say = async (): Promise<void> => {
    unsaid = sum(unsaid, beat.requests());
    const row = await db.asService('run heartbeat', async (tx) => {
      if (Object.keys(unsaid).length > 0) await tx.query(ADD_REQUESTS, [runId, JSON.stringify(unsaid)]);
      return tx.one(HEARTBEAT, [runId]);
    });
    unsaid = {};
    if (row?.cancel_requested_at != null) beat.onCancel();
    await beat.also();
  };
  let last: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = every(() => {
    if (busy) return;
    busy = true;
    // A lost database shows in the next unit; missing heartbeats only make the run look dead, which it then is.
    last = say()
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, HEARTBEAT_MS);
  return async () => {
    clearInterval(timer);
    await last;
    await say().catch(() => undefined);
  };
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const total: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + count;
  return total;
}
