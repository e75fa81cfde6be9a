import { type ChangeCounts, countChanges } from '../apply.ts';
import type { Decision } from '../state.ts';
import type { UnitResult, UnitStatus } from '../unit.ts';
import { errorText } from './record.ts';

export type RunStatus = 'succeeded' | 'partial' | 'failed' | 'cancelled';

/** What a run has done so far. Its size does not grow with the number of shows. */
export interface RunSummary {
  readonly runId: string | null;
  status: RunStatus;
  /** Shows (or candidates) taken on, finished, confirmed unchanged, with a failed unit, and only partly filled. */
  readonly shows: { total: number; done: number; unchanged: number; failed: number; partial: number };
  readonly units: Record<UnitStatus, number>;
  /** The same by stage. */
  readonly stages: Record<string, Record<UnitStatus, number>>;
  /** What was decided about the shows that were looked at, by stage: how many are taken up and left alone, and why. */
  readonly selection: Record<string, StageSelection>;
  readonly tables: Record<string, ChangeCounts>;
  /** The first failures; the rest is in the run's record. */
  readonly failures: string[];
  readonly warnings: string[];
  /** Requests sent during the run, by host. */
  requests: Record<string, number>;
}

export interface StageSelection {
  selected: number;
  skipped: number;
  /** Shows by reason (`spec/pipeline.md` 5.2). */
  readonly reasons: Record<string, number>;
}

/** Failures and warnings a summary names. */
export const KEPT = 10;

export function newSummary(runId: string | null): RunSummary {
  return {
    runId,
    status: 'succeeded',
    shows: { total: 0, done: 0, unchanged: 0, failed: 0, partial: 0 },
    units: noUnits(),
    selection: {},
    stages: {},
    tables: {},
    failures: [],
    warnings: [],
    requests: {},
  };
}

export function noUnits(): Record<UnitStatus, number> {
  return { succeeded: 0, partial: 0, failed: 0, skipped: 0, not_applicable: 0 };
}

export function noChanges(): ChangeCounts {
  return { inserted: 0, updated: 0, retired: 0, deleted: 0 };
}

/** Counts the decisions about one show. */
export function countDecisions(summary: RunSummary, decisions: ReadonlyMap<string, Decision>): void {
  for (const [stage, { run, reason }] of decisions) {
    const counts = summary.selection[stage] ?? { selected: 0, skipped: 0, reasons: {} };
    summary.selection[stage] = counts;
    if (run) counts.selected += 1;
    else counts.skipped += 1;
    counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
  }
}

export function countUnit(summary: RunSummary, result: UnitResult): void {
  summary.units[result.status] += 1;
  const stage = summary.stages[result.stage] ?? noUnits();
  summary.stages[result.stage] = stage;
  stage[result.status] += 1;
  if (result.status === 'failed') {
    keep(summary.failures, `${result.showName} · ${result.stage}: ${firstLine(errorText(result))}`);
  }
  if (result.status === 'partial') {
    keep(summary.warnings, `${result.showName} · ${result.stage}: partial, missing ${result.reason ?? ''}`);
  }
  if (result.plan === undefined || result.status === 'failed') return;
  for (const warning of result.plan.warnings) {
    keep(summary.warnings, `${result.showName} · ${result.stage}: ${warning}`);
  }
  for (const [table, counts] of countChanges(result.plan)) {
    const total = summary.tables[table] ?? noChanges();
    summary.tables[table] = total;
    total.inserted += counts.inserted;
    total.updated += counts.updated;
    total.retired += counts.retired;
    total.deleted += counts.deleted;
  }
}

/** One show is over; `statuses` are those of its units. */
export function countShow(summary: RunSummary, outcome: 'done' | 'unchanged', statuses: readonly UnitStatus[]): void {
  summary.shows.done += 1;
  if (outcome === 'unchanged') summary.shows.unchanged += 1;
  if (statuses.includes('failed')) summary.shows.failed += 1;
  else if (statuses.some((status) => status === 'partial' || status === 'skipped')) summary.shows.partial += 1;
}

/** Failed when nothing went well, partial when something did not. */
export function finalStatus(summary: RunSummary, cancelled: boolean): RunStatus {
  if (cancelled) return 'cancelled';
  const { failed, partial, skipped } = summary.units;
  if (failed + partial + skipped === 0 && summary.shows.failed === 0) {
    return summary.warnings.some((warning) => warning.startsWith('change feed')) ? 'partial' : 'succeeded';
  }
  // `totals` only counts what is stored, so it succeeds when every source refused.
  const brought = Object.entries(summary.stages)
    .filter(([stage]) => stage !== 'totals')
    .reduce((sum, [, counts]) => sum + counts.succeeded + counts.partial, 0);
  return brought + summary.shows.unchanged === 0 ? 'failed' : 'partial';
}

export function keep(list: string[], line: string): void {
  if (list.length < KEPT) list.push(line);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
