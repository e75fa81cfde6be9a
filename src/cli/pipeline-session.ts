import { userInfo } from 'node:os';
import { openSources } from '../pipeline/open-sources.ts';
import type { RunDependencies } from '../pipeline/runner.ts';
import type { StageLimits } from '../pipeline/stage-sources.ts';
import { createStages } from '../pipeline/stages/index.ts';
import type { Config } from '../platform/config/types.ts';
import { openDatabase } from '../platform/db/open.ts';
import { boundYoungGeneration } from '../platform/memory.ts';
import { createFetcher } from '../sources/fetcher/fetcher.ts';
import { SnapshotError } from '../sources/snapshots/format.ts';
import type { Fetcher } from '../sources/types.ts';
import { integerArg, UsageError } from './command.ts';

export interface RunArgs {
  readonly snapshots?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly record?: string | undefined;
  readonly limits?: StageLimits | undefined;
}

export interface PipelineSession {
  readonly deps: RunDependencies;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
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
  assertCredentials(config, args);
  boundYoungGeneration();
  const fetcher = openFetcher(config, args);
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const database = await openDatabase(config, { applicationName: name });
    const sources = openSources(fetcher, config, database.db, {
      limits: args.limits,
      warn: (line) => console.error(line),
    });
    try {
      const deps: RunDependencies = {
        db: database.db,
        ownerUrl: database.ownerUrl,
        tmdb: sources.tmdb,
        lists: sources.stages,
        stages: createStages(sources.stages),
        requestCounts: () => fetcher.counts(),
      };
      return await work({ deps, signal: stop.signal });
    } finally {
      await sources.close();
      await database.close();
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await fetcher.close();
  }
}

function openFetcher(config: Config, args: RunArgs): Fetcher {
  try {
    return createFetcher({
      config,
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
