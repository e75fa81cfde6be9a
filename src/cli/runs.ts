import { defineCommand } from 'citty';
import { runChanges } from '../pipeline/changes/read.ts';
import { requestCancel, takeUpByWorkers } from '../pipeline/runs/control.ts';
import { readOrder } from '../pipeline/runs/order-work.ts';
import {
  listFailures,
  listRuns,
  liveWorkers,
  type RunDetails,
  showRun,
  showStages,
  TROUBLE,
} from '../pipeline/runs/read.ts';
import { equipped } from '../pipeline/work.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { EXIT, type ExitCode, integerArg, UsageError } from './command.ts';
import { awaitWorkers, watchRun } from './hand-over.ts';
import { RUN_FLAGS } from './pipeline-flags.ts';
import { readConcurrency, withPipeline } from './pipeline-session.ts';
import { createProgress, exitOf, printSummary } from './progress.ts';
import { changeLines, detailLines, eventLine, failureLine, runLine, stageLine, workerLine } from './runs-lines.ts';
import { ownWish } from './source-flags.ts';

const json = { type: 'boolean', description: 'Print JSON' } as const;
const idArg = {
  type: 'positional',
  required: false,
  description: "The run's id or its beginning; default: the newest",
} as const;
const namedId = { ...idArg, description: "The run's id or its beginning", required: true } as const;

const listCommand = defineCommand({
  meta: { name: 'list', description: 'The newest runs: what, when, how it ended' },
  args: {
    json,
    limit: { type: 'string', description: 'How many', default: '20' },
    status: {
      type: 'string',
      description: 'Only these: queued, running, succeeded, partial, failed, cancelled, interrupted',
    },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 1000 }) ?? 20;
    return withDatabase(async (db) => {
      const runs = await listRuns(db, { limit, ...(args.status === undefined ? {} : { status: args.status }) });
      if (args.json) console.log(JSON.stringify(runs));
      else if (runs.length === 0) console.log(args.status === undefined ? 'no runs yet' : `no run is ${args.status}`);
      else for (const run of runs) console.log(runLine(run));
      return EXIT.ok;
    });
  },
});

const showCommand = defineCommand({
  meta: {
    name: 'show',
    description:
      'One run: what failed and why, requests by upstream. With --show: when each stage last succeeded for that show',
  },
  args: {
    id: idArg,
    json,
    limit: { type: 'string', description: 'At most so many troubled units', default: '100' },
    show: { type: 'string', description: 'A show: our id, TMDb or IMDb id, slug or exact name' },
    stage: { type: 'string', description: 'With --show: this stage only' },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 100_000 }) ?? 100;
    if (args.show === undefined && args.stage !== undefined)
      throw new UsageError('--stage needs --show: stages are told per show');
    return withDatabase(async (db) => {
      if (args.show !== undefined) return printStages(db, args.show, args.stage ?? null, args.json === true);
      const found = await findRun(db, args.id, limit);
      if (found === undefined) return EXIT.failed;
      if (args.json) console.log(JSON.stringify(found));
      else for (const line of detailLines(found)) console.log(line);
      return EXIT.ok;
    });
  },
});

async function printStages(db: Database, show: string, stage: string | null, asJson: boolean): Promise<ExitCode> {
  const found = await showStages(db, show, stage);
  if (found === 'ambiguous') throw new UsageError(`several shows are called "${show}": give an id`);
  if (found === undefined) {
    console.error(`trr: no show is known by "${show}"`);
    return EXIT.failed;
  }
  if (asJson) console.log(JSON.stringify(found));
  else {
    console.log(`${found.name} (${found.id})`);
    if (found.stages.length === 0)
      console.log(stage === null ? '  no stage has run yet' : `  ${stage} has not run yet`);
    for (const row of found.stages) console.log(`  ${stageLine(row)}`);
  }
  return EXIT.ok;
}

const failuresCommand = defineCommand({
  meta: { name: 'failures', description: 'What did not go well, over all runs, the newest first' },
  args: {
    json,
    run: { type: 'string', description: 'Of this run' },
    stage: { type: 'string', description: 'Of this stage; job: shows that were given up (dead letters)' },
    show: { type: 'string', description: 'Of this show: our id, TMDb or IMDb id, slug or exact name' },
    upstream: { type: 'string', description: 'At this source, e.g. tmdb' },
    status: { type: 'string', description: `${TROUBLE.join(', ')}; default all of them` },
    http: { type: 'string', description: 'With this HTTP status' },
    kind: { type: 'string', description: 'With this kind of error, e.g. rate_limited' },
    attempt: { type: 'string', description: 'Tried at least so often' },
    limit: { type: 'string', description: 'How many', default: '50' },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 10_000 }) ?? 50;
    const statuses = args.status === undefined ? [...TROUBLE] : args.status.split(',').map((word) => word.trim());
    for (const status of statuses) {
      if (!(TROUBLE as readonly string[]).includes(status)) {
        throw new UsageError(`--status must be of ${TROUBLE.join(', ')}, not "${status}"`);
      }
    }
    const httpStatus = integerArg('--http', args.http, { min: 100, max: 599 }) ?? null;
    const attempt = integerArg('--attempt', args.attempt, { min: 1 }) ?? null;
    return withDatabase(async (db) => {
      const run = args.run === undefined ? null : await findRun(db, args.run, 0);
      if (run === undefined) return EXIT.failed;
      const failures = await listFailures(db, {
        statuses,
        runId: run?.run.id ?? null,
        stage: args.stage ?? null,
        showId: args.show === undefined ? null : await showIdOf(db, args.show),
        upstream: args.upstream ?? null,
        httpStatus,
        attempt,
        kind: args.kind ?? null,
        limit,
      });
      if (args.json) console.log(JSON.stringify(failures));
      else if (failures.length === 0) console.log('nothing of the kind');
      else for (const failure of failures) console.log(failureLine(failure));
      return EXIT.ok;
    });
  },
});

const followCommand = defineCommand({
  meta: { name: 'follow', description: 'Tell what happens in a run until it ends; the exit code is that of the run' },
  args: {
    id: idArg,
    json: { type: 'boolean', description: 'Print events as JSON lines' },
    after: { type: 'string', description: 'Begin after the event with this number', default: '0' },
  },
  async run({ args }) {
    const after = integerArg('--after', args.after, { min: 0 }) ?? 0;
    const stop = stopSignal();
    return withDatabase(async (db) => {
      const found = await findRun(db, args.id, 0);
      if (found === undefined) return EXIT.failed;
      const summary = await watchRun(db, found.run.id, {
        signal: stop,
        cancel: false,
        after,
        reporter: {},
        onEvent: (event) => console.log(args.json ? JSON.stringify(event) : eventLine(event)),
      });
      // Whoever stops listening does not stop the run.
      return stop.aborted ? EXIT.cancelled : exitOf(summary.status);
    });
  },
});

const cancelCommand = defineCommand({
  meta: { name: 'cancel', description: 'Ask whoever works on a run to stop; units at work get 10 s' },
  args: { id: namedId, json },
  async run({ args }) {
    return withDatabase(async (db) => {
      const found = await findRun(db, args.id, 0);
      if (found === undefined) return EXIT.failed;
      const { id } = found.run;
      const status = await db.asService('run cancel', (tx) => requestCancel(tx, id));
      if (args.json) console.log(JSON.stringify({ id, status }));
      else if (status === 'running') console.log(`run ${id} is asked to stop: trr runs follow ${id}`);
      else console.log(`run ${id}: ${status ?? 'gone'}`);
      return EXIT.ok;
    });
  },
});

/** What is due is told by `trr sync --dry-run`. */
const { 'dry-run': _, ...RESUME_FLAGS } = RUN_FLAGS;

const resumeCommand = defineCommand({
  meta: {
    name: 'resume',
    description:
      'Go on with a run that was cancelled, interrupted, or not completely successful; what succeeded is not done again',
  },
  args: {
    id: namedId,
    ...RESUME_FLAGS,
    local: { type: 'boolean', description: 'Work in this process although workers are there' },
    queue: { type: 'boolean', description: 'Leave it to the workers and end' },
  },
  async run({ args }) {
    const concurrency = readConcurrency(args.concurrency);
    const options = { json: args.json === true, verbose: args.verbose === true, dryRun: false };
    return withPipeline(loadConfig(), args, 'trr runs', async ({ deps: session, signal }) => {
      const { db } = session;
      const found = await findRun(db, args.id, 0);
      if (found === undefined) return EXIT.failed;
      const { id, command, params, who, code_version: codeVersion } = found.run;
      const order = readOrder(command, params);
      if (order === undefined)
        throw new UsageError(`run ${id} was made by another version, or by a first start: begin a new one`);
      const progress = createProgress(options);
      const needed = order.command === 'import' ? ['lists', ...order.stages] : order.stages;
      const here = args.local === true || ownWish(order) !== undefined;
      const toWorkers = args.queue === true || (!here && (await liveWorkers(db, needed)).length > 0);
      if (toWorkers) {
        const taken = await db.asService('run resume', (tx) => takeUpByWorkers(tx, id));
        if (!taken) throw new UsageError(`run ${id} is ${found.run.status}: there is nothing to resume`);
        return awaitWorkers(db, id, args.queue !== true, { signal, progress, options, verb: command });
      }
      if (!RESUMABLE.has(found.run.status))
        throw new UsageError(`run ${id} is ${found.run.status}: there is nothing to resume`);
      const base = {
        who,
        params: params as Record<string, unknown>,
        codeVersion: codeVersion ?? '',
        concurrency,
        signal,
      };
      const request = { ...base, reporter: progress, resume: id };
      const deps = await equipped(session, order);
      const { runSync } = await import('../pipeline/runner.ts');
      const { runImport } = await import('../pipeline/lists/import.ts');
      const summary =
        order.command === 'sync'
          ? await runSync(deps, { ...request, ...order })
          : await runImport(deps, { ...request, ...order });
      progress.end();
      return printSummary(command, summary, options);
    });
  },
});

const RESUMABLE = new Set(['partial', 'failed', 'cancelled', 'interrupted']);

const workersCommand = defineCommand({
  meta: { name: 'workers', description: 'Who works, on what' },
  args: { json },
  async run({ args }) {
    return withDatabase(async (db) => {
      const workers = await liveWorkers(db);
      if (args.json) console.log(JSON.stringify(workers));
      else if (workers.length === 0) console.log('no worker lives: trr worker');
      else for (const worker of workers) console.log(workerLine(worker));
      return EXIT.ok;
    });
  },
});

const diffCommand = defineCommand({
  meta: { name: 'diff', description: 'What a run changed: per row and field, old and new, by whose word' },
  args: {
    id: idArg,
    json: { type: 'boolean', description: 'Print JSON lines' },
    show: { type: 'string', description: 'Of this show only: our id, TMDb or IMDb id, slug or exact name' },
    stage: { type: 'string', description: 'By this stage only' },
    limit: { type: 'string', description: 'At most so many changed rows', default: '1000' },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 1_000_000 }) ?? 1000;
    return withDatabase(async (db) => {
      const found = await findRun(db, args.id, 0);
      if (found === undefined) return EXIT.failed;
      const showId = args.show === undefined ? null : await showIdOf(db, args.show);
      let told = 0;
      for await (const page of runChanges(db, found.run.id, { showId, stage: args.stage ?? null, limit })) {
        for (const change of page)
          for (const line of args.json ? [JSON.stringify(change)] : changeLines(change)) console.log(line);
        told += page.length;
      }
      if (told === 0 && args.json !== true) console.log('nothing was changed');
      return EXIT.ok;
    });
  },
});

/** @throws UsageError when the text names no show or several */
async function showIdOf(db: Database, text: string): Promise<string> {
  const show = await showStages(db, text, null);
  if (show === undefined) throw new UsageError(`--show: no show is known by "${text}"`);
  if (show === 'ambiguous') throw new UsageError(`--show: several shows are known by "${text}"`);
  return show.id;
}

/** `trr runs`: what runs did and do, and how to stop and continue them. */
export const runsCommand = defineCommand({
  meta: { name: 'runs', description: 'Look at imports and syncs, follow, cancel and resume them' },
  subCommands: {
    list: listCommand,
    show: showCommand,
    failures: failuresCommand,
    diff: diffCommand,
    follow: followCommand,
    cancel: cancelCommand,
    resume: resumeCommand,
    workers: workersCommand,
  },
});

/** The run that `id` begins; undefined, and a line for a person, when there is none. @throws UsageError */
async function findRun(db: Database, id = '', limit: number): Promise<RunDetails | undefined> {
  if (!/^[0-9a-f-]*$/i.test(id)) throw new UsageError(`run id must be a UUID or its beginning, not "${id}"`);
  const found = await showRun(db, id, limit);
  if (found === 'ambiguous') throw new UsageError(`several runs begin with "${id}": give more of the id`);
  if (found === undefined) console.error(id === '' ? 'trr: no runs yet' : `trr: no run ${id}: see trr runs list`);
  return found;
}

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(loadConfig(), { applicationName: 'trr runs' });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}
