import { userInfo } from 'node:os';
import type { OwnerLink } from '../pipeline/link.ts';
import { type OpenedSources, openSources } from '../pipeline/open-sources.ts';
import { postgresPace } from '../pipeline/pace/postgres.ts';
import type { StageLimits } from '../pipeline/stage-sources.ts';
import { createStages } from '../pipeline/stages/index.ts';
import type { RunDependencies } from '../pipeline/work.ts';
import type { Config } from '../platform/config/types.ts';
import { type OpenedDatabase, openDatabase } from '../platform/db/open.ts';
import { boundYoungGeneration } from '../platform/memory.ts';
import { createFetcher, type FetcherOptions } from '../sources/fetcher/fetcher.ts';
import { SnapshotError } from '../sources/snapshots/format.ts';
import type { Fetcher, SharedPace } from '../sources/types.ts';
import { integerArg, UsageError } from './command.ts';

export interface RunArgs {
  readonly snapshots?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly record?: string | undefined;
  readonly limits?: StageLimits | undefined;
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
    const database = await openDatabase(config, { applicationName: name });
    try {
      return await work({ deps: dependencies(database), signal });
    } finally {
      await database.close();
    }
  });
}

/** As `withPipeline`, without a database yet. */
export async function withSources<T>(
  config: Config,
  args: RunArgs,
  work: (session: SourceSession) => Promise<T>,
  observe?: FetcherOptions['observe'],
): Promise<T> {
  assertCredentials(config, args);
  boundYoungGeneration();
  let link: OwnerLink | null = null;
  const { pace, close } = await openPace(config, () => link);
  const fetcher = openFetcher(config, args, pace, observe);
  const opened: OpenedSources[] = [];
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
        const sources = openSources(fetcher, config, database.db, {
          limits: args.limits,
          warn: (line) => console.error(line),
        });
        opened.push(sources);
        return {
          db: database.db,
          ownerUrl: database.ownerUrl,
          tmdb: sources.tmdb,
          lists: sources.stages,
          stages: createStages(sources.stages),
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
    await fetcher.close();
    await close();
  }
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
