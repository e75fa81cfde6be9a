import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../platform/db/errors.ts';
import type { Database, Scope, Transaction } from '../platform/db/types.ts';
import type { NotOk } from '../platform/outcome.ts';
import { applyPlan, type Ending, sendPlan } from './apply.ts';
import type { PartAnswer } from './parts.ts';
import type { Plan } from './plan.ts';
import { askReview } from './reviews/service.ts';
import type { ShowSources } from './show-sources.ts';
import type { PlanContext, ShowIdentity, Stage, StageFetch, StageName } from './stage.ts';

export type UnitStatus = 'succeeded' | 'partial' | 'failed' | 'skipped' | 'not_applicable';

/** What came of one unit: one stage for one show, or one candidate of an import. */
export interface UnitResult {
  readonly stage: string;
  /** The show's id, or the candidate's name for itself. */
  readonly subject: string;
  readonly showId: string | null;
  readonly showName: string;
  readonly status: UnitStatus;
  /** Why it ran, what is missing, or why it did not run. */
  readonly reason: string | null;
  readonly error?: UnitError;
  readonly plan?: Plan;
  /** Fetch and write together; of units of a show. */
  readonly seconds?: number;
}

export interface UnitError {
  /** An outcome's kind, a plan's conflict code, a database error's code, or `bug`. */
  readonly kind: string;
  readonly detail: string;
  readonly upstream?: string;
  readonly httpStatus?: number;
}

/** What a unit leaves behind; both are written in the transaction that changes the data. */
export interface UnitWriter {
  readonly runId: string;
  /** Records of units before it that changed nothing and have waited for this transaction. */
  before?(tx: Transaction): void;
  /** Steps that record the result (`core.sync_state`, run, event), joined to the plan's last statement. */
  ending(result: UnitResult, marker: string | null): Ending;
  /** Runs in the same transaction after it: completes the job when the unit is the show's last. */
  after(tx: Scope): Promise<void>;
}

const MAX_TRIES = 8;
/** Serialization failure, deadlock, and the race of two inserts of one shared row: the next try sees what the other wrote. */
const RETRIED = new Set(['40001', '40P01', '23505']);

export const SOURCE = { name: 'tmdb', licence: 'tmdb' } as const;

export interface Clock {
  now(): Date;
  newId(): string;
}

/** Name of the lock under which everything about a show is read and written; held until the end of the transaction. */
export function showLock(showId: string): string {
  return `show:${showId}`;
}

/** Who is named in the history of what the transaction changes (`pipeline.changes`). */
export function changedBy(runId: string, stage: string): Record<string, string> {
  return { 'trr.run': runId, 'trr.stage': stage };
}

/** Takes that lock in a transaction that has begun without it. */
export async function lockShow(tx: Scope, showId: string): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended($1, 0))', [showLock(showId)]);
}

/** Asks a stage's sources, after reading what the questions depend on; no connection is held meanwhile. */
export async function fetchStage(
  db: Database,
  stage: Stage,
  show: ShowIdentity,
  sources: ShowSources,
): Promise<StageFetch<unknown>> {
  if (stage.before === undefined) return stage.fetch(show, sources, undefined);
  const { before } = stage;
  return stage.fetch(show, sources, await db.asService(`before ${stage.name}`, (tx) => before(tx, show)));
}

type Facts = Omit<Extract<StageFetch<unknown>, { kind: 'facts' }>, 'kind'>;

export interface StagePlan {
  /** All that the unit changes; what is recorded and printed. */
  readonly plan: Plan;
  /** What of it is not yet written: the whole of it, or the last part's. */
  readonly pending: Plan;
}

export const NO_PLAN: Plan = { changes: [], partial: [], warnings: [] };

/**
 * Loads what is stored and plans a stage's facts against it; of a stage with parts, each on top of the ones before it, which are written.
 * To be called under the show's lock.
 */
export async function planStage(
  tx: Scope,
  stage: Stage,
  show: ShowIdentity,
  fetched: Facts,
  clock: Clock,
): Promise<StagePlan> {
  if (stage.parts === undefined) {
    const plan = await planPart(tx, stage, show, fetched, clock);
    return { plan, pending: plan };
  }
  let plan: Plan = { ...NO_PLAN, partial: fetched.missing };
  let pending = NO_PLAN;
  let identity = show;
  for (const [index, { part, facts }] of (fetched.facts as readonly PartAnswer[]).entries()) {
    await applyPlan(tx, pending);
    const next = await planPart(tx, part, identity, facts, clock);
    if (next.conflict !== undefined && index === 0) return { plan: next, pending: NO_PLAN };
    pending = next.conflict === undefined ? next : refused(part, next, next.conflict);
    plan = joined(plan, pending);
    identity = identityAfter(identity, pending);
  }
  return { plan, pending };
}

/** A source whose ids contradict what is stored says nothing this time; the others have spoken. */
function refused(part: Stage, { reviews = [] }: Plan, conflict: NonNullable<Plan['conflict']>): Plan {
  return {
    changes: [],
    partial: [`${part.source?.name ?? SOURCE.name}: ${conflict.code}`],
    warnings: [conflict.detail],
    reviews,
  };
}

function joined(a: Plan, b: Plan): Plan {
  return {
    changes: [...a.changes, ...b.changes],
    partial: [...new Set([...a.partial, ...b.partial])],
    warnings: [...a.warnings, ...b.warnings],
    reviews: [...(a.reviews ?? []), ...(b.reviews ?? [])],
  };
}

async function planPart(tx: Scope, stage: Stage, show: ShowIdentity, fetched: Facts, clock: Clock): Promise<Plan> {
  const stored = await stage.load(tx, show, fetched.facts);
  const now = clock.now().toISOString();
  const context: PlanContext = {
    now,
    today: now.slice(0, 10),
    source: { ...(fetched.source ?? stage.source ?? SOURCE), at: fetched.at, via: fetched.via },
    ...(stage.published === undefined ? {} : { published: stage.published }),
    newId: clock.newId,
  };
  const plan = stage.plan(fetched.facts, stored, show, context);
  const missing = fetched.missing.filter((name) => !plan.partial.includes(name));
  return missing.length === 0 ? plan : { ...plan, partial: [...plan.partial, ...missing] };
}

/**
 * Carries out one unit in one transaction: lock, load, plan, write, record. Nothing of it stays when any part fails; races with
 * other writers are tried again.
 * @throws DatabaseUnavailable when the database is gone; everything else becomes a failed result
 */
export async function runUnit(
  db: Database,
  stage: Stage,
  show: ShowIdentity,
  fetched: StageFetch<unknown>,
  reason: string,
  clock: Clock,
  writer: UnitWriter,
): Promise<UnitResult> {
  const base = { stage: stage.name, subject: show.id, showId: show.id, showName: show.name };
  if (fetched.kind === 'failed') {
    const result: UnitResult = { ...base, status: 'failed', reason, error: fetchError(fetched.reason, fetched.source) };
    return recordUnit(db, result, show.mostRecentEpisode, writer);
  }
  if (fetched.kind === 'nothing') {
    const result: UnitResult = { ...base, status: 'not_applicable', reason: fetched.reason };
    return recordUnit(db, result, show.mostRecentEpisode, writer);
  }
  return attempted(
    async () =>
      db.asService(
        `unit ${stage.name}`,
        async (tx) => {
          const { plan, pending } = await planStage(tx, stage, show, fetched, clock);
          const result = planned(base, plan, reason);
          const failed = result.status === 'failed';
          const marker = markerAfter(show, failed ? NO_PLAN : plan);
          writer.before?.(tx);
          sendPlan(tx, failed ? NO_PLAN : pending, writer.ending(result, marker));
          for (const question of plan.reviews ?? []) await askReview(tx, writer.runId, question);
          await writer.after(tx);
          return result;
        },
        { lock: showLock(show.id), settings: changedBy(writer.runId, stage.name) },
      ),
    (error) => recordUnit(db, { ...base, status: 'failed', reason, error }, show.mostRecentEpisode, writer),
  );
}

/** Runs `work`, again after races, and hands what cannot be repaired by that to `failed`. */
export async function attempted<T>(
  work: () => Promise<T>,
  failed: (error: UnitError) => Promise<T>,
  maxTries = MAX_TRIES,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      if (!RETRIED.has(codeOf(error) ?? '') || tries >= maxTries) return failed(errorOf(error));
      await sleep(Math.random() * 20 * 2 ** Math.min(tries, 5));
    }
  }
}

/** Records a unit that changes nothing in the catalogue: failed, skipped or not applicable. */
export async function recordUnit(
  db: Database,
  result: UnitResult,
  marker: string | null,
  writer: UnitWriter,
): Promise<UnitResult> {
  await db.asService(`unit ${result.stage}`, async (tx) => {
    writer.before?.(tx);
    sendPlan(tx, NO_PLAN, writer.ending(result, marker));
    await writer.after(tx);
  });
  return result;
}

function planned(
  base: Pick<UnitResult, 'stage' | 'subject' | 'showId' | 'showName'>,
  plan: Plan,
  reason: string,
): UnitResult {
  if (plan.conflict !== undefined) {
    const error = { kind: plan.conflict.code, detail: plan.conflict.detail };
    return { ...base, status: 'failed', reason, error };
  }
  if (plan.partial.length > 0) return { ...base, status: 'partial', reason: plan.partial.join('; '), plan };
  return { ...base, status: 'succeeded', reason, plan };
}

/** A refusal of the source as a unit's error. */
export function fetchError(reason: NotOk, upstream: string = SOURCE.name): UnitError {
  return {
    kind: reason.kind,
    detail: reason.detail,
    upstream,
    ...(reason.status === undefined ? {} : { httpStatus: reason.status }),
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function errorOf(error: unknown): UnitError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // A database error has a five-character code; anything else thrown here is a fault of ours and keeps its stack.
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    const detail =
      error instanceof Error && 'detail' in error && typeof error.detail === 'string' ? ` (${error.detail})` : '';
    return { kind: `database ${code}`, detail: `${message}${detail}` };
  }
  return { kind: 'bug', detail: error instanceof Error ? (error.stack ?? message) : message };
}

const IDENTITY_COLUMNS = {
  name: 'name',
  imdb_id: 'imdbId',
  tmdb_id: 'tmdbId',
  premiere_date: 'premiereDate',
  most_recent_episode: 'mostRecentEpisode',
} as const satisfies Record<string, keyof ShowIdentity>;

/** The show's identity once the plan is carried out. */
export function identityAfter(show: ShowIdentity, plan: Plan): ShowIdentity {
  const changed: Record<string, unknown> = {};
  for (const change of plan.changes) {
    if (change.table !== 'core.shows' || change.op !== 'update') continue;
    const row = change.rows.find(({ id }) => id === show.id);
    for (const [column, property] of Object.entries(IDENTITY_COLUMNS)) {
      if (row !== undefined && change.columns.includes(column)) changed[property] = row[column];
    }
  }
  return { ...show, ...changed };
}

function markerAfter(show: ShowIdentity, plan: Plan): string | null {
  return identityAfter(show, plan).mostRecentEpisode;
}

/** Stages another stage of the same show may build on. */
export function satisfied(status: UnitStatus | undefined): boolean {
  return status === 'succeeded' || status === 'partial' || status === 'not_applicable';
}

export type StageStatuses = Map<StageName, UnitStatus>;
