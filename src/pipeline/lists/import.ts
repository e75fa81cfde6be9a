import { randomUUID } from 'node:crypto';
import type { NotOk, Outcome, Via } from '../../platform/outcome.ts';
import type { ShowBundle, TmdbSource } from '../../sources/tmdb/source.ts';
import { applyPlan } from '../apply.ts';
import {
  type RunDependencies,
  type RunInProgress,
  reportUnit,
  runJobs,
  type SyncRequest,
  withLease,
  workOnShow,
} from '../runner.ts';
import { recordEnding } from '../runs/record.ts';
import type { RunSummary } from '../runs/summary.ts';
import { countShow } from '../runs/summary.ts';
import { dueStages, selectShow } from '../selection.ts';
import type { PlanContext, ShowIdentity } from '../stage.ts';
import { attempted, type Clock, fetchError, recordUnit, SOURCE, type UnitResult, type UnitWriter } from '../unit.ts';
import { candidateName, candidateRows, type PlannedCandidate, planCandidate, withDetails } from './candidate.ts';
import { collectCandidates, type ImportSources, type ListSources } from './collect.ts';
import type { Candidate } from './union.ts';

export interface ImportRequest extends Omit<SyncRequest, 'filter'> {
  readonly sources: ImportSources;
}

/** Default of `detailsMaxAgeDays` (`spec/pipeline.md` 6.4). */
const FRESH_DAYS = 90;
const DAY_MS = 86_400_000;

type ImportJob = { readonly candidate: Candidate } | { readonly subject: string; readonly failure: NotOk };

/**
 * Imports lists and single ids: one unit per candidate, so that a bad one never stops the others, then the show's stages.
 * @throws DatabaseUnavailable
 */
export async function runImport(deps: RunDependencies, request: ImportRequest): Promise<RunSummary> {
  return runJobs<ImportJob>(deps, request, {
    async enqueue(run, add) {
      const { candidates, failures } = await collectCandidates(listSources(deps), request.sources, run.signal);
      run.summary.shows.total = candidates.length + failures.length;
      run.reporter.note?.(`Collected ${candidates.length} merged candidate shows.`);
      await add([
        ...failures.map(({ subject, reason }) => ({ id: randomUUID(), data: { subject, failure: reason } })),
        ...candidates.map((candidate) => ({ id: randomUUID(), data: { candidate } })),
      ]);
    },
    async handle(run, job, complete) {
      if ('failure' in job) {
        const result = failed(job.subject, job.subject, job.failure);
        await recordUnit(deps.db, result, null, writer(run, complete));
        reportUnit(run, result);
        countShow(run.summary, 'done', [result.status]);
        return;
      }
      await importCandidate(run, job.candidate, request, complete);
    },
  });
}

async function importCandidate(
  run: RunInProgress,
  candidate: Candidate,
  request: ImportRequest,
  complete: Parameters<typeof workOnShow>[3],
): Promise<void> {
  const { db } = run.deps;
  const { known, answer } = await identify(run.deps.tmdb, candidate, request.sources, run);
  const { result, show } = await storeCandidate(run, candidate, known, answer);
  if (run.signal.aborted && show === undefined) return;
  reportUnit(run, result);
  if (show === undefined) {
    await db.asService('job done', complete);
    countShow(run.summary, 'done', [result.status]);
    return;
  }
  await withLease(run, show.id, async () => {
    const selected = await selectShow(db, show.id, request.stages);
    const stages = run.deps.stages.filter(({ name }) => request.stages.includes(name));
    const due =
      selected === undefined ? [] : dueStages(selected, stages, request.decision, run.clock.now().toISOString()).due;
    if (selected === undefined || due.length === 0) {
      await db.asService('job done', complete);
      countShow(run.summary, 'done', [result.status]);
      return;
    }
    const deps = { ...run.deps, tmdb: answering(run.deps.tmdb, candidate.tmdbId, answer) };
    await workOnShow({ ...run, deps }, selected, due, complete, [result.status]);
  });
}

/** What the source's details add to a candidate; not asked for when a stored show already tells its identity. */
export async function identify(
  tmdb: TmdbSource,
  candidate: Candidate,
  asked: Pick<ImportSources, 'detailsMaxAgeDays' | 'skipExternalIds'>,
  run: Pick<RunInProgress, 'deps' | 'clock' | 'signal'>,
): Promise<{ known: Candidate; answer?: Outcome<ShowBundle> }> {
  if (candidate.tmdbId === null) return { known: candidate };
  if (asked.skipExternalIds === true && candidate.name !== null) return { known: candidate };
  const rows = await run.deps.db.asService('import lookup', (tx) => candidateRows(tx, candidate));
  const [row] = rows;
  if (rows.length === 1 && row !== undefined && row.imdb_id !== null && row.known_at !== null) {
    const age = run.clock.now().getTime() - Date.parse(row.known_at);
    if (age < (asked.detailsMaxAgeDays ?? FRESH_DAYS) * DAY_MS)
      return { known: { ...candidate, name: candidate.name ?? row.name } };
  }
  const answer = await tmdb.show(candidate.tmdbId, { signal: run.signal });
  return { known: withDetails(candidate, answer.kind === 'ok' ? answer.value.show : undefined), answer };
}

/** The candidate's unit: one transaction that inserts or patches its show and records the result. */
async function storeCandidate(
  run: RunInProgress,
  candidate: Candidate,
  known: Candidate,
  answer: Outcome<ShowBundle> | undefined,
): Promise<{ result: UnitResult; show?: ShowIdentity }> {
  const { db } = run.deps;
  const subject = candidateName(candidate);
  const write = writer(run, async () => undefined);
  if (answer !== undefined && answer.kind !== 'ok' && known.name === null && known.listed === undefined) {
    const stored = await db.asService('import lookup', (tx) => candidateRows(tx, known));
    if (stored.length === 0) return { result: await recordUnit(db, failed(subject, subject, answer), null, write) };
  }
  return attempted<{ result: UnitResult; show?: ShowIdentity }>(
    () =>
      db.asService('unit lists', async (tx) => {
        const { plan, show } = await planCandidate(
          tx,
          known,
          candidateContext(run.clock, answer, run.deps.lists?.published),
        );
        const result = candidateResult(subject, known, { plan, ...(show === undefined ? {} : { show }) }, answer);
        await applyPlan(tx, plan, write.ending(result, null));
        return { result, ...(show === undefined ? {} : { show }) };
      }),
    async (error) => ({
      result: await recordUnit(
        db,
        {
          stage: 'lists',
          subject,
          showId: null,
          showName: known.name ?? subject,
          status: 'failed',
          reason: null,
          error,
        },
        null,
        write,
      ),
    }),
  );
}

/** Who is asked for an import's lists. */
export function listSources({ tmdb, lists }: Pick<RunDependencies, 'tmdb' | 'lists'>): ListSources {
  return { tmdb, imdb: lists?.imdb };
}

export function candidateContext(
  clock: Clock,
  answer: Outcome<ShowBundle> | undefined,
  published: ReadonlySet<string> | undefined,
): PlanContext {
  const now = clock.now().toISOString();
  const via: Via = answer?.kind === 'ok' ? answer.via : 'live';
  const at = answer?.kind === 'ok' ? answer.at : now;
  return {
    now,
    today: now.slice(0, 10),
    source: { ...SOURCE, at, via },
    newId: clock.newId,
    ...(published === undefined ? {} : { published }),
  };
}

/** @param answer what the source said about the show's identity, if it was asked; without it the unit is only partly done */
export function candidateResult(
  subject: string,
  candidate: Candidate,
  planned: PlannedCandidate,
  answer: Outcome<ShowBundle> | undefined,
): UnitResult {
  const { plan, show } = planned;
  const base = { stage: 'lists', subject, showId: show?.id ?? null, showName: show?.name ?? candidate.name ?? subject };
  if (plan.conflict !== undefined) {
    // A name is missing because the source did not answer: that is the reason to tell.
    const unanswered = answer !== undefined && answer.kind !== 'ok' && plan.conflict.code === 'no_name';
    const error = unanswered ? fetchError(answer) : { kind: plan.conflict.code, detail: plan.conflict.detail };
    return { ...base, status: 'failed', reason: null, error };
  }
  if (answer !== undefined && answer.kind !== 'ok') {
    const error = fetchError(answer);
    return { ...base, status: 'partial', reason: `details (${error.kind}: ${error.detail})`, plan };
  }
  const [change] = plan.changes;
  const reason = change === undefined ? 'skipped' : change.op === 'insert' ? 'created' : 'updated';
  return { ...base, status: 'succeeded', reason, plan };
}

function failed(subject: string, showName: string, reason: NotOk): UnitResult {
  return { stage: 'lists', subject, showId: null, showName, status: 'failed', reason: null, error: fetchError(reason) };
}

function writer(run: RunInProgress, after: UnitWriter['after']): UnitWriter {
  const startedAt = run.clock.now();
  return {
    ending: (result, marker) =>
      recordEnding({ runId: run.id, result, marker, done: [], startedAt, finishedAt: run.clock.now() }),
    after,
  };
}

/** The source with one answer already in hand, so that a show's details are asked for once per run. */
export function answering<T extends TmdbSource>(
  tmdb: T,
  tmdbId: number | null,
  answer: Outcome<ShowBundle> | undefined,
): T {
  if (answer === undefined) return tmdb;
  return {
    ...tmdb,
    show: async (id, options) => (id === tmdbId ? answer : tmdb.show(id, options)),
  };
}
