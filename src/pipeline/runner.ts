import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Scope } from '../platform/db/types.ts';
import type { ImdbSource } from '../sources/imdb/source.ts';
import { type FeedSource, readChangeFeed } from './feed.ts';
import { OwnerLink } from './link.ts';
import { RunQueue, type TakenJob } from './queue.ts';
import { beginRun, endRun, keepAlive, type RunRequest, sweepDeadRuns } from './runs/run-record.ts';
import {
  countDecisions,
  countShow,
  countUnit,
  finalStatus,
  keep,
  newSummary,
  type RunSummary,
} from './runs/summary.ts';
import { dueStages, type SelectedShow, type ShowFilter, selectShow, selectShows, unknownIds } from './selection.ts';
import { type JobEnvironment, runShow } from './show-job.ts';
import type { Stage, StageName } from './stage.ts';
import type { DecisionOptions } from './state.ts';
import type { Clock, UnitResult, UnitStatus } from './unit.ts';

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
  /** Requests sent so far, by host (`Fetcher.counts`). */
  readonly requestCounts: () => Readonly<Record<string, number>>;
  readonly clock?: Clock;
}

/** Told about everything while it happens; must not throw. */
export interface Reporter {
  started?(summary: RunSummary): void;
  unit?(result: UnitResult, summary: RunSummary): void;
  show?(name: string, outcome: 'done' | 'unchanged', summary: RunSummary): void;
  note?(line: string): void;
}

export interface SyncRequest extends RunRequest {
  readonly filter: ShowFilter;
  readonly stages: readonly StageName[];
  readonly decision: DecisionOptions;
  /** Shows at work at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

export const systemClock: Clock = { now: () => new Date(), newId: randomUUID };

/** A job of the queue: its id is the show's (or candidate's), so that nothing is queued twice. */
export interface Work<T extends object> {
  /** Adds jobs in order. Called once, before any is taken. */
  enqueue(run: RunInProgress, add: (jobs: readonly { id: string; data: T }[]) => Promise<void>): Promise<void>;
  /** Works on one job; `complete` must run in the transaction of its last unit. */
  handle(run: RunInProgress, job: T, complete: (tx: Scope) => Promise<void>): Promise<void>;
}

/** A run and what it counts. */
export interface RunInProgress {
  readonly id: string;
  readonly deps: RunDependencies;
  readonly clock: Clock;
  readonly link: OwnerLink;
  readonly signal: AbortSignal;
  readonly summary: RunSummary;
  readonly reporter: Reporter;
}

/** After a signal the units at work have this long to end; then their transactions are left to roll back. */
const CANCEL_GRACE_MS = 10_000;

/**
 * Runs the due stages of the selected shows: selection, queue, units, record. Two runs may work at the same time; each show is
 * leased to one of them.
 * @throws DatabaseUnavailable
 */
export async function runSync(deps: RunDependencies, request: SyncRequest): Promise<RunSummary> {
  const clock = deps.clock ?? systemClock;
  const chosen = deps.stages.filter(({ name }) => request.stages.includes(name));
  return runJobs<{ showId: string }>(deps, request, {
    async enqueue(run, add) {
      for (const id of await unknownIds(deps.db, request.filter))
        keep(run.summary.warnings, `no stored show has ${id}`);
      await readFeed(run, request);
      let left = request.filter.limit ?? Number.POSITIVE_INFINITY;
      for await (const page of selectShows(deps.db, request.filter, request.stages)) {
        const now = clock.now().toISOString();
        const due = page
          .filter((show) => {
            const { due: stages, decisions } = dueStages(show, chosen, request.decision, now);
            countDecisions(run.summary, decisions);
            return stages.length > 0;
          })
          .slice(0, left);
        left -= due.length;
        run.summary.shows.total += due.length;
        await add(due.map(({ identity }) => ({ id: identity.id, data: { showId: identity.id } })));
        if (left <= 0 || run.signal.aborted) break;
      }
    },
    async handle(run, { showId }, complete) {
      await withLease(run, showId, async () => {
        // Decided again under the lease: another run may have done the work meanwhile.
        const show = await selectShow(deps.db, showId, request.stages);
        const due = show === undefined ? [] : dueStages(show, chosen, request.decision, clock.now().toISOString()).due;
        if (show === undefined || due.length === 0) {
          await deps.db.asService('job done', complete);
          countShow(run.summary, 'done', []);
          return;
        }
        await workOnShow(run, show, due, complete);
      });
    },
  });
}

/** Runs a show's stages and counts what came of them. */
export async function workOnShow(
  run: RunInProgress,
  show: SelectedShow,
  due: Parameters<typeof runShow>[2],
  complete: (tx: Scope) => Promise<void>,
  before: readonly UnitStatus[] = [],
): Promise<void> {
  const statuses = [...before];
  const env: JobEnvironment = {
    db: run.deps.db,
    tmdb: run.deps.tmdb,
    stages: run.deps.stages,
    runId: run.id,
    clock: run.clock,
    signal: run.signal,
    onUnit: (result) => {
      statuses.push(result.status);
      reportUnit(run, result);
    },
  };
  const outcome = await runShow(env, show, due, complete);
  if (outcome === 'cancelled') return;
  countShow(run.summary, outcome, statuses);
  run.reporter.show?.(show.identity.name, outcome, run.summary);
}

export function reportUnit(run: RunInProgress, result: UnitResult): void {
  countUnit(run.summary, result);
  run.reporter.unit?.(result, run.summary);
}

async function readFeed(run: RunInProgress, request: SyncRequest): Promise<void> {
  if (request.decision.force || !request.decision.incremental) return;
  const { db, tmdb } = run.deps;
  const feed = await readChangeFeed(db, tmdb, run.clock.now(), { record: true, signal: run.signal });
  if (feed.kind === 'failed') keep(run.summary.warnings, `change feed could not be read: ${feed.detail}`);
}

/** Runs `work` while no other process works on the show; waits for it as long as it takes. */
export async function withLease(run: RunInProgress, showId: string, work: () => Promise<void>): Promise<void> {
  while (!(await run.link.lease(showId))) {
    if (run.signal.aborted) return;
    await sleep(200 + Math.random() * 200);
  }
  try {
    await work();
  } finally {
    await run.link.release(showId);
  }
}

/** The life of a run: sweep dead ones, record, queue, work, record the end. */
export async function runJobs<T extends object>(
  deps: RunDependencies,
  request: RunRequest & Pick<SyncRequest, 'concurrency' | 'signal' | 'reporter'>,
  work: Work<T>,
): Promise<RunSummary> {
  const runId = randomUUID();
  const summary = newSummary(runId);
  const before = deps.requestCounts();
  return OwnerLink.with(deps.ownerUrl, async (link) => {
    const cancel = new AbortController();
    const signal = AbortSignal.any([request.signal, cancel.signal]);
    await sweepDeadRuns(deps.db, link);
    const queue = await RunQueue.open<T>(link, runId);
    const run: RunInProgress = {
      id: runId,
      deps,
      clock: deps.clock ?? systemClock,
      link,
      signal,
      summary,
      reporter: request.reporter,
    };
    const inHand = new Set<TakenJob<T>>();
    const stop = keepAlive(
      deps.db,
      runId,
      () => queue.touch([...inHand]),
      () => cancel.abort(),
    );
    let error: string | null = null;
    try {
      await beginRun(deps.db, runId, request);
      await work.enqueue(run, (jobs) => queue.add(jobs));
      request.reporter.started?.(summary);
      await drain(run, queue, inHand, request.concurrency, work);
      summary.status = finalStatus(summary, signal.aborted);
    } catch (failure) {
      summary.status = signal.aborted ? 'cancelled' : 'failed';
      error = failure instanceof Error ? failure.message : String(failure);
      throw failure;
    } finally {
      stop();
      summary.requests = difference(before, deps.requestCounts());
      await closing(() => endRun(deps.db, runId, summary, error));
      await closing(() => queue.drop());
      await closing(() => queue.close());
    }
    return summary;
  });
}

/** Keeps `concurrency` jobs at work until none is left or the run is cancelled. */
async function drain<T extends object>(
  run: RunInProgress,
  queue: RunQueue<T>,
  inHand: Set<TakenJob<T>>,
  concurrency: number,
  work: Work<T>,
): Promise<void> {
  let waiting: TakenJob<T>[] = [];
  let refill: Promise<void> | undefined;
  let empty = false;
  let broken: unknown;
  const next = async (): Promise<TakenJob<T> | undefined> => {
    while (waiting.length === 0 && !empty) {
      refill ??= queue.take(concurrency).then((jobs) => {
        waiting = jobs;
        for (const job of jobs) inHand.add(job);
        empty = jobs.length === 0;
        refill = undefined;
      });
      await refill;
    }
    return waiting.shift();
  };
  const worker = async (): Promise<void> => {
    while (!run.signal.aborted && broken === undefined) {
      const job = await next();
      if (job === undefined) return;
      await work.handle(run, job.data, (tx) => queue.complete(tx, job));
      inHand.delete(job);
    }
  };
  const workers = Array.from({ length: concurrency }, () =>
    worker().catch((error: unknown) => {
      broken ??= error;
    }),
  );
  await Promise.race([Promise.all(workers), graceAfter(run.signal)]);
  if (broken !== undefined && !run.signal.aborted) throw broken;
}

/** Resolves some seconds after the signal; never without it. */
async function graceAfter(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  await sleep(CANCEL_GRACE_MS, undefined, { ref: false });
}

/** The end is recorded as well as it goes: a lost database must not hide why the run ended. */
async function closing(step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch {
    // The next run finds this one without a living owner and cleans up.
  }
}

function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([host, count]) => [host, count - (before[host] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
