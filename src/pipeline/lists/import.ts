import { hash } from 'node:crypto';
import type { NotOk, Outcome, Via } from '../../platform/outcome.ts';
import type { ShowBundle, TmdbSource } from '../../sources/tmdb/source.ts';
import { sendPlan } from '../apply.ts';
import { runJobs, type SyncRequest } from '../runner.ts';
import { recordEnding } from '../runs/record.ts';
import { countShow, type RunSummary } from '../runs/summary.ts';
import type { PlanContext, ShowIdentity } from '../stage.ts';
import { reportUnit, showEnd, withLease, workOnDue } from '../sync.ts';
import {
  attempted,
  type Clock,
  changedBy,
  fetchError,
  recordUnit,
  SOURCE,
  type UnitResult,
  type UnitStatus,
  type UnitWriter,
} from '../unit.ts';
import type { JobEnd, JobMemory, RunDependencies, RunInProgress, Work } from '../work.ts';
import { candidateName, candidateRows, type PlannedCandidate, planCandidate, withDetails } from './candidate.ts';
import { collectCandidates, type ImportSources, type ListSources } from './collect.ts';
import { FINISHED_CANDIDATES, LISTED_BEFORE } from './queries.ts';
import type { Candidate } from './union.ts';

export interface ImportRequest extends Omit<SyncRequest, 'filter'> {
  readonly sources: ImportSources;
}

/** Default of `detailsMaxAgeDays` (`spec/pipeline.md` 6.4). */
const FRESH_DAYS = 90;
const DAY_MS = 86_400_000;

export type ImportJob = JobMemory &
  ({ readonly candidate: Candidate } | { readonly subject: string; readonly failure: NotOk });

/** What an import is asked for. */
export type ImportOrder = Pick<ImportRequest, 'sources' | 'stages' | 'decision'>;

/**
 * Imports lists and single ids in this process.
 * @throws DatabaseUnavailable
 */
export async function runImport(deps: RunDependencies, request: ImportRequest): Promise<RunSummary> {
  return runJobs<ImportJob>(deps, request, importWork(request));
}

/** One job for each candidate, so that a bad one never stops the others: its own unit, then its show's stages. */
export function importWork(order: ImportOrder): Work<ImportJob> {
  return {
    async enqueue(run, add) {
      const { candidates, failures } = await collectCandidates(listSources(run.deps), order.sources, run.signal);
      if (run.signal.aborted) return;
      run.summary.shows.total = candidates.length + failures.length;
      run.reporter.note?.(`Collected ${candidates.length} merged candidate shows.`);
      const jobs: ImportJob[] = [
        ...failures.map(({ subject, reason }) => ({ subject, failure: reason })),
        ...candidates.map((candidate) => ({ candidate })),
      ];
      const finished = await finishedSubjects(run, jobs.map(subjectOf));
      await add(
        jobs
          .map((data, index) => ({ id: jobId(run.id, index), data }))
          .filter(({ data }) => !finished.has(subjectOf(data))),
      );
    },
    async handle(run, job, end) {
      if ('candidate' in job) return importCandidate(run, job, job.candidate, order, end);
      const { subject } = job;
      const result = failed(subject, subject, job.failure);
      await recordUnit(
        run.deps.db,
        result,
        null,
        writer(run, (tx) => end.complete(tx, { subject, showId: null, outcome: 'done' })),
      );
      reportUnit(run, result);
      countShow(run.summary, 'done', [result.status]);
    },
    subject: (job) => ({ subject: subjectOf(job), showId: null }),
  };
}

function subjectOf(job: ImportJob): string {
  return 'candidate' in job ? candidateName(job.candidate) : job.subject;
}

/** What a run that is taken up again is through with: it is not queued once more. */
async function finishedSubjects(run: RunInProgress, subjects: readonly string[]): Promise<ReadonlySet<string>> {
  if (!run.resumed || subjects.length === 0) return new Set();
  const rows = await run.deps.db.asService('import lookup', (tx) => tx.query(FINISHED_CANDIDATES, [run.id, subjects]));
  return new Set(rows.map(({ subject }) => subject));
}

/** The same job has the same id when a run is planned again. */
function jobId(runId: string, index: number): string {
  const hex = hash('sha256', `${runId} ${index}`);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

async function importCandidate(
  run: RunInProgress,
  job: ImportJob,
  candidate: Candidate,
  order: ImportOrder,
  end: JobEnd<ImportJob>,
): Promise<void> {
  const { db } = run.deps;
  const subject = candidateName(candidate);
  const before = await db.asService('import lookup', (tx) => tx.one(LISTED_BEFORE, [run.id, subject]));
  const listed = before === undefined ? await listCandidate(run, candidate, order) : { showId: before.id };
  if (listed === undefined) return;
  const { showId, answer, status = 'succeeded' } = listed;
  if (showId === null) {
    await db.asService('job done', (tx) => end.complete(tx, { subject, showId, outcome: 'done' }));
    countShow(run.summary, 'done', [status]);
    return;
  }
  await withLease(run, showId, async () => {
    const deps = { ...run.deps, tmdb: answering(run.deps.tmdb, candidate.tmdbId, answer) };
    await workOnDue({ ...run, deps }, showId, order, showEnd(job, end, { subject, showId }), [status]);
  });
}

/** What became of a candidate's own unit. */
interface Listed {
  /** Null: nothing was stored. */
  readonly showId: string | null;
  /** What the source said about the show, where it was asked. */
  readonly answer?: Outcome<ShowBundle> | undefined;
  /** Default `succeeded`. */
  readonly status?: UnitStatus;
}

/** Finds out who a candidate is and stores it; undefined when the run was cancelled meanwhile. */
async function listCandidate(
  run: RunInProgress,
  candidate: Candidate,
  order: ImportOrder,
): Promise<Listed | undefined> {
  const { known, answer } = await identify(run.deps.tmdb, candidate, order.sources, run);
  if (run.signal.aborted) return undefined;
  const { result, show } = await storeCandidate(run, candidate, known, answer);
  reportUnit(run, result);
  return { showId: show?.id ?? null, answer, status: result.status };
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
      db.asService(
        'unit lists',
        async (tx) => {
          const { plan, show } = await planCandidate(
            tx,
            known,
            candidateContext(run.clock, answer, run.deps.lists?.published),
          );
          const result = candidateResult(subject, known, { plan, ...(show === undefined ? {} : { show }) }, answer);
          sendPlan(tx, plan, write.ending(result, null));
          return { result, ...(show === undefined ? {} : { show }) };
        },
        { settings: changedBy(run.id, 'lists') },
      ),
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
    runId: run.id,
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
