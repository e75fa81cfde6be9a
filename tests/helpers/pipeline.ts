import { NO_RETRIES } from '../../src/pipeline/retry.ts';
import { runSync, type SyncRequest } from '../../src/pipeline/runner.ts';
import type { RunSummary } from '../../src/pipeline/runs/summary.ts';
import type { ShowFilter } from '../../src/pipeline/selection.ts';
import { DEFAULT_STAGES } from '../../src/pipeline/stage.ts';
import { STAGES } from '../../src/pipeline/stages/index.ts';
import type { DecisionOptions } from '../../src/pipeline/state.ts';
import type { RunDependencies } from '../../src/pipeline/work.ts';
import type { Config } from '../../src/platform/config/types.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { createTmdbSource } from '../../src/sources/tmdb/client.ts';
import type { Fetcher } from '../../src/sources/types.ts';
import { SIMULATOR_BEARER, type Simulator } from '../simulator/index.ts';
import type { TestDatabase } from './database.ts';

/** Shows to work on in tests: everything. */
export const ALL_SHOWS: ShowFilter = { all: true, showIds: [], tmdbIds: [], imdbIds: [] };
export const INCREMENTAL: DecisionOptions = { force: false, incremental: true, resume: true, since: null };

/** A pipeline against a simulator and a test database, as `trr sync` puts it together. */
export interface Harness {
  readonly deps: RunDependencies;
  readonly fetcher: Fetcher;
  sync(over?: Partial<SyncRequest>): Promise<RunSummary>;
  close(): Promise<void>;
}

export function tmdbConfig(simulator: Simulator, rate = 1000): Pick<Config, 'tmdb' | 'sources'> {
  return {
    tmdb: {
      bearer: SIMULATOR_BEARER,
      apiKey: null,
      rate,
      apiBaseUrl: simulator.apiBaseUrl,
      imageBaseUrl: 'https://image.tmdb.org/t/p/original',
      listIds: [],
    },
    sources: { live: new Set(['tmdb']), publishLicences: new Set(), contactUrl: null },
  };
}

export function createHarness(database: TestDatabase, simulator: Simulator): Harness {
  const config = tmdbConfig(simulator);
  // Faults are meant to be seen: one quick retry, no circuit breaker in the way.
  const fetcher = createFetcher({
    config,
    retry: { attempts: 2, baseMs: 1 },
    breaker: { threshold: 1_000_000, coolDownMs: 1 },
  });
  const deps: RunDependencies = {
    db: database.db,
    ownerUrl: database.url,
    tmdb: createTmdbSource(fetcher, config.tmdb),
    stages: STAGES,
    requestCounts: () => fetcher.counts(),
    retry: NO_RETRIES,
  };
  return {
    deps,
    fetcher,
    sync: (over = {}) => runSync(deps, { ...syncRequest(), ...over }),
    close: () => fetcher.close(),
  };
}

export function syncRequest(): SyncRequest {
  return {
    command: 'sync',
    who: 'test',
    params: {},
    codeVersion: 'test',
    filter: ALL_SHOWS,
    stages: DEFAULT_STAGES,
    decision: INCREMENTAL,
    concurrency: 8,
    signal: new AbortController().signal,
    reporter: {},
  };
}

/** Adds shows as an import would leave them: identity only. */
export async function addShows(
  database: TestDatabase,
  shows: readonly { readonly tmdbId: number; readonly name: string }[],
): Promise<void> {
  await database.owner(`insert into core.shows (name, tmdb_id) select * from unnest($1::text[], $2::int4[])`, [
    shows.map((show) => show.name),
    shows.map((show) => show.tmdbId),
  ]);
}

/** Every row of the catalogue with the transaction that wrote it: equal exactly when nothing outside `pipeline` was written. */
export async function writeMark(database: TestDatabase): Promise<string> {
  const tables = await database.owner<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('core', 'surveys', 'social', 'games', 'identity', 'media', 'live') order by 1`,
  );
  const marks: string[] = [];
  for (const { name } of tables) {
    const [row] = await database.owner<{ mark: string | null }>(
      `select md5(string_agg(t.xmin::text || t.ctid::text, ',' order by t.ctid)) as mark from ${name} t`,
    );
    marks.push(`${name} ${row?.mark ?? '-'}`);
  }
  return marks.join('\n');
}
