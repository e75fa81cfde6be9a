import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { defineCommand } from 'citty';
import { STAGE_NAMES } from '../pipeline/stage.ts';
import type { Orphans, WorkerReporter } from '../pipeline/worker.ts';
import { loadConfig } from '../platform/config/load.ts';
import { DatabaseUnavailable } from '../platform/db/errors.ts';
import { openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { createLogger, type Logger } from '../platform/log/logger.ts';
import type { WorkMetrics } from '../platform/metrics/work.ts';
import { EXIT, integerArg, repeated, UsageError } from './command.ts';
import { PIPELINE_SETTINGS, readConcurrency, withSources } from './pipeline-session.ts';
import { VERSION } from './version.ts';
import { serveMetrics, workerMetrics } from './worker-metrics.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/** `trr worker`: carries out the runs that wait for workers, and the timetable. */
export const workerCommand = defineCommand({
  meta: {
    name: 'worker',
    description: 'Carry out queued runs and the nightly sequence; start as many as you like, on any machine',
  },
  args: {
    concurrency: { type: 'string', description: 'Shows at work at once', default: '16' },
    stages: {
      type: 'string',
      description: 'Only runs made of these stages (lists: imports), comma separated; repeatable',
    },
    'metrics-port': { type: 'string', description: 'Serve metrics to this machine on this port' },
    once: { type: 'boolean', description: 'End when no run is waiting' },
    schedule: { type: 'boolean', default: true, description: 'Keep the timetable (--no-schedule: leave it to others)' },
  },
  async run({ args, rawArgs }) {
    const concurrency = readConcurrency(args.concurrency);
    const stages = readWorkerStages(repeated(rawArgs, '--stages'));
    const port = integerArg('--metrics-port', args['metrics-port'], { min: 1, max: 65_535 });
    const config = loadConfig();
    let open: Database | null = null;
    const metrics = workerMetrics(() => open);
    if (port !== undefined) await listenForMetrics(metrics, port);
    const log = createLogger({ level: config.logLevel });
    return withSources(
      config,
      {},
      async ({ signal, dependencies }) => {
        const [{ runWorker }, { nightly }] = await Promise.all([
          import('../pipeline/worker.ts'),
          import('../pipeline/schedule.ts'),
        ]);
        const cron = args.schedule === false ? null : config.pipeline.nightly;
        const options = {
          id: randomUUID(),
          host: hostname(),
          pid: process.pid,
          codeVersion: VERSION,
          concurrency,
          stages,
          once: args.once === true,
          timetable: {
            entries: cron === null ? [] : [nightly(cron, config.tmdb.listIds)],
            keepRunsDays: config.pipeline.keepRunsDays,
            keepChangesDays: config.pipeline.keepChangesDays,
          },
          signal,
          reporter: logging(log, metrics),
        };
        const orphans: Orphans = new Map();
        log.info({ worker: options.id, concurrency, stages, nightly: cron }, 'worker started');
        let wait = FIRST_WAIT_MS;
        for (let opened = false; ; ) {
          try {
            const database = await openDatabase(config, { applicationName: 'trr worker', settings: PIPELINE_SETTINGS });
            opened = true;
            open = database.db;
            wait = FIRST_WAIT_MS;
            try {
              await runWorker(dependencies(database), options, orphans);
            } finally {
              open = null;
              await database.close();
            }
            log.info('worker stopped');
            return EXIT.ok;
          } catch (error) {
            // At the start a wrong address is a mistake to be told; later the database is expected to come back.
            if (!(error instanceof DatabaseUnavailable) || !opened) throw error;
            if (signal.aborted) return EXIT.ok;
            log.warn({ reason: error.line, seconds: wait / 1000 }, 'the database is away');
            await pause(wait, undefined, { signal }).catch(() => undefined);
            wait = Math.min(LONGEST_WAIT_MS, wait * 2);
          }
        }
      },
      metrics.observeRequest,
    );
  },
});

/** @throws UsageError when the port is taken */
async function listenForMetrics(metrics: WorkMetrics, port: number): Promise<void> {
  await serveMetrics(metrics, port).catch((error: Error) => {
    throw new UsageError(`--metrics-port ${port} cannot be used: ${error.message}`);
  });
}

/** @throws UsageError */
function readWorkerStages(words: readonly string[]): string[] {
  const known: readonly string[] = ['lists', ...STAGE_NAMES];
  const names = words.flatMap((word) => word.split(',')).map((word) => word.trim());
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`--stages: unknown stage "${name}": use ${known.join(', ')}`);
  }
  return names.length === 0 ? [...known] : known.filter((name) => names.includes(name));
}

function logging(log: Logger, metrics: WorkMetrics): WorkerReporter {
  return {
    run(id, what, summary) {
      if (what === 'joined') log.info({ run: id }, 'works on a run');
      else
        log.info({ run: id, status: summary?.status, shows: summary?.shows, units: summary?.units }, 'a run has ended');
    },
    unit(result) {
      const { stage, showName: show, status, reason, error, seconds } = result;
      if (seconds !== undefined) metrics.observeUnit(stage, status, seconds);
      if (status === 'failed') log.warn({ stage, show, error }, 'a unit failed');
      else log.debug({ stage, show, status, reason }, 'unit');
    },
    note: (line) => log.warn(line),
  };
}
