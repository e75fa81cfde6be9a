import type { Scope } from '../platform/db/types.ts';
import { applyPlan } from './apply.ts';
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
import type { Plan, TableChange } from './plan.ts';
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
import { blockedBy, confirmedUnchanged, onlyMissing, storedStatuses } from './show-job.ts';
import { createShowSources, mapBounded, type ShowSources } from './show-sources.ts';
import type { ShowIdentity, Stage, StageFetch } from './stage.ts';
import { attempted, type Clock, fetchError, identityAfter, planStage, showLock, type UnitResult } from './unit.ts';
import type { RunDependencies } from './work.ts';

export interface DryRunRequest extends SyncRequest {
  /** Called for every unit of a show, in order, once the show is planned. */
  readonly onPlan: (result: UnitResult) => void;
}

interface DryEnvironment {
  readonly deps: RunDependencies;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly summary: RunSummary;
  readonly onPlan: (result: UnitResult) => void;
  /** Rows that belong to no single show (people, networks) and that plans before this one add. */
  readonly shared: SharedRows;
}

/** Fetched and ready to be planned; plans are made one after the other. */
type Planner = () => Promise<UnitResult[]>;

/** Shared rows hang on others at most so deep: networks and people, and what is known about people. */
const MAX_ROUNDS = 3;

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

/** Plans inside a transaction that is rolled back, on top of the shared rows that plans before this one added. */
async function rolledBack(
  env: DryEnvironment,
  show: ShowIdentity,
  work: (tx: Scope) => Promise<UnitResult[]>,
): Promise<UnitResult[]> {
  const attempt = (before: Plan | null): Promise<UnitResult[]> =>
    tried(show, () =>
      env.deps.db.asService(
        'dry run',
        async (tx) => {
          if (before !== null) await applyPlan(tx, before);
          return work(tx);
        },
        { rollback: true, lock: showLock(show.id) },
      ),
    );
  let results = await attempt(null);
  const before: TableChange[] = [];
  // People first, then what hangs on them: its rows are recognised once their people are.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const again = env.shared.repeated(plansOf(results));
    if (again === null) break;
    before.push(...again.changes);
    results = await attempt({ ...again, changes: before });
  }
  env.shared.remember(plansOf(results));
  return results;
}

function plansOf(results: readonly UnitResult[]): Plan[] {
  return results.flatMap(({ plan }) => plan ?? []);
}

type Fetched = ReadonlyMap<string, StageFetch<unknown>>;

/**
 * Fetches for all due stages. Where a stage's questions depend on what the ones before it will have written (the TMDb id that `resolve`
 * finds, the people whose pages are looked for), these are planned first, and taken back.
 * @param first what an import writes before them
 */
async function fetchAll(
  env: DryEnvironment,
  selected: SelectedShow,
  due: readonly DueStage[],
  sources: ShowSources,
  first?: Plan,
): Promise<Fetched> {
  const fetched = new Map<string, StageFetch<unknown>>();
  let show = selected.identity;
  const soFar = <T>(then: (tx: Scope, show: ShowIdentity) => Promise<T>): Promise<T> =>
    env.deps.db.asService(
      'dry run',
      async (tx) => {
        if (first !== undefined) await applyPlan(tx, first);
        const results = await planUnits(env, tx, selected, due, fetched);
        return then(
          tx,
          results.reduce((one, { plan }) => (plan === undefined ? one : identityAfter(one, plan)), selected.identity),
        );
      },
      { rollback: true, lock: showLock(selected.identity.id) },
    );
  for (const { stage: name } of due) {
    const stage = stageOf(env, name);
    if (env.signal.aborted || stage.applies(show) !== true) continue;
    const { before } = stage;
    const known = before === undefined ? undefined : await soFar((tx, now) => before(tx, now));
    fetched.set(name, await stage.fetch(show, sources, known));
    if (name === 'resolve') show = await soFar(async (_, now) => now);
  }
  return fetched;
}

/** The units of one show inside one transaction, each on top of what the ones before it wrote. */
async function planUnits(
  env: DryEnvironment,
  tx: Scope,
  selected: SelectedShow,
  due: readonly DueStage[],
  fetched: Fetched,
): Promise<UnitResult[]> {
  const statuses = storedStatuses(selected, due);
  const results: UnitResult[] = [];
  let show = selected.identity;
  for (const { stage: name, reason } of due) {
    const stage = stageOf(env, name);
    const base = { stage: name, subject: show.id, showId: show.id, showName: show.name };
    const applies = stage.applies(show);
    const blocked = blockedBy(stage, statuses);
    const answer = fetched.get(name);
    let result: UnitResult;
    if (applies !== true) result = { ...base, status: 'not_applicable', reason: applies };
    else if (blocked !== undefined) result = { ...base, status: 'skipped', reason: blocked };
    else if (answer === undefined) continue;
    else if (answer.kind === 'nothing') result = { ...base, status: 'not_applicable', reason: answer.reason };
    else if (answer.kind === 'failed') {
      result = { ...base, status: 'failed', reason, error: fetchError(answer.reason, answer.source) };
    } else result = await planUnit(env, tx, stage, show, answer, { ...base, reason });
    statuses.set(name, result.status);
    if (result.plan !== undefined) show = identityAfter(show, result.plan);
    results.push(result);
  }
  return results;
}

async function planUnit(
  env: DryEnvironment,
  tx: Scope,
  stage: Stage,
  show: ShowIdentity,
  answer: Extract<StageFetch<unknown>, { kind: 'facts' }>,
  base: Pick<UnitResult, 'stage' | 'subject' | 'showId' | 'showName' | 'reason'>,
): Promise<UnitResult> {
  await tx.raw('savepoint unit');
  return attempted<UnitResult>(
    async () => {
      const { plan, pending } = await planStage(tx, stage, show, answer, env.clock);
      if (plan.conflict !== undefined) {
        return { ...base, status: 'failed', error: { kind: plan.conflict.code, detail: plan.conflict.detail } };
      }
      await applyPlan(tx, pending);
      return plan.partial.length > 0
        ? { ...base, status: 'partial', reason: plan.partial.join('; '), plan }
        : { ...base, status: 'succeeded', plan };
    },
    async (error) => {
      await tx.raw('rollback to savepoint unit');
      return { ...base, status: 'failed', error };
    },
    // A race inside our own transaction cannot be repaired by trying again.
    1,
  );
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
      await applyPlan(tx, first.plan);
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

/** A show that cannot even be planned is one failed result, not the end of the dry run. */
async function tried(show: ShowIdentity, work: () => Promise<UnitResult[]>): Promise<UnitResult[]> {
  return attempted<UnitResult[]>(work, async (error) => [
    { stage: 'plan', subject: show.id, showId: show.id, showName: show.name, status: 'failed', reason: null, error },
  ]);
}

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

function stageOf(env: DryEnvironment, name: string): Stage {
  const stage = env.deps.stages.find((one) => one.name === name);
  if (stage === undefined) throw new Error(`unknown stage: ${name}`);
  return stage;
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

/** One line of a printed plan: which rows of which table, told by what a person knows them by. */
export interface PlanLine {
  readonly table: string;
  readonly op: TableChange['op'];
  readonly columns: readonly string[];
  readonly rows: number;
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Columns that name a new row better than its random id. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'core.shows': ['name'],
  'core.seasons': ['season_number'],
  'core.episodes': ['season_number', 'episode_number'],
  'core.people': ['full_name'],
  'core.show_cast': ['billing_order', 'credit_category', 'role'],
  'core.cast_tmdb': ['name'],
  'core.cast_fandom': ['page_title'],
  'core.cast_photos': ['source', 'source_image_id'],
  'core.episode_appearances': ['person_id', 'seasons'],
  'core.show_images': ['kind', 'file_path'],
  'core.season_images': ['season_number', 'file_path'],
  'core.external_ids': ['scheme', 'value'],
  'core.alternative_names': ['name', 'country'],
};

/** A plan's changes as lines to print; `columns` of an update are the ones it writes. */
export function planLines(result: UnitResult): PlanLine[] {
  return (result.plan?.changes ?? [])
    .filter((change) => change.rows.length > 0)
    .map((change) => {
      const known = NAMES[change.table];
      const names = change.op === 'insert' && known !== undefined ? known : change.key;
      return {
        table: change.table,
        op: change.op,
        columns: change.columns,
        rows: change.rows.length,
        keys: change.rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))),
      };
    });
}
