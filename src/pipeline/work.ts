import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Scope } from '../platform/db/types.ts';
import type { ImdbSource } from '../sources/imdb/source.ts';
import type { FeedSource } from './feed.ts';
import type { OwnerLink } from './link.ts';
import { JobTakenOver, type NewJob, type RunQueue, type TakenJob } from './queue.ts';
import type { RetryPolicies } from './retry.ts';
import type { Numbering } from './runs/numbering.ts';
import { RECORD_SHOW } from './runs/queries.ts';
import type { RunSummary } from './runs/summary.ts';
import type { Stage, StageName } from './stage.ts';
import type { StageWish } from './stage-sources.ts';
import type { Clock, UnitResult } from './unit.ts';

/** What every run needs from outside. */
export interface RunDependencies {
  readonly db: Database;
  /** The owner's URL: the queue's schema belongs to the owner. */
  readonly ownerUrl: string;
  readonly tmdb: FeedSource;
  /** What imports ask besides; IMDb's lists are off without it. */
  readonly lists?: { readonly imdb?: ImdbSource; readonly published?: ReadonlySet<string> };
  /** All stages, in their order. */
  readonly stages: readonly Stage[];
  /** The stages as an order wants them; absent: `stages`, whatever it wants. */
  readonly stagesFor?: (wish: StageWish & { readonly dryRun?: boolean }) => Promise<readonly Stage[]>;
  /** Requests sent so far, by host (`Fetcher.counts`). */
  readonly requestCounts: () => Readonly<Record<string, number>>;
  readonly clock?: Clock;
  /** Default `RETRY_POLICIES`. */
  readonly retry?: RetryPolicies;
  /** Told of the connection that keeps the shared pace of requests, and when there is none any more. */
  readonly onLink?: (link: OwnerLink | null) => void;
}

/** The dependencies of a run that carries out this order. */
export async function equipped(
  deps: RunDependencies,
  wish: StageWish & { readonly dryRun?: boolean },
): Promise<RunDependencies> {
  return deps.stagesFor === undefined ? deps : { ...deps, stages: await deps.stagesFor(wish) };
}

/** Told about everything while it happens; must not throw. */
export interface Reporter {
  started?(summary: RunSummary): void;
  unit?(result: UnitResult, summary: RunSummary): void;
  show?(name: string, outcome: 'done' | 'unchanged', summary: RunSummary): void;
  note?(line: string): void;
}

/** A run and what this process counts of it. */
export interface RunInProgress {
  readonly id: string;
  readonly deps: RunDependencies;
  readonly clock: Clock;
  readonly link: OwnerLink;
  /** Aborted when the run, the process or the connection comes to its end. */
  readonly signal: AbortSignal;
  readonly summary: RunSummary;
  readonly reporter: Reporter;
  /** To be told of every event that was committed without a number. */
  readonly numbering: Pick<Numbering, 'soon'>;
  /** It did some of its work before: that is not done again. */
  readonly resumed: boolean;
}

/** What a job remembers between two tries. */
export interface JobMemory {
  /** Refused fetches so far, by stage. */
  readonly tried?: Readonly<Partial<Record<StageName, number>>>;
}

/** How a job ends, in the transaction of its last unit. */
export interface JobEnd<T> {
  complete(tx: Scope, show: FinishedShow): Promise<void>;
  /** The job again, with this data, after so many seconds. */
  putBack(tx: Scope, data: T, seconds: number): Promise<void>;
}

export interface FinishedShow {
  /** The show's id, or the candidate's name for itself. */
  readonly subject: string;
  readonly showId: string | null;
  readonly outcome: 'done' | 'unchanged';
}

/** A kind of run: what its jobs are and how one is worked on. */
export interface Work<T extends JobMemory & object> {
  /** Adds jobs in order; adding one twice does nothing, so that a run whose planner died is planned again. */
  enqueue(run: RunInProgress, add: (jobs: readonly NewJob<T>[]) => Promise<void>): Promise<void>;
  handle(run: RunInProgress, job: T, end: JobEnd<T>): Promise<void>;
  /** What a job is about, for the record of one that was given up. */
  subject(job: T): { readonly subject: string; readonly showId: string | null };
}

export interface Pool {
  /** Shows at work at once. */
  readonly concurrency: number;
  /** Stay until the last job is done, also while others hold it or it has been put back. */
  readonly stay: boolean;
  /** Asked between jobs: leave this run for a more urgent one. */
  readonly leave?: () => boolean;
  /** Told how many jobs were taken. */
  readonly onTaken?: (count: number) => void;
  /** What to do about a job whose code broke; default: end the run. */
  readonly onBroken?: (job: HeldJob, error: unknown) => Promise<void>;
}

/** A job of whatever kind, as the pool holds it. */
export type HeldJob = TakenJob<object>;

/**
 * `finished`: nothing is left anywhere. `idle`: nothing can be taken now. `left`: for a more urgent run. `stopped`: the signal came.
 */
export type Drained = 'finished' | 'idle' | 'left' | 'stopped';

/** After a signal the units at work have this long to end; then their transactions are left to roll back. */
export const CANCEL_GRACE_MS = 10_000;
const POLL_MS = 300;

/**
 * Keeps jobs of a run at work until there is no reason to go on.
 * @param held every job in hand, while it is; what is in it afterwards was not finished
 */
export async function drain<T extends JobMemory & object>(
  run: RunInProgress,
  queue: RunQueue<T>,
  work: Work<T>,
  pool: Pool,
  held: Set<HeldJob>,
): Promise<Drained> {
  const running = new Set<Promise<void>>();
  const nap = new Nap(run.signal);
  let broken: { error: unknown } | undefined;
  const start = (job: TakenJob<T>): void => {
    held.add(job);
    const done = handleJob(run, queue, work, job)
      .then((ended) => {
        if (ended) held.delete(job);
      })
      .catch(async (error: unknown) => {
        if (error instanceof JobTakenOver) held.delete(job);
        else if (pool.onBroken === undefined) broken ??= { error };
        else await pool.onBroken(job, error);
      })
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => {
        running.delete(done);
        nap.wake();
      });
    running.add(done);
  };
  let drained: Drained = 'stopped';
  while (!run.signal.aborted && broken === undefined) {
    if (pool.leave?.() === true) {
      drained = 'left';
      break;
    }
    const free = pool.concurrency - running.size;
    const jobs = free > 0 ? await queue.take(free) : [];
    pool.onTaken?.(jobs.length);
    for (const job of jobs) start(job);
    if (running.size === 0) {
      const { ready, later, active } = await queue.state();
      if (ready + later + active === 0) {
        drained = 'finished';
        break;
      }
      if (!pool.stay && ready === 0) {
        drained = 'idle';
        break;
      }
    }
    await nap.sleep(running.size < pool.concurrency ? POLL_MS : undefined);
  }
  nap.close();
  await Promise.race([Promise.all(running), graceAfter(run.signal)]);
  if (broken !== undefined && !run.signal.aborted) throw broken.error;
  return run.signal.aborted ? 'stopped' : drained;
}

/** True when the job ended; false when it was left half-way because of the signal. */
async function handleJob<T extends JobMemory & object>(
  run: RunInProgress,
  queue: RunQueue<T>,
  work: Work<T>,
  job: TakenJob<T>,
): Promise<boolean> {
  let ended = false;
  await work.handle(run, job.data, {
    async complete(tx, { subject, showId, outcome }) {
      await queue.complete(tx, job);
      await tx.query(RECORD_SHOW, [run.id, subject, showId, outcome]);
      ended = true;
    },
    async putBack(tx, data, seconds) {
      await queue.putBack(tx, job, data, seconds);
      ended = true;
    },
  });
  return ended;
}

/** Resolves some seconds after the signal; never without it. */
async function graceAfter(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await pause(CANCEL_GRACE_MS, undefined, { ref: false });
}

/** A wait that anybody may end, and the signal does. */
class Nap {
  readonly #signal: AbortSignal;
  #end: () => void = () => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.wake);
  }

  readonly wake = (): void => this.#end();

  /** @param ms longest wait; undefined waits to be woken */
  sleep(ms: number | undefined): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.wake);
  }
}
