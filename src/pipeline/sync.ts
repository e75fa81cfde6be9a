import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../platform/db/types.ts';
import { readChangeFeed } from './feed.ts';
import { RETRY_POLICIES } from './retry.ts';
import { countDecisions, countShow, countUnit, keep } from './runs/summary.ts';
import {
  type DueStage,
  dueStages,
  type SelectedShow,
  type ShowFilter,
  selectShow,
  selectShows,
  unknownIds,
} from './selection.ts';
import { type JobEnvironment, runShow, type ShowEnd } from './show-job.ts';
import type { StageName } from './stage.ts';
import type { DecisionOptions } from './state.ts';
import type { UnitResult, UnitStatus } from './unit.ts';
import type { FinishedShow, JobEnd, JobMemory, RunInProgress, Work } from './work.ts';

/** What a sync is asked for. */
export interface SyncOrder {
  readonly filter: ShowFilter;
  readonly stages: readonly StageName[];
  readonly decision: DecisionOptions;
}

export interface SyncJob extends JobMemory {
  readonly showId: string;
}

/** Runs the due stages of the selected shows, a job for each show. */
export function syncWork(order: SyncOrder): Work<SyncJob> {
  return {
    async enqueue(run, add) {
      const { db, stages } = run.deps;
      const chosen = stages.filter(({ name }) => order.stages.includes(name));
      for (const id of await unknownIds(db, order.filter)) keep(run.summary.warnings, `no stored show has ${id}`);
      await readFeed(run, order);
      let left = order.filter.limit ?? Number.POSITIVE_INFINITY;
      for await (const page of selectShows(db, order.filter, order.stages, run.resumed ? run.id : null)) {
        const now = run.clock.now().toISOString();
        const due = page
          .filter((show) => {
            const { due: dueNow, decisions } = dueStages(show, chosen, order.decision, now);
            countDecisions(run.summary, decisions);
            return dueNow.length > 0;
          })
          .slice(0, left);
        left -= due.length;
        run.summary.shows.total += due.length;
        // A job's id is its show's, so that nothing is queued twice.
        await add(due.map(({ identity }) => ({ id: identity.id, data: { showId: identity.id } })));
        if (left <= 0 || run.signal.aborted) break;
      }
    },
    async handle(run, job, end) {
      await withLease(run, job.showId, async () => {
        await workOnDue(run, job.showId, order, showEnd(job, end, { subject: job.showId, showId: job.showId }));
      });
    },
    subject: ({ showId }) => ({ subject: showId, showId }),
  };
}

/** What is due of a show is decided again under the lease: another run may have done the work meanwhile. */
export async function workOnDue(
  run: RunInProgress,
  showId: string,
  order: Pick<SyncOrder, 'stages' | 'decision'>,
  end: ShowEnd,
  before: readonly UnitStatus[] = [],
): Promise<void> {
  const { db, stages } = run.deps;
  const show = await selectShow(db, showId, order.stages, run.id);
  const chosen = stages.filter(({ name }) => order.stages.includes(name));
  const due = show === undefined ? [] : dueStages(show, chosen, order.decision, run.clock.now().toISOString()).due;
  if (run.signal.aborted) return;
  if (show === undefined || due.length === 0) {
    await db.asService('job done', (tx) => end.done(tx, 'done'));
    countShow(run.summary, 'done', before);
    return;
  }
  await workOnShow(run, show, due, end, before);
}

/** Runs a show's stages and counts what came of them. */
async function workOnShow(
  run: RunInProgress,
  show: SelectedShow,
  due: readonly DueStage[],
  end: ShowEnd,
  before: readonly UnitStatus[],
): Promise<void> {
  const statuses = [...before];
  const env: JobEnvironment = {
    db: run.deps.db,
    tmdb: run.deps.tmdb,
    stages: run.deps.stages,
    runId: run.id,
    clock: run.clock,
    signal: run.signal,
    retry: run.deps.retry ?? RETRY_POLICIES,
    onUnit: (result) => {
      statuses.push(result.status);
      reportUnit(run, result);
    },
  };
  const outcome = await runShow(env, show, due, end);
  if (outcome === 'postponed') {
    run.numbering.soon();
    run.reporter.note?.(`${show.identity.name}: its source asks to wait; it comes again later`);
  }
  if (outcome === 'cancelled' || outcome === 'postponed') return;
  countShow(run.summary, outcome, statuses);
  run.reporter.show?.(show.identity.name, outcome, run.summary);
}

/** The end of a show's stages as the end of its job. */
export function showEnd<T extends JobMemory>(job: T, end: JobEnd<T>, show: Omit<FinishedShow, 'outcome'>): ShowEnd {
  return {
    tried: job.tried ?? {},
    done: (tx: Scope, outcome) => end.complete(tx, { ...show, outcome }),
    postpone: (tx, seconds, tried) => end.putBack(tx, { ...job, tried }, seconds),
  };
}

export function reportUnit(run: RunInProgress, result: UnitResult): void {
  run.numbering.soon();
  countUnit(run.summary, result);
  run.reporter.unit?.(result, run.summary);
}

async function readFeed(run: RunInProgress, order: SyncOrder): Promise<void> {
  if (order.decision.force || !order.decision.incremental) return;
  const { db, tmdb } = run.deps;
  const feed = await readChangeFeed(db, tmdb, run.clock.now(), { record: true, signal: run.signal });
  if (feed.kind === 'failed') keep(run.summary.warnings, `change feed could not be read: ${feed.detail}`);
}

/** Runs `work` while no other process works on the show; waits for it as long as it takes. */
export async function withLease(run: RunInProgress, showId: string, work: () => Promise<void>): Promise<void> {
  const name = `show:${showId}`;
  while (!(await run.link.lease(name))) {
    if (run.signal.aborted) return;
    await sleep(200 + Math.random() * 200);
  }
  try {
    await work();
  } finally {
    await run.link.release(name);
  }
}
