import type { Row } from '../../platform/db/statement.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import type { UnitStatus } from '../unit.ts';
import { COUNT_CHANGES, COUNT_SHOWS, COUNT_UNITS, RUN_TOTALS, TROUBLED_UNITS } from './queries.ts';
import { finalStatus, KEPT, keep, newSummary, noChanges, noUnits, type RunStatus, type RunSummary } from './summary.ts';

/**
 * What a run has done so far, counted from its record, so that it is exact whichever processes did it and whichever of them died. Undefined
 * when there is no such run. Its status is the one it would have if it ended now.
 */
export async function tallyRun(db: Database, runId: string): Promise<RunSummary | undefined> {
  return db.asService('run tally', (tx) => tally(tx, runId));
}

/** The same inside a transaction. */
export async function tally(tx: Scope, runId: string): Promise<RunSummary | undefined> {
  const totals = await tx.one(RUN_TOTALS, [runId]);
  if (totals === undefined) return undefined;
  const summary = newSummary(runId);
  const shows = await tx.one(COUNT_SHOWS, [runId]);
  Object.assign(summary.shows, shows, { total: totals.shows_total });
  for (const row of await tx.query(COUNT_UNITS, [runId])) addUnits(summary, row);
  for (const { table_name: table, kind, n } of await tx.query(COUNT_CHANGES, [runId])) {
    summary.tables[table] = { ...(summary.tables[table] ?? noChanges()), [kind]: Number(n) };
  }
  for (const unit of await tx.query(TROUBLED_UNITS, [runId, KEPT])) describeTrouble(summary, unit);
  summary.warnings.unshift(...totals.warnings);
  summary.requests = totals.requests as Record<string, number>;
  summary.status = statusOf(totals, summary);
  return summary;
}

function statusOf(run: Row<typeof RUN_TOTALS>, summary: RunSummary): RunStatus {
  // Its process is gone: whatever it did, it did not end well.
  if (run.status === 'interrupted') return 'failed';
  const ended = (['succeeded', 'partial', 'failed', 'cancelled'] as const).find((status) => status === run.status);
  return ended ?? finalStatus(summary, run.cancel_requested_at !== null);
}

function addUnits(summary: RunSummary, { stage, status, units }: Row<typeof COUNT_UNITS>): void {
  if (!(status in summary.units)) return;
  const counted = status as UnitStatus;
  summary.units[counted] += units;
  const ofStage = summary.stages[stage] ?? noUnits();
  summary.stages[stage] = ofStage;
  ofStage[counted] += units;
}

function describeTrouble(summary: RunSummary, unit: Row<typeof TROUBLED_UNITS>): void {
  const where = `${unit.show_name ?? unit.subject} · ${unit.stage}`;
  if (unit.status === 'failed') {
    keep(summary.failures, `${where}: ${unit.error_kind ?? ''}: ${unit.error_detail?.split('\n')[0] ?? ''}`);
  }
  if (unit.status === 'partial') keep(summary.warnings, `${where}: partial, missing ${unit.reason ?? ''}`);
}
