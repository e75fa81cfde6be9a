import { userInfo } from 'node:os';
import type { OwnerLink } from '../pipeline/link.ts';
import { type OpenedSources, openSources } from '../pipeline/open-sources.ts';
import { postgresPace } from '../pipeline/pace/postgres.ts';
import { createStages } from '../pipeline/stages/index.ts';
import type { RunDependencies } from '../pipeline/work.ts';
import type { Config } from '../platform/config/types.ts';
import { type OpenedDatabase, openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { boundHeap } from '../platform/memory.ts';
import { createFetcher, type FetcherOptions } from '../sources/fetcher/fetcher.ts';
import { SnapshotError } from '../sources/snapshots/format.ts';
import type { Fetcher, SharedPace } from '../sources/types.ts';
import { integerArg, UsageError } from './command.ts';
import type { mirrorDependencies } from './media/session.ts';

export interface RunArgs {
  readonly snapshots?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly record?: string | undefined;
  /** Workers will ask the sources, not this process. */
  readonly queue?: boolean | undefined;
}

export interface PipelineSession {
  readonly deps: RunDependencies;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** The way to the sources, for as many databases (or reconnections to one) as there will be. */
export interface SourceSession {
  readonly signal: AbortSignal;
  /** What a run needs, over this database. */
  dependencies(database: OpenedDatabase): RunDependencies;
}

/**
 * Opens what a run needs, runs `work` and closes everything. The first signal asks it to stop; a second one ends the process.
 * @throws UsageError, ConfigError, DatabaseUnavailable
 */
export async function withPipeline<T>(
  config: Config,
  args: RunArgs,
  name: string,
  work: (session: PipelineSession) => Promise<T>,
): Promise<T> {
  return withSources(config, args, async ({ signal, dependencies }) => {
    const database = await openDatabase(config, { applicationName: name, settings: PIPELINE_SETTINGS });
    try {
      return await work({ deps: dependencies(database), signal });
    } finally {
      await database.close();
    }
  });
}

/**
 * Its statements come again for every unit, with values that are much alike: each is planned once per session; left alone, the server plans
 * many of them every time. A plan made while a table was small would read it whole until the next `analyze`: all of them have an index to use.
 * The few statements that have to read a table whole look infinitely expensive to servers before 18 then, which compile those.
 */
export const PIPELINE_SETTINGS = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' } as const;

/** As `withPipeline`, without a database yet. */
export async function withSources<T>(
  config: Config,
  args: RunArgs,
  work: (session: SourceSession) => Promise<T>,
  observe?: FetcherOptions['observe'],
): Promise<T> {
  assertCredentials(config, args);
  boundHeap();
  let link: OwnerLink | null = null;
  const { pace, close } = await openPace(config, () => link);
  const fetcher = openFetcher(config, args, pace, observe);
  const opened: OpenedSources[] = [];
  const mirrors = openedOnce((db: Database) => openMirror(config, db));
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await work({
      signal: stop.signal,
      dependencies(database) {
        const { db } = database;
        const sources = openSources(fetcher, config, db, { warn: (line) => console.error(line) });
        opened.push(sources);
        return {
          db,
          ownerUrl: database.ownerUrl,
          tmdb: sources.tmdb,
          lists: sources.stages,
          stages: createStages(sources.stages),
          async stagesFor(wish) {
            const stages = createStages(sources.stagesFor(wish));
            if (!wish.stages.includes('mirror')) return stages;
            const { createMirrorStage, withMirror } = await import('../pipeline/stages/mirror.ts');
            const media = { ...(await mirrors.open(db)), db };
            return withMirror(stages, createMirrorStage(media, wish.dryRun === true));
          },
          requestCounts: () => fetcher.counts(),
          onLink: (now) => {
            link = now;
          },
        };
      },
    });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    for (const sources of opened) await sources.close();
    await mirrors.close();
    await fetcher.close();
    await close();
  }
}

/** What the stage `mirror` needs, whichever database it works on: only runs that name the stage open it. */
async function openMirror(config: Config, db: Database): Promise<Awaited<ReturnType<typeof mirrorDependencies>>> {
  const { mirrorDependencies: open } = await import('./media/session.ts');
  return open(config, db);
}

/** Opened when first asked for, closed when it was opened. */
function openedOnce<A, T extends { close(): Promise<void> }>(make: (arg: A) => Promise<T>) {
  let made: Promise<T> | undefined;
  return {
    open(arg: A): Promise<T> {
      made ??= make(arg).catch((error: unknown) => {
        // What could not be opened may be opened later, and need not be closed.
        made = undefined;
        throw error;
      });
      return made;
    },
    close: async () => (await made)?.close(),
  };
}

/** Requests of all processes keep one pace: in Redis where there is one, else in the database. */
async function openPace(
  config: Config,
  link: () => OwnerLink | null,
): Promise<{ pace: SharedPace; close: () => Promise<void> }> {
  const inDatabase = postgresPace(link);
  if (config.realtime.redisUrl === null) return { pace: inDatabase, close: async () => undefined };
  const { redisPace } = await import('../pipeline/pace/redis.ts');
  const pace = redisPace(config.realtime.redisUrl, inDatabase);
  return { pace, close: () => pace.close() };
}

function openFetcher(config: Config, args: RunArgs, pace: SharedPace, observe: FetcherOptions['observe']): Fetcher {
  try {
    return createFetcher({
      config,
      pace,
      ...(observe === undefined ? {} : { observe }),
      ...(args.snapshots === undefined ? {} : { snapshots: args.snapshots }),
      ...(args.offline === true ? { offline: true } : {}),
      ...(args.record === undefined ? {} : { record: args.record }),
    });
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(error.message);
    throw error;
  }
}

/** Without a key every request would be refused: say so once, before any work. */
function assertCredentials(config: Config, args: RunArgs): void {
  if (args.queue === true) return;
  if (args.offline === true) {
    if (args.snapshots === undefined) throw new UsageError('--offline needs --snapshots: nothing else can answer');
    return;
  }
  const keyed = config.tmdb.bearer !== null || config.tmdb.apiKey !== null;
  if (keyed || args.snapshots !== undefined || !config.sources.live.has('tmdb')) return;
  throw new UsageError('no TMDb credentials: set TMDB_BEARER_TOKEN or TMDB_API_KEY, or use --snapshots DIR --offline');
}

/** @throws UsageError */
export function readConcurrency(value: string | undefined): number {
  return integerArg('--concurrency', value, { min: 1, max: 256 }) ?? 16;
}

/** Who asks for the run, as its record names them. */
export function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
