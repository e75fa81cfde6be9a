import type { Scope, Transaction } from '../platform/db/types.ts';
import { applyPlan, sendPlan } from './apply.ts';
import type { Plan, TableChange } from './plan.ts';
import type { RunSummary } from './runs/summary.ts';
import type { DueStage, SelectedShow } from './selection.ts';
import type { SharedRows } from './shared-rows.ts';
import { blockedBy, storedStatuses } from './show-job.ts';
import type { ShowSources } from './show-sources.ts';
import type { ShowIdentity, Stage, StageFetch } from './stage.ts';
import { attempted, type Clock, fetchError, identityAfter, planStage, showLock, type UnitResult } from './unit.ts';
import type { RunDependencies } from './work.ts';

/** What the plans of one dry run share. */
export interface DryEnvironment {
  readonly deps: RunDependencies;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly summary: RunSummary;
  readonly onPlan: (result: UnitResult) => void;
  /** Rows that belong to no single show (people, networks) and that plans before this one add. */
  readonly shared: SharedRows;
}

/** Shared rows hang on others at most so deep: networks and people, and what is known about people. */
const MAX_ROUNDS = 3;

/** Plans inside a transaction that is rolled back, on top of the shared rows that plans before this one added. */
export async function rolledBack(
  env: DryEnvironment,
  show: ShowIdentity,
  work: (tx: Transaction) => Promise<UnitResult[]>,
): Promise<UnitResult[]> {
  const attempt = (before: Plan | null): Promise<UnitResult[]> =>
    tried(show, () =>
      env.deps.db.asService(
        'dry run',
        async (tx) => {
          if (before !== null) sendPlan(tx, before);
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

export type Fetched = ReadonlyMap<string, StageFetch<unknown>>;

/**
 * Fetches for all due stages. Where a stage's questions depend on what the ones before it will have written (the TMDb id that `resolve`
 * finds, the people whose pages are looked for), these are planned first, and taken back.
 * @param first what an import writes before them
 */
export async function fetchAll(
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
        if (first !== undefined) sendPlan(tx, first);
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
export async function planUnits(
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

/** A show that cannot even be planned is one failed result, not the end of the dry run. */
async function tried(show: ShowIdentity, work: () => Promise<UnitResult[]>): Promise<UnitResult[]> {
  return attempted<UnitResult[]>(work, async (error) => [
    { stage: 'plan', subject: show.id, showId: show.id, showName: show.name, status: 'failed', reason: null, error },
  ]);
}

function stageOf(env: DryEnvironment, name: string): Stage {
  const stage = env.deps.stages.find((one) => one.name === name);
  if (stage === undefined) throw new Error(`unknown stage: ${name}`);
  return stage;
}
