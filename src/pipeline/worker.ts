import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseUnavailable } from '../platform/db/errors.ts';
import type { Row } from '../platform/db/statement.ts';
import { OwnerLink } from './link.ts';
import { JobQueues, JobTakenOver, type RunQueue } from './queue.ts';
import { requestsSince, systemClock } from './runner.ts';
import { abandonDead } from './runs/dead.ts';
import { numberEvents } from './runs/numbering.ts';
import type { Order } from './runs/order.ts';
import { readOrder, withWork } from './runs/order-work.ts';
import { APPEND_EVENT, START_RUN } from './runs/queries.ts';
import { finishRun, keepAlive, recordPlan, sweepDeadRuns } from './runs/run-record.ts';
import { countNewTables } from './runs/statistics.ts';
import { newSummary, type RunSummary } from './runs/summary.ts';
import { serveTimetable, type Timetable } from './schedule.ts';
import {
  type Drained,
  drain,
  equipped,
  type HeldJob,
  type JobMemory,
  type Reporter,
  type RunDependencies,
  type RunInProgress,
  type Work,
} from './work.ts';
import { MORE_URGENT, OPEN_FOR_WORKERS, REGISTER_WORKER, REMOVE_WORKER } from './worker-queries.ts';

export interface WorkerOptions {
  /** Random; what the record calls it. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly codeVersion: string;
  /** Shows at work at once. */
  readonly concurrency: number;
  /** Runs with other stages are left to other workers; `lists` stands for imports. */
  readonly stages: readonly string[];
  /** End when no run is waiting. */
  readonly once: boolean;
  readonly timetable: Timetable;
  /** Stop: units at work get 10 s, what is not finished goes back to the queue. */
  readonly signal: AbortSignal;
  readonly reporter: WorkerReporter;
}

export interface WorkerReporter extends Reporter {
  /** The worker has begun to work on a run, or has ended one. */
  run?(id: string, what: 'joined' | 'ended', summary: RunSummary | undefined): void;
}

/** Jobs that were in hand when the database went away; they go back when it returns. */
export type Orphans = Map<string, HeldJob[]>;

type OpenRun = Row<typeof OPEN_FOR_WORKERS>;

const POLL_MS = 1_000;
/** How often the timetable is looked at and dead runs are looked for. */
const CHORES_MS = 10_000;
const WORKER_BEAT_MS = 5_000;
/** A run that was cancelled ends after this long even if a worker does not let go of a show. */
const CANCEL_PATIENCE_MS = 12_000;

/**
 * Works on the runs that wait for workers, the most urgent first, until the signal, the loss of the database, or (`once`) until nothing
 * is left. Any number of workers may do so at once: shows are taken from a run's queue one by one, each is leased to whoever works on it,
 * and what a lost worker held is taken over after 15 s of silence.
 * @throws DatabaseUnavailable
 */
export async function runWorker(deps: RunDependencies, options: WorkerOptions, orphans: Orphans): Promise<void> {
  await OwnerLink.with(deps.ownerUrl, async (link) => {
    const queues = await JobQueues.open(link);
    deps.onLink?.(link);
    const worker = new Worker(deps, options, orphans, link, queues);
    try {
      await worker.work();
    } finally {
      deps.onLink?.(null);
      await worker.close();
    }
    if (link.lost.aborted && !options.signal.aborted) {
      throw new DatabaseUnavailable('unreachable', 'the connection to the database was lost', 'it is tried again');
    }
  });
}

class Worker {
  readonly #deps: RunDependencies;
  readonly #options: WorkerOptions;
  readonly #orphans: Orphans;
  readonly #link: OwnerLink;
  readonly #queues: JobQueues;
  readonly #signal: AbortSignal;
  readonly #beat: NodeJS.Timeout;
  #runId: string | null = null;
  #choresAt = 0;
  #equipped: { readonly runId: string; readonly deps: RunDependencies } | undefined;

  constructor(deps: RunDependencies, options: WorkerOptions, orphans: Orphans, link: OwnerLink, queues: JobQueues) {
    this.#deps = deps;
    this.#options = options;
    this.#orphans = orphans;
    this.#link = link;
    this.#queues = queues;
    this.#signal = AbortSignal.any([options.signal, link.lost]);
    // A lost database ends the worker's loop anyway.
    this.#beat = setInterval(() => void this.#register().catch(() => undefined), WORKER_BEAT_MS);
  }

  async work(): Promise<void> {
    await this.#register();
    await this.#returnOrphans();
    while (!this.#signal.aborted) {
      await this.#chores();
      const runs = await this.#deps.db.asService('worker looks', (tx) =>
        tx.query(OPEN_FOR_WORKERS, [this.#options.stages]),
      );
      let worked = false;
      for (const run of runs) {
        worked = await this.#workOn(run);
        // From the top again: a more urgent run may have come.
        if (worked || this.#signal.aborted) break;
      }
      if (worked) continue;
      if (this.#options.once && runs.length === 0) return;
      await pause(POLL_MS, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    await this.#deps.db
      .asService('worker leaves', (tx) => tx.query(REMOVE_WORKER, [this.#options.id]))
      .catch(() => undefined);
    await this.#queues.close().catch(() => undefined);
  }

  async #register(): Promise<void> {
    const { id, host, pid, codeVersion, stages, concurrency } = this.#options;
    await this.#deps.db.asService('worker beat', (tx) =>
      tx.query(REGISTER_WORKER, [id, host, pid, codeVersion, stages, concurrency, this.#runId]),
    );
  }

  async #chores(): Promise<void> {
    if (performance.now() < this.#choresAt) return;
    this.#choresAt = performance.now() + CHORES_MS;
    await sweepDeadRuns(this.#deps.db, this.#queues);
    const now = (this.#deps.clock ?? systemClock).now();
    await serveTimetable(this.#deps.db, this.#options.timetable, now, this.#options.codeVersion);
  }

  /** Jobs whose handler was cut off by a lost database go back first, before their silence would free them. */
  async #returnOrphans(): Promise<void> {
    for (const [runId, jobs] of this.#orphans) {
      const queue = await this.#queues.of<object>(runId);
      await this.#giveBack(runId, queue, new Set(jobs));
      this.#orphans.delete(runId);
    }
  }

  /** True when there was something to do. */
  async #workOn(row: OpenRun): Promise<boolean> {
    const order = readOrder(row.command, row.params);
    // Made by a newer version, say: somebody else's.
    if (order === undefined) return false;
    if (row.cancel_requested_at !== null) return this.#endCancelled(row);
    if (row.status === 'queued') {
      const started = await this.#deps.db.asService('run start', async (tx) => {
        const mine = await tx.one(START_RUN, [row.id]);
        if (mine !== undefined) await tx.query(APPEND_EVENT, [row.id, 'started', { by: this.#options.id }]);
        return mine !== undefined;
      });
      if (!started) return true;
    }
    this.#runId = row.id;
    try {
      const deps = await this.#equippedFor(row.id, order);
      return await withWork(order, (work) => this.#carryOut(row, deps, work));
    } finally {
      this.#runId = null;
    }
  }

  /** A run is looked at many times before it ends: what it needs is made once. */
  async #equippedFor(runId: string, order: Order): Promise<RunDependencies> {
    if (this.#equipped?.runId !== runId) this.#equipped = { runId, deps: await equipped(this.#deps, order) };
    return this.#equipped.deps;
  }

  async #carryOut<T extends JobMemory & object>(row: OpenRun, deps: RunDependencies, work: Work<T>): Promise<boolean> {
    const queue = await this.#queues.of<T>(row.id);
    const cancel = new AbortController();
    const numbering = numberEvents(deps.db, row.id, (line) => this.#options.reporter.note?.(line));
    const run: RunInProgress = {
      id: row.id,
      deps,
      clock: deps.clock ?? systemClock,
      link: this.#link,
      signal: AbortSignal.any([this.#signal, cancel.signal]),
      summary: newSummary(row.id),
      reporter: this.#options.reporter,
      numbering,
      resumed: true,
    };
    const held = new Set<HeldJob>();
    let urgent = false;
    let taken = 0;
    const stop = keepAlive(deps.db, row.id, {
      requests: requestsSince(deps),
      onCancel: () => cancel.abort(),
      also: async () => {
        await queue.touch([...held] as never);
        await queue.takeBack();
        await countNewTables(this.#link);
        urgent = await this.#moreUrgentThan(row.priority);
      },
    });
    let drained: Drained = 'stopped';
    try {
      if (row.planned_at === null) await this.#plan(run, queue, work);
      this.#options.reporter.run?.(row.id, 'joined', run.summary);
      drained = await drain(
        run,
        queue,
        work,
        {
          concurrency: this.#options.concurrency,
          stay: false,
          leave: () => urgent,
          onTaken: (count) => {
            taken += count;
          },
          onBroken: (job, error) => this.#broken(queue, job, error, held),
        },
        held,
      );
    } finally {
      await stop();
      await this.#giveBack(row.id, queue, held);
      await numbering.close();
    }
    if (drained === 'idle') await queue.takeBack();
    if (drained === 'finished') return (await this.#end(run, queue, work)) || taken > 0;
    return taken > 0 || drained === 'left';
  }

  /** Fills the queue, unless another worker is at it. One that dies over it leaves the run to be planned again. */
  async #plan<T extends JobMemory & object>(run: RunInProgress, queue: RunQueue<T>, work: Work<T>): Promise<void> {
    const name = `plan:${run.id}`;
    if (!(await this.#link.lease(name))) return;
    try {
      await work.enqueue(run, (jobs) => queue.add(jobs));
      if (run.signal.aborted) return;
      await recordPlan(this.#deps.db, run.id, run.summary, await queue.shows(run.id));
      run.reporter.started?.(run.summary);
    } finally {
      await this.#link.release(name);
    }
  }

  /** Ends the run when nothing of it is left anywhere. True when this worker did. */
  async #end<T extends JobMemory & object>(run: RunInProgress, queue: RunQueue<T>, work: Work<T>): Promise<boolean> {
    const planned = await this.#deps.db.asService('run planned?', (tx) =>
      tx.raw('select 1 from pipeline.runs where id = $1 and planned_at is not null', [run.id]),
    );
    if (planned.length === 0) return false;
    // Looked at again: what was empty before the plan was complete says nothing.
    const { ready, later, active } = await queue.state();
    if (ready + later + active > 0) return false;
    await abandonDead(
      this.#deps.db,
      run.id,
      (await queue.dead()).map((job) => work.subject(job)),
    );
    const summary = await finishRun(this.#deps.db, run.id);
    await this.#queues.drop([run.id]);
    if (summary !== undefined) this.#options.reporter.run?.(run.id, 'ended', summary);
    return summary !== undefined;
  }

  async #endCancelled(row: OpenRun): Promise<boolean> {
    const queue = await this.#queues.of<object>(row.id);
    await queue.takeBack();
    await queue.clear();
    const { active } = await queue.state();
    const asked = Date.parse(row.cancel_requested_at ?? '');
    if (active > 0 && Date.now() - asked < CANCEL_PATIENCE_MS) return false;
    const summary = await finishRun(this.#deps.db, row.id, { status: 'cancelled' });
    await this.#queues.drop([row.id]);
    if (summary !== undefined) this.#options.reporter.run?.(row.id, 'ended', summary);
    return true;
  }

  /** A show that breaks our code gets other tries, and is left when they break too; its neighbours go on. */
  async #broken<T extends object>(queue: RunQueue<T>, job: HeldJob, error: unknown, held: Set<HeldJob>): Promise<void> {
    if (error instanceof DatabaseUnavailable) throw error;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.reporter.note?.(`a job broke: ${message}`);
    await queue.fail(job as never, message);
    held.delete(job);
  }

  /** What this worker did not finish can be taken by another at once. */
  async #giveBack<T extends object>(runId: string, queue: RunQueue<T>, held: Set<HeldJob>): Promise<void> {
    for (const job of held) {
      await this.#deps.db
        .asService('job put back', (tx) => queue.putBack(tx, job as never, job.data as T, 0))
        .catch((error: unknown) => {
          if (error instanceof JobTakenOver) return;
          this.#orphans.set(runId, [...(this.#orphans.get(runId) ?? []), job]);
        });
      held.delete(job);
    }
  }

  async #moreUrgentThan(priority: number): Promise<boolean> {
    const { rows } = await this.#link.query(MORE_URGENT, [priority, this.#options.stages]);
    return rows.length > 0;
  }
}
