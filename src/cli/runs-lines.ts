import type { RunChange } from '../pipeline/changes/read.ts';
import { GIVEN_UP } from '../pipeline/runs/dead.ts';
import type { RunEvent } from '../pipeline/runs/follow.ts';
import type { Failure, LiveWorker, RunDetails, RunRow, ShowStage, TroubledUnit } from '../pipeline/runs/read.ts';

export function runLine(run: RunRow): string {
  const { shows } = run.counts as { shows?: { total: number; done: number; failed: number } };
  const counts = shows === undefined ? '' : `${shows.done}/${shows.total} shows, ${shows.failed} failed`;
  const when = run.started_at ?? run.created_at;
  return [run.id, run.status.padEnd(11), run.command.padEnd(6), when, counts].join('  ');
}

export function detailLines({ run, units, troubled }: RunDetails): string[] {
  const requests = Object.entries(run.requests as Record<string, number>);
  const by = run.mode === 'workers' ? `workers, priority ${run.priority}` : 'one process';
  return [
    `run       ${run.id}`,
    `what      ${run.command} by ${run.who}, version ${run.code_version ?? '?'}`,
    `params    ${JSON.stringify(run.params)}`,
    `carried   out by ${by}`,
    `status    ${run.status}${run.error === null ? '' : `: ${run.error}`}${asked(run)}`,
    `time      ${run.started_at ?? `waiting since ${run.created_at}`} to ${run.finished_at ?? 'now'}`,
    `requests  ${requests.length === 0 ? 'none' : requests.map(([host, count]) => `${host}: ${count}`).join(', ')}`,
    'units',
    ...units.map((row) => `  ${row.stage.padEnd(14)} ${row.status.padEnd(15)} ${row.units}`),
    ...(run.warnings.length === 0 ? [] : ['warnings', ...run.warnings.map((line) => `  ${line}`)]),
    ...(troubled.length === 0 ? [] : ['trouble', ...troubled.map((unit) => `  ${troubleLine(unit)}`)]),
  ];
}

function asked(run: RunDetails['run']): string {
  return run.cancel_requested_at !== null && run.finished_at === null ? ', asked to stop' : '';
}

function troubleLine(unit: TroubledUnit | Failure): string {
  const what = `${unit.status} ${unit.stage} of ${unit.show_name ?? unit.subject}`;
  if (unit.error_kind === null) return `${what}: ${unit.reason ?? ''}`;
  const where = [unit.error_upstream, unit.http_status].filter((part) => part !== null).join(' ');
  const detail = unit.error_detail?.split('\n')[0] ?? '';
  const word = unit.error_kind === GIVEN_UP ? 'given up' : unit.error_kind;
  const later = unit.status === 'pending' && unit.reason !== null ? `, ${unit.reason}` : '';
  return `${what}: ${word}${where === '' ? '' : ` (${where})`}: ${detail} (attempt ${unit.attempt}${later})`;
}

export function failureLine(failure: Failure): string {
  return `${failure.at}  ${failure.run_id.slice(0, 8)}  ${troubleLine(failure)}`;
}

export function stageLine(row: ShowStage): string {
  const success =
    row.last_success_at === null
      ? 'never succeeded'
      : `last succeeded ${row.last_success_at}${row.success_run_id === null ? '' : ` in run ${row.success_run_id}`}`;
  if (row.status === 'success') return `${row.stage.padEnd(14)} ${success}`;
  const why = row.last_error?.split('\n')[0] ?? row.reason ?? '';
  const tries = row.attempts > 0 ? `, ${row.attempts} tries since` : '';
  return `${row.stage.padEnd(14)} ${success}; now ${row.status}${why === '' ? '' : ` (${why})`}${tries}`;
}

export function workerLine(worker: LiveWorker): string {
  const busy = worker.run_id === null ? 'idle' : `at run ${worker.run_id}`;
  return `${worker.id}  ${worker.host}:${worker.pid}  ${worker.concurrency} at once  ${busy}  since ${worker.started_at}`;
}

interface EventPayload {
  readonly stage?: string;
  readonly show?: string;
  readonly subject?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly error?: string;
  readonly shows?: number;
  readonly seconds?: number;
}

/** One event for a person. */
export function eventLine(event: RunEvent): string {
  const payload = event.payload as EventPayload;
  return `${String(event.seq).padStart(6)}  ${event.at}  ${whatHappened(event.kind, payload)}`;
}

function whatHappened(kind: string, payload: EventPayload): string {
  const who = payload.show ?? payload.subject ?? '';
  if (kind === 'unit') {
    const why = payload.error?.split('\n')[0] ?? payload.reason;
    return `${who} · ${payload.stage}: ${payload.status}${why === undefined ? '' : ` (${why})`}`;
  }
  if (kind === 'postponed') return `${who} · ${payload.stage}: again in ${payload.seconds} s (${payload.error ?? ''})`;
  if (kind === 'planned') return `planned: ${payload.shows} shows`;
  if (kind === 'finished') return `finished: ${payload.status}`;
  return kind.replaceAll('_', ' ');
}

interface ChangedField {
  readonly old: unknown;
  readonly new: unknown;
  readonly source?: string;
}

/** One changed row: a headline, then a line for each field. */
export function changeLines(change: RunChange): string[] {
  const { stage, op, table_name: table, row_key: key, subject, fields } = change;
  const head = `${op} ${table} ${key}${subject === null ? '' : ` of ${subject}`}${stage === null ? '' : `, ${stage}`}`;
  const changed = Object.entries((fields ?? {}) as Record<string, ChangedField>);
  return [
    head,
    ...changed.map(
      ([name, field]) =>
        `  ${name}: ${shortJson(field.old)} -> ${shortJson(field.new)}${field.source === undefined ? '' : ` (${field.source})`}`,
    ),
  ];
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
