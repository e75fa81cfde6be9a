import { countChanges, type Ending } from '../apply.ts';
import type { Plan } from '../plan.ts';
import { STAGE_NAMES, type StageName } from '../stage.ts';
import type { UnitResult, UnitStatus } from '../unit.ts';

const STATE: Readonly<Partial<Record<UnitStatus, string>>> = {
  succeeded: 'success',
  partial: 'partial',
  failed: 'failed',
  not_applicable: 'not_applicable',
};
/** `core.sync_state.last_error` and reasons are cut to this many characters (`spec/pipeline.md` 5). */
const MAX_TEXT = 1000;

/** Names of what is missing, as one text and back; also `core.sync_state.reason`. */
export const PARTIAL_SEPARATOR = '; ';

export interface RecordedUnit {
  readonly runId: string;
  readonly result: UnitResult;
  /** The show's latest-episode text after the unit. */
  readonly marker: string | null;
  /** Stages of this job that already succeeded: their marker follows the show's, or they would look outdated. */
  readonly done: readonly StageName[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/**
 * The end of a unit as part of one statement: the projection in `core.sync_state`, the unit's row and its event.
 * A failure or a partial result keeps the last success and its marker.
 */
export function recordEnding(unit: RecordedUnit): Ending {
  return {
    compose(values) {
      const param = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
      return [...stateSteps(unit, param), unitStep(unit, param), eventStep(unit, param)];
    },
  };
}

type Param = (value: unknown, type: string) => string;

function stateSteps(unit: RecordedUnit, param: Param): string[] {
  const { result } = unit;
  const status = STATE[result.status];
  // Only stages have a state; a candidate of an import has none.
  const isStage = (STAGE_NAMES as readonly string[]).includes(result.stage);
  if (status === undefined || result.showId === null || !isStage) return [];
  const success = status === 'success';
  const at = unit.finishedAt.toISOString();
  const values = [
    param(result.stage, 'text'),
    param(result.showId, 'uuid'),
    param(status, 'text'),
    param(success ? at : null, 'timestamptz'),
    param(success ? unit.marker : null, 'text'),
    param(result.error === undefined ? null : errorText(result).slice(0, MAX_TEXT), 'text'),
    param(success || status === 'not_applicable' ? 0 : 1, 'int4'),
    param(success || status === 'failed' ? null : (result.reason?.slice(0, MAX_TEXT) ?? null), 'text'),
    param(at, 'timestamptz'),
  ];
  const state = `insert into core.sync_state as y (table_name, show_id, status, last_success_at,
      last_seen_most_recent_episode, last_error, attempts, reason, last_attempt_at)
    values (${values.join(', ')})
    on conflict (table_name, show_id) do update set
      status = excluded.status,
      last_success_at = coalesce(excluded.last_success_at, y.last_success_at),
      last_seen_most_recent_episode = case when excluded.status = 'success'
        then excluded.last_seen_most_recent_episode else y.last_seen_most_recent_episode end,
      last_error = excluded.last_error,
      attempts = case when excluded.attempts = 0 then 0 else y.attempts + 1 end,
      reason = excluded.reason,
      last_attempt_at = excluded.last_attempt_at`;
  if (unit.done.length === 0) return [state];
  const follow = `update core.sync_state set last_seen_most_recent_episode = ${param(unit.marker, 'text')}
    where show_id = ${param(result.showId, 'uuid')} and table_name = any(${param(unit.done, 'text[]')})
      and status = 'success' and last_seen_most_recent_episode is distinct from ${param(unit.marker, 'text')}`;
  return [state, follow];
}

function unitStep(unit: RecordedUnit, param: Param): string {
  const { result } = unit;
  const changes = result.plan === undefined ? {} : changesOf(result.plan);
  const columns: readonly [string, string][] = [
    ['run_id', param(unit.runId, 'uuid')],
    ['stage', param(result.stage, 'text')],
    ['subject', param(result.subject, 'text')],
    ['show_id', param(result.showId, 'uuid')],
    ['status', param(result.status, 'text')],
    ['reason', param(result.reason?.slice(0, MAX_TEXT) ?? null, 'text')],
    ['attempt', '1'],
    ['changes', param(JSON.stringify(changes), 'jsonb')],
    ['warnings', param(result.plan?.warnings ?? [], 'text[]')],
    ['error_kind', param(result.error?.kind ?? null, 'text')],
    ['error_detail', param(result.error?.detail.slice(0, 4 * MAX_TEXT) ?? null, 'text')],
    ['error_upstream', param(result.error?.upstream ?? null, 'text')],
    ['http_status', param(result.error?.httpStatus ?? null, 'int4')],
    ['started_at', param(unit.startedAt.toISOString(), 'timestamptz')],
    ['finished_at', param(unit.finishedAt.toISOString(), 'timestamptz')],
  ];
  const updated = columns.slice(3).filter(([name]) => name !== 'attempt' && name !== 'started_at');
  return `insert into pipeline.run_units as u (${columns.map(([name]) => name).join(', ')})
    values (${columns.map(([, value]) => value).join(', ')})
    on conflict (run_id, stage, subject) do update set attempt = u.attempt + 1,
      ${updated.map(([name]) => `${name} = excluded.${name}`).join(', ')}`;
}

/** Its number comes later (`numberEvents`). */
function eventStep(unit: RecordedUnit, param: Param): string {
  const payload = param(JSON.stringify(eventPayload(unit.result)), 'jsonb');
  return `insert into pipeline.pending_events (run_id, kind, payload) values (${param(unit.runId, 'uuid')}, 'unit', ${payload})`;
}

/** Deleted rows a unit's record names per table; more are only counted. */
const MAX_NAMED = 200;

/** Counts by table, and the keys of deleted rows: the only trace of what a source withdrew (`spec/pipeline.md` 14.2 L2). */
function changesOf(plan: Plan): Record<string, unknown> {
  const changes: Record<string, object> = Object.fromEntries(countChanges(plan));
  for (const { table, op, key, rows } of plan.changes) {
    if (op !== 'delete' || rows.length === 0) continue;
    const keys = rows.slice(0, MAX_NAMED).map((row) => Object.fromEntries(key.map((column) => [column, row[column]])));
    changes[table] = { ...changes[table], keys };
  }
  return changes;
}

function eventPayload(result: UnitResult): Record<string, unknown> {
  return {
    stage: result.stage,
    subject: result.subject,
    show: result.showName,
    status: result.status,
    ...(result.reason === null ? {} : { reason: result.reason }),
    ...(result.error === undefined ? {} : { error: errorText(result) }),
  };
}

export function errorText(result: UnitResult): string {
  return result.error === undefined ? '' : `${result.error.kind}: ${result.error.detail}`;
}
