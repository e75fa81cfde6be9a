import { type PlanLine, planLines } from '../pipeline/plan-lines.ts';
import { errorText } from '../pipeline/runs/record.ts';
import type { RunSummary } from '../pipeline/runs/summary.ts';
import type { UnitResult } from '../pipeline/unit.ts';
import type { Reporter } from '../pipeline/work.ts';
import { EXIT, type ExitCode } from './command.ts';

export interface ProgressOptions {
  readonly json: boolean;
  readonly verbose: boolean;
}

const EXIT_OF: Readonly<Record<RunSummary['status'], ExitCode>> = {
  succeeded: EXIT.ok,
  partial: EXIT.partial,
  failed: EXIT.failed,
  cancelled: EXIT.cancelled,
};

/** The exit code of a command that carried out, or followed, a run that ended so. */
export function exitOf(status: RunSummary['status']): ExitCode {
  return EXIT_OF[status];
}

const INTERVAL_MS = 1000;

/** Follows a run on stderr: a bar on a terminal, a JSON line a second elsewhere. */
export function createProgress(options: ProgressOptions): Reporter & { end(): void } {
  const terminal = process.stderr.isTTY === true && !options.json;
  const begun = performance.now();
  let shown = 0;
  let current: RunSummary | undefined;
  const show = (force: boolean): void => {
    const now = performance.now();
    if (current === undefined || (!force && now - shown < (terminal ? 100 : INTERVAL_MS))) return;
    shown = now;
    const state = progressOf(current, (now - begun) / 1000);
    process.stderr.write(terminal ? `\r\x1b[K${bar(state)}` : `${JSON.stringify({ type: 'progress', ...state })}\n`);
  };
  return {
    started(summary) {
      current = summary;
      if (options.verbose) for (const line of selectionLines(summary)) write(line, terminal);
      show(true);
    },
    unit(result) {
      if (options.verbose) write(unitLine(result), terminal);
    },
    show(_name, _outcome, summary) {
      current = summary;
      show(false);
    },
    note: (line) => write(options.json || !terminal ? JSON.stringify({ type: 'note', text: line }) : line, terminal),
    end() {
      show(true);
      if (terminal && current !== undefined) process.stderr.write('\n');
    },
  };
}

interface ProgressState {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly partial: number;
  /** Shows per second. */
  readonly rate: number;
  /** Seconds left at this rate; null when it cannot be told yet. */
  readonly eta: number | null;
}

function progressOf({ shows }: RunSummary, seconds: number): ProgressState {
  const rate = seconds > 0 ? shows.done / seconds : 0;
  return {
    total: shows.total,
    done: shows.done,
    failed: shows.failed,
    partial: shows.partial,
    rate: Math.round(rate * 10) / 10,
    eta: rate > 0 ? Math.round((shows.total - shows.done) / rate) : null,
  };
}

const WIDTH = 24;

function bar(state: ProgressState): string {
  const filled = state.total === 0 ? WIDTH : Math.round((state.done / state.total) * WIDTH);
  const left = state.eta === null ? '' : `, ${state.eta} s left`;
  const trouble = state.failed > 0 ? `, ${state.failed} failed` : '';
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${state.done}/${state.total} shows${trouble}, ${state.rate}/s${left}`;
}

function write(line: string, terminal: boolean): void {
  process.stderr.write(terminal ? `\r\x1b[K${line}\n` : `${line}\n`);
}

function unitLine(result: UnitResult): string {
  const why = result.error === undefined ? (result.reason ?? '') : (errorText(result).split('\n')[0] ?? '');
  return `${result.showName} · ${result.stage}: ${result.status}${why === '' ? '' : ` (${why})`}`;
}

/** One line per stage: how many shows are taken up and why (`spec/pipeline.md` 5.2). */
function selectionLines({ selection }: RunSummary): string[] {
  return Object.entries(selection).map(([stage, { selected, skipped, reasons }]) => {
    const why = Object.entries(reasons).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `${stage}: ${selected} selected, ${skipped} skipped (${why.map(([reason, n]) => `${reason} ${n}`).join(', ')})`;
  });
}

/** Prints the end of a run and returns its exit code. */
export function printSummary(
  verb: string,
  summary: RunSummary,
  options: ProgressOptions & { dryRun: boolean },
): ExitCode {
  const exit = exitOf(summary.status);
  if (options.json) {
    console.log(JSON.stringify({ type: 'summary', dryRun: options.dryRun, exit, ...summary }));
    return exit;
  }
  for (const line of summaryLines(verb, summary, options.dryRun)) console.log(line);
  return exit;
}

function summaryLines(verb: string, summary: RunSummary, dryRun: boolean): string[] {
  const { shows, units } = summary;
  const requests = Object.values(summary.requests).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${verb}${dryRun ? ' (dry run, nothing was written)' : ''}: ${summary.status}. ` +
      `${shows.done} of ${shows.total} shows done, ${shows.unchanged} unchanged, ${shows.partial} partial, ${shows.failed} failed; ` +
      `${units.succeeded} units succeeded, ${units.skipped} skipped${requests > 0 ? `; ${requests} requests` : ''}`,
  ];
  for (const [table, counts] of Object.entries(summary.tables).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = Object.entries(counts).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []));
    lines.push(`  ${table.padEnd(28)} ${parts.join(', ')}`);
  }
  if (summary.warnings.length > 0) lines.push('warnings:', ...summary.warnings.map((line) => `  - ${line}`));
  if (summary.failures.length > 0) lines.push('failures:', ...summary.failures.map((line) => `  - ${line}`));
  const more = units.failed - summary.failures.length;
  if (summary.runId !== null && units.failed + units.partial + units.skipped > 0) {
    lines.push(`${more > 0 ? `and ${more} more; ` : ''}all of them: trr runs show ${summary.runId}`);
  }
  return lines;
}

/** Prints one unit of a dry run: its changes by table, with the columns and the rows they touch. */
export function printPlan(result: UnitResult, json: boolean): void {
  const lines = planLines(result);
  if (json) {
    const { stage, status, reason, showName: show, showId } = result;
    const told = { stage, show, showId, status, reason };
    console.log(
      JSON.stringify({ type: 'unit', ...told, ...(result.error === undefined ? {} : { error: result.error }) }),
    );
    for (const line of lines) console.log(JSON.stringify({ type: 'change', stage, show, ...line }));
    return;
  }
  if (lines.length === 0 && result.status === 'succeeded') return;
  console.log(unitLine(result));
  for (const line of lines) {
    console.log(
      `  ${line.op} ${line.rows} in ${line.table}${line.op === 'delete' ? '' : `: ${line.columns.join(', ')}`}`,
    );
    for (const key of line.keys) console.log(`    ${describeKey(key)}`);
  }
}

function describeKey(key: PlanLine['keys'][number]): string {
  return Object.entries(key)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
