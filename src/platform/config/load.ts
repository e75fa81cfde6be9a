import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { readAuth } from './auth.ts';
import { readDatabase } from './database.ts';
import { readImdbDatasets } from './imdb-datasets.ts';
import { readImdb } from './imdb-pages.ts';
import { readLimits } from './limits.ts';
import { readMedia } from './media.ts';
import { readPipeline } from './pipeline.ts';
import { EnvReader } from './read.ts';
import { readRealtime } from './realtime.ts';
import { readSheet } from './sheet.ts';
import type { SourceAccess } from './sources.ts';
import type { Config, ServerConfig, TmdbConfig } from './types.ts';
import { readFandom } from './wikis.ts';

/** The project's own folder: where `.env` and the default data folder live. */
export const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Names a person may switch on in `TRR_LIVE_SOURCES`. */
const KNOWN_SOURCES = ['tmdb', 'imdb-datasets', 'imdb-web', 'fandom', 'sheet'];

/** Every problem with the environment, as one line each. CLI exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? `configuration: ${problems[0]}`
        : `configuration has ${problems.length} problems:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

export interface LoadOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where `.env` and `.env.worktree` are looked for, in this order; default: project folder, then working directory. Empty reads none. */
  readonly envFolders?: readonly string[];
}

/**
 * Reads and validates the whole environment. `.env` fills in what is not set already; before it `.env.worktree`, which holds what
 * a git worktree has of its own (port, data folder, database) where several share one `.env`.
 * @throws ConfigError listing all problems at once
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const env = new EnvReader(readEnvironment(options));
  const production = env.oneOf('NODE_ENV', ['production', 'development', 'test'], 'development') === 'production';
  const dataDir = resolve(PROJECT_ROOT, env.text('TRR_DATA_DIR') ?? '.trr');
  const config: Config = {
    dataDir,
    database: readDatabase(env),
    server: readServer(env),
    auth: readAuth(env),
    limits: readLimits(env),
    realtime: readRealtime(env),
    tmdb: readTmdb(env),
    imdbDatasets: readImdbDatasets(env),
    imdb: readImdb(env),
    fandom: readFandom(env),
    sheet: readSheet(env),
    sources: readSources(env),
    media: readMedia(env, dataDir),
    pipeline: readPipeline(env),
    logLevel: env.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    production,
  };
  if (production && config.database.kind === 'embedded') {
    env.problems.push('NODE_ENV is production but no database is named: set DATABASE_URL');
  }
  if (production && config.auth.secret === null) {
    env.problems.push(
      'NODE_ENV is production but TRR_SECRET is not set: give all processes the same 32 random bytes or more',
    );
  }
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  return Object.freeze(config);
}

/** The environment, with what `.env.worktree` and `.env` add to it. */
export function readEnvironment(options: LoadOptions = {}): Readonly<Record<string, string | undefined>> {
  const fromFile = (name: EnvFileName) => {
    const file = envFile(name, options.envFolders);
    return file === undefined ? {} : parseEnv(readFileSync(file, 'utf8'));
  };
  return { ...fromFile('.env'), ...fromFile('.env.worktree'), ...(options.env ?? process.env) };
}

type EnvFileName = '.env' | '.env.worktree';

/** The file of that name that is read, undefined when there is none. */
export function envFile(
  name: EnvFileName,
  folders: readonly string[] = [PROJECT_ROOT, process.cwd()],
): string | undefined {
  return folders.map((folder) => resolve(folder, name)).find((path) => existsSync(path));
}

function readServer(env: EnvReader): ServerConfig {
  const origins = env.list('CORS_ALLOW_ORIGINS');
  for (const origin of origins ?? []) {
    if (origin !== '*' && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
      env.problems.push(`CORS_ALLOW_ORIGINS must list origins like https://example.org, not "${origin}"`);
    }
  }
  return {
    host: env.text('HOST') ?? '127.0.0.1',
    port: env.number('PORT', 8000, { min: 0, max: 65_535 }),
    publicUrl: env.url('PUBLIC_URL', null),
    trustProxy: env.list('TRUST_PROXY') ?? [],
    corsAllowOrigins: origins === null || origins.length === 0 || origins.includes('*') ? null : origins,
  };
}

function readTmdb(env: EnvReader): TmdbConfig {
  return {
    bearer: env.firstOf(['TMDB_BEARER_TOKEN', 'TMDB_BEARER'])?.value ?? null,
    apiKey: env.text('TMDB_API_KEY'),
    rate: env.number('TMDB_RATE', 25, { min: 0.1, max: 1000, integer: false }),
    apiBaseUrl: env.url('TMDB_API_BASE_URL', null) ?? 'https://api.themoviedb.org/3',
    imageBaseUrl: env.url('TMDB_IMAGE_BASE_URL', null) ?? 'https://image.tmdb.org/t/p/original',
    listIds: env.list('TMDB_LIST_ID') ?? [],
  };
}

function readSources(env: EnvReader): SourceAccess {
  const live = env.list('TRR_LIVE_SOURCES') ?? ['tmdb'];
  for (const name of live) {
    if (!KNOWN_SOURCES.includes(name) && name !== 'none') {
      env.problems.push(`TRR_LIVE_SOURCES must list ${KNOWN_SOURCES.join(', ')} or none, not "${name}"`);
    }
  }
  return {
    live: new Set(live.filter((name) => name !== 'none')),
    publishLicences: new Set(env.list('TRR_PUBLISH_LICENCES') ?? ['tmdb', 'cc-by-sa', 'own', 'identifiers']),
    contactUrl: env.url('TRR_CONTACT_URL', null),
  };
}
