import { randomUUID } from 'node:crypto';
import { requestCancel } from '../pipeline/runs/control.ts';
import { followRun, type RunEvent } from '../pipeline/runs/follow.ts';
import { type Order, orderParams } from '../pipeline/runs/order.ts';
import { liveWorkers } from '../pipeline/runs/read.ts';
import { queueRun } from '../pipeline/runs/run-record.ts';
import { newSummary, type RunSummary } from '../pipeline/runs/summary.ts';
import { tallyRun } from '../pipeline/runs/tally.ts';
import type { Reporter } from '../pipeline/work.ts';
import type { Database } from '../platform/db/types.ts';
import { EXIT, type ExitCode, integerArg, UsageError } from './command.ts';
import { whoAmI } from './pipeline-session.ts';
import { type ProgressOptions, printSummary } from './progress.ts';
import { ownWish } from './source-flags.ts';
import { VERSION } from './version.ts';

/** Who carries a run out. */
export const HAND_OVER_FLAGS = {
  local: { type: 'boolean', description: 'Work in this process although workers are there' },
  queue: { type: 'boolean', description: 'Leave it to the workers, print the id of the run and end' },
  priority: { type: 'string', description: 'For workers: higher goes first, from -100 to 100', default: '0' },
} as const;

export interface HandOverArgs {
  readonly local?: boolean | undefined;
  readonly queue?: boolean | undefined;
  readonly priority?: string | undefined;
  readonly snapshots?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly record?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

export type HandOver =
  | { readonly to: 'here' }
  | { readonly to: 'workers'; readonly wait: boolean; readonly priority: number };

/**
 * Workers carry a run out when there are any that can, or when they are meant to; what only this process has (saved answers, a recording, a
 * dry run) stays here.
 * @throws UsageError
 */
export async function decideHandOver(db: Database, args: HandOverArgs, order: Order): Promise<HandOver> {
  const priority = readPriority(args.priority);
  const wish = ownWish(order);
  const own = [args.snapshots, args.record, wish].some((value) => value !== undefined) || args.offline === true;
  const here = own || args['dry-run'] === true || args.local === true;
  if (args.queue === true) {
    if (wish !== undefined) throw new UsageError(`--queue cannot hand over ${wish}: leave one of them out`);
    if (here) throw new UsageError('--queue goes with none of --local, --dry-run, --snapshots, --record, --offline');
    return { to: 'workers', wait: false, priority };
  }
  if (here) return { to: 'here' };
  const needed = order.command === 'import' ? ['lists', ...order.stages] : order.stages;
  return (await liveWorkers(db, needed)).length > 0 ? { to: 'workers', wait: true, priority } : { to: 'here' };
}

/** @throws UsageError */
function readPriority(value = '0'): number {
  const negative = value.startsWith('-');
  const size = integerArg('--priority', negative ? value.slice(1) : value, { min: 0, max: 100 }) ?? 0;
  return negative ? -size : size;
}

/** Queues the run; answers its id. */
export async function handOver(db: Database, order: Order, priority: number): Promise<string> {
  const id = randomUUID();
  const request = { who: whoAmI(), command: order.command, params: orderParams(order), codeVersion: VERSION };
  await queueRun(db, id, { ...request, priority, after: null, schedule: null });
  return id;
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly progress: Reporter & { end(): void };
  readonly options: ProgressOptions & { readonly dryRun: boolean };
  readonly verb: string;
}

/** Names the run, then, unless it is only to be queued, tells its progress to the end; a signal cancels it. */
export async function awaitWorkers(db: Database, runId: string, wait: boolean, how: Waiting): Promise<ExitCode> {
  if (!wait) {
    console.log(how.options.json ? JSON.stringify({ type: 'queued', run: runId }) : `queued: trr runs follow ${runId}`);
    return EXIT.ok;
  }
  how.progress.note?.(`workers carry it out: run ${runId}`);
  const summary = await watchRun(db, runId, { signal: how.signal, cancel: true, reporter: how.progress });
  how.progress.end();
  return printSummary(how.verb, summary, how.options);
}

const TALLY_MS = 1_000;

/**
 * Tells a run's progress until it ends. The signal cancels the run and waits for its end; a signal for `follow` only stops telling.
 * @returns what the run did
 */
export async function watchRun(
  db: Database,
  runId: string,
  options: {
    readonly signal: AbortSignal;
    readonly cancel: boolean;
    readonly reporter: Reporter;
    readonly after?: number;
    readonly onEvent?: (event: RunEvent) => void;
  },
): Promise<RunSummary> {
  const { reporter } = options;
  const cancel = (): void => {
    // Should this be lost, the run goes on and `trr runs cancel` can be used.
    db.asService('run cancel', (tx) => requestCancel(tx, runId)).catch(() => undefined);
  };
  if (options.cancel) options.signal.addEventListener('abort', cancel, { once: true });
  const until = options.cancel ? new AbortController().signal : options.signal;
  let told = 0;
  for await (const page of followRun(db, runId, options.after ?? 0, until)) {
    for (const event of page) {
      options.onEvent?.(event);
      if (event.kind === 'planned') reporter.started?.((await tallyRun(db, runId)) ?? newSummary(runId));
    }
    if (performance.now() - told < TALLY_MS) continue;
    told = performance.now();
    const summary = await tallyRun(db, runId);
    if (summary !== undefined) reporter.show?.('', 'done', summary);
  }
  return (await tallyRun(db, runId)) ?? newSummary(runId);
}
