import { randomUUID } from 'node:crypto';
import { OwnerLink } from './link.ts';
import { JobQueues } from './queue.ts';
import { takeUpHere } from './runs/control.ts';
import { numberEvents } from './runs/numbering.ts';
import { beginRun, finishRun, keepAlive, type RunRequest, recordPlan, sweepDeadRuns } from './runs/run-record.ts';
import { countNewTables } from './runs/statistics.ts';
import { newSummary, type RunSummary } from './runs/summary.ts';
import type { ShowFilter } from './selection.ts';
import type { StageName } from './stage.ts';
import type { DecisionOptions } from './state.ts';
import { type SyncJob, syncWork } from './sync.ts';
import type { Clock } from './unit.ts';
import {
  drain,
  type HeldJob,
  type JobMemory,
  type Reporter,
  type RunDependencies,
  type RunInProgress,
  type Work,
} from './work.ts';

export interface SyncRequest extends RunRequest {
  readonly filter: ShowFilter;
  readonly stages: readonly StageName[];
  readonly decision: DecisionOptions;
  /** Shows at work at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** A run that has ended before it was through: it goes on under its own id. */
  readonly resume?: string;
}

export const systemClock: Clock = { now: () => new Date(), newId: randomUUID };

/**
 * Runs the due stages of the selected shows in this process: selection, queue, units, record. Two runs may work at the same time; each
 * show is leased to one of them.
 * @throws DatabaseUnavailable
 */
export async function runSync(deps: RunDependencies, request: SyncRequest): Promise<RunSummary> {
  return runJobs<SyncJob>(deps, request, syncWork(request));
}

/** The life of a run in this process: sweep dead ones, record, queue, work, record the end. */
export async function runJobs<T extends JobMemory & object>(
  deps: RunDependencies,
  request: RunRequest & Pick<SyncRequest, 'concurrency' | 'signal' | 'reporter' | 'resume'>,
  work: Work<T>,
): Promise<RunSummary> {
  const runId = request.resume ?? randomUUID();
  return OwnerLink.with(deps.ownerUrl, async (link) => {
    const cancel = new AbortController();
    const signal = AbortSignal.any([request.signal, cancel.signal]);
    const queues = await JobQueues.open(link);
    await sweepDeadRuns(deps.db, queues);
    if (request.resume === undefined) await beginRun(deps.db, runId, request);
    else await takeUpHere(deps.db, runId);
    deps.onLink?.(link);
    const queue = await queues.of<T>(runId);
    const numbering = numberEvents(deps.db, runId, (line) => request.reporter.note?.(line));
    const run: RunInProgress = {
      id: runId,
      deps,
      clock: deps.clock ?? systemClock,
      link,
      signal,
      summary: newSummary(runId),
      reporter: request.reporter,
      numbering,
      resumed: request.resume !== undefined,
    };
    const held = new Set<HeldJob>();
    const stop = keepAlive(deps.db, runId, {
      requests: requestsSince(deps),
      also: async () => {
        await queue.touch([...held] as never);
        await countNewTables(link);
      },
      onCancel: () => cancel.abort(),
    });
    let failure: { error: unknown } | undefined;
    try {
      await work.enqueue(run, (jobs) => queue.add(jobs));
      await recordPlan(deps.db, runId, run.summary, await queue.shows(runId));
      request.reporter.started?.(run.summary);
      await drain(run, queue, work, { concurrency: request.concurrency, stay: true }, held);
    } catch (error) {
      failure = { error };
    }
    deps.onLink?.(null);
    await stop();
    await numbering.close();
    const summary = await closing(() => finish(run, failure));
    await closing(() => queues.drop([runId]));
    await closing(() => queues.close());
    if (failure !== undefined) throw failure.error;
    return summary ?? { ...run.summary, status: 'failed' };
  });
}

async function finish(run: RunInProgress, failure: { error: unknown } | undefined): Promise<RunSummary | undefined> {
  const cancelled = run.signal.aborted;
  const error = failure === undefined ? null : messageOf(failure.error);
  const ended = await finishRun(run.deps.db, run.id, {
    ...(cancelled ? { status: 'cancelled' as const } : failure === undefined ? {} : { status: 'failed' as const }),
    error,
  });
  if (ended === undefined) return undefined;
  // The record has the numbers; what was decided and warned of is known here.
  const { status, shows, units, stages, tables, requests } = ended;
  return { ...run.summary, status, shows, units, stages, tables, requests };
}

/** Answers, each time it is asked, how many requests were sent since the last time. */
export function requestsSince(deps: Pick<RunDependencies, 'requestCounts'>): () => Record<string, number> {
  let before = deps.requestCounts();
  return () => {
    const now = deps.requestCounts();
    const sent = Object.entries(now).map(([host, count]) => [host, count - (before[host] ?? 0)] as const);
    before = now;
    return Object.fromEntries(sent.filter(([, count]) => count > 0));
  };
}

/** The end is recorded as well as it goes: a lost database must not hide why the run ended. */
async function closing<T>(step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch {
    // The next run finds this one without a living owner and cleans up.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
