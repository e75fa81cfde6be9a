import { sendPlan } from './apply.ts';
import { type DryEnvironment, fetchAll, planUnits, rolledBack } from './dry-units.ts';
import { readChangeFeed } from './feed.ts';
import { candidateName, planCandidate } from './lists/candidate.ts';
import { collectCandidates } from './lists/collect.ts';
import {
  answering,
  candidateContext,
  candidateResult,
  type ImportRequest,
  identify,
  listSources,
} from './lists/import.ts';
import type { Candidate } from './lists/union.ts';
import { type SyncRequest, systemClock } from './runner.ts';
import {
  countDecisions,
  countShow,
  countUnit,
  finalStatus,
  keep,
  newSummary,
  type RunSummary,
} from './runs/summary.ts';
import { type DueStage, dueStages, type SelectedShow, selectShows, unknownIds } from './selection.ts';
import { SharedRows } from './shared-rows.ts';
import { confirmedUnchanged, onlyMissing } from './show-job.ts';
import { createShowSources, mapBounded } from './show-sources.ts';
import type { ShowIdentity } from './stage.ts';
import { fetchError, type UnitResult } from './unit.ts';
import type { RunDependencies } from './work.ts';

export interface DryRunRequest extends SyncRequest {
  /** Called for every unit of a show, in order, once the show is planned. */
  readonly onPlan: (result: UnitResult) => void;
}

/** Fetched and ready to be planned; plans are made one after the other. */
type Planner = () => Promise<UnitResult[]>;

/** Shows fetched at once; their plans appear in the order of the shows. */
const WIDTH = 4;

/**
 * What `runSync` would do now, without a trace: per show everything is fetched first, then all its units run in one
 * transaction that is rolled back. No run is recorded, no queue is made.
 */
export async function planSync(deps: RunDependencies, request: DryRunRequest): Promise<RunSummary> {
  const env = environment(deps, request);
  const { summary, clock, signal } = env;
  for (const id of await unknownIds(deps.db, request.filter)) keep(summary.warnings, `no stored show has ${id}`);
  const named = await feedNow(env, request);
  const chosen = deps.stages.filter(({ name }) => request.stages.includes(name));
  let left = request.filter.limit ?? Number.POSITIVE_INFINITY;
  for await (const page of selectShows(deps.db, request.filter, request.stages)) {
    const now = clock.now().toISOString();
    const due = page
      .map((show) =>
        show.identity.tmdbId !== null && named.has(show.identity.tmdbId) ? { ...show, changedAt: now } : show,
      )
      .map((show) => {
        const { due: stages, decisions } = dueStages(show, chosen, request.decision, now);
        countDecisions(summary, decisions);
        return { show, due: stages };
      })
      .filter((entry) => entry.due.length > 0)
      .slice(0, left);
    left -= due.length;
    summary.shows.total += due.length;
    await inOrder(
      due,
      WIDTH,
      ({ show, due: stages }) => planShow(env, show, stages),
      (plan) => settle(env, plan),
    );
    if (left <= 0 || signal.aborted) break;
  }
  return finished(env);
}

/** What `runImport` would do now, without a trace. */
export async function planImport(
  deps: RunDependencies,
  request: ImportRequest & Pick<DryRunRequest, 'onPlan'>,
): Promise<RunSummary> {
  const env = environment(deps, request);
  const { candidates, failures } = await collectCandidates(listSources(deps), request.sources, request.signal);
  env.summary.shows.total = candidates.length + failures.length;
  for (const { subject, reason } of failures) {
    const base = { stage: 'lists', subject, showId: null, showName: subject, reason: null };
    await settle(env, async () => [{ ...base, status: 'failed', error: fetchError(reason) }]);
  }
  await inOrder(
    candidates,
    WIDTH,
    (candidate) => planOneCandidate(env, candidate, request),
    (plan) => settle(env, plan),
  );
  return finished(env);
}

function environment(deps: RunDependencies, request: Pick<DryRunRequest, 'signal' | 'onPlan'>): DryEnvironment {
  return {
    deps,
    clock: deps.clock ?? systemClock,
    signal: request.signal,
    summary: newSummary(null),
    onPlan: request.onPlan,
    shared: new SharedRows(),
  };
}

/** The change feed as a real run would read it, kept in memory. */
async function feedNow(env: DryEnvironment, request: SyncRequest): Promise<ReadonlySet<number>> {
  if (request.decision.force || !request.decision.incremental) return new Set();
  const { db, tmdb } = env.deps;
  const feed = await readChangeFeed(db, tmdb, env.clock.now(), { record: false, signal: env.signal });
  if (feed.kind === 'failed') keep(env.summary.warnings, `change feed could not be read: ${feed.detail}`);
  return new Set(feed.kind === 'read' ? feed.changed : []);
}

async function planShow(env: DryEnvironment, show: SelectedShow, due: readonly DueStage[]): Promise<Planner> {
  const sources = createShowSources({
    tmdb: env.deps.tmdb,
    signal: env.signal,
    now: () => env.clock.now(),
    onlySeasons: onlyMissing(show, due),
  });
  if (await confirmedUnchanged(show, due, sources, env.deps.stages)) return async () => [];
  const fetched = await fetchAll(env, show, due, sources);
  return () => rolledBack(env, show.identity, (tx) => planUnits(env, tx, show, due, fetched));
}

async function planOneCandidate(env: DryEnvironment, candidate: Candidate, request: ImportRequest): Promise<Planner> {
  const { deps, clock, signal } = env;
  const subject = candidateName(candidate);
  const { known, answer } = await identify(deps.tmdb, candidate, request.sources, { deps, clock, signal });
  const context = candidateContext(clock, answer, deps.lists?.published);
  const tmdb = answering(deps.tmdb, candidate.tmdbId, answer);
  const first = await deps.db.asService('dry run', (tx) => planCandidate(tx, known, context), { rollback: true });
  const result = candidateResult(subject, known, first, answer);
  if (first.show === undefined) return async () => [result];
  const { identity, due, selected } = await dueOfCandidate(env, first.show, request);
  const sources = createShowSources({ tmdb, signal, now: () => clock.now(), onlySeasons: onlyMissing(selected, due) });
  const fetched = await fetchAll({ ...env, deps: { ...deps, tmdb } }, selected, due, sources, first.plan);
  return () =>
    rolledBack(env, identity, async (tx) => {
      sendPlan(tx, first.plan);
      return [result, ...(await planUnits(env, tx, selected, due, fetched))];
    });
}

/** Which stages the candidate's show would run: all of a new one, the due ones of a stored one. */
async function dueOfCandidate(
  env: DryEnvironment,
  show: ShowIdentity,
  request: ImportRequest,
): Promise<{ identity: ShowIdentity; due: DueStage[]; selected: SelectedShow }> {
  const { db, stages } = env.deps;
  const chosen = stages.filter(({ name }) => request.stages.includes(name));
  const filter = { all: false, showIds: [show.id], tmdbIds: [], imdbIds: [] };
  let stored: SelectedShow | undefined;
  for await (const [found] of selectShows(db, filter, request.stages)) stored = found;
  const selected: SelectedShow = { ...(stored ?? UNSEEN), identity: show };
  const { due } = dueStages(selected, chosen, request.decision, env.clock.now().toISOString());
  return { identity: show, due, selected };
}

const UNSEEN: Omit<SelectedShow, 'identity'> = {
  states: {},
  totalSeasons: null,
  seasonCount: 0,
  listsNoSeason: false,
  checkedAt: null,
  changedAt: null,
  validators: {},
  attemptedAt: '-infinity',
  unfinished: [],
  doneInRun: [],
  pace: 'waiting',
};

async function settle(env: DryEnvironment, plan: Planner): Promise<void> {
  const results = await plan();
  for (const result of results) {
    countUnit(env.summary, result);
    env.onPlan(result);
  }
  const statuses = results.map(({ status }) => status);
  countShow(env.summary, results.length === 0 ? 'unchanged' : 'done', statuses);
}

function finished(env: DryEnvironment): RunSummary {
  env.summary.status = finalStatus(env.summary, env.signal.aborted);
  return env.summary;
}

/** Works on `width` items at a time and hands the results over in the items' order. */
async function inOrder<A, B>(
  items: readonly A[],
  width: number,
  work: (item: A) => Promise<B>,
  done: (result: B) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += width) {
    const results = await mapBounded(items.slice(at, at + width), width, work);
    for (const result of results) await done(result);
  }
}
