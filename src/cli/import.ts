import { createReadStream, existsSync, type ReadStream, readFileSync } from 'node:fs';
import { createGunzip, type Gunzip } from 'node:zlib';
import { defineCommand } from 'citty';
import type { ImportSources } from '../pipeline/lists/collect.ts';
import { orderParams } from '../pipeline/runs/order.ts';
import { DEFAULT_STAGES, type StageName } from '../pipeline/stage.ts';
import { equipped } from '../pipeline/work.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import { EXIT, type ExitCode, integerArg, repeated, UsageError } from './command.ts';
import { awaitWorkers, decideHandOver, HAND_OVER_FLAGS, handOver } from './hand-over.ts';
import { DECISION_FLAGS, RUN_FLAGS, readDecision, readImdbIds, readTmdbIds } from './pipeline-flags.ts';
import { readConcurrency, whoAmI, withPipeline } from './pipeline-session.ts';
import { createProgress, printPlan, printSummary } from './progress.ts';
import { readWish, SOURCE_FLAGS } from './source-flags.ts';
import { VERSION } from './version.ts';

/** `trr import`: adds the shows of lists and single ids, then runs their stages. */
export const importCommand = defineCommand({
  meta: { name: 'import', description: 'Add the shows of lists and single ids, and fill them' },
  args: {
    'imdb-list': {
      type: 'string',
      description: 'IMDb list (ls...), as id or address; repeatable (default IMDB_LIST_URL)',
    },
    'tmdb-list': { type: 'string', description: 'TMDb list, as number or address; repeatable (default TMDB_LIST_ID)' },
    'tmdb-id': { type: 'string', alias: 'tmdb-show-id', description: 'TMDb id of a show; repeatable' },
    'imdb-id': { type: 'string', alias: 'imdb-series-id', description: 'IMDb id of a show; repeatable' },
    all: {
      type: 'string',
      description: 'A backup made by trr export --all, read into a new database',
      valueHint: 'file',
    },
    config: { type: 'string', description: 'JSON file: {"imdb_lists": ["..."], "tmdb_lists": ["..."]}' },
    'max-shows': { type: 'string', description: 'At most so many shows; 0 means all' },
    'tmdb-details-max-age-days': {
      type: 'string',
      description: 'Ask again for details older than this to learn who a show is; 0 always does (default 90)',
    },
    'tmdb-details-refresh': { type: 'boolean', description: 'Fetch the details again although they are up to date' },
    'skip-tmdb-external-ids': { type: 'boolean', description: 'Take list items as they are, without their IMDb ids' },
    'tmdb-fetch-images': { type: 'boolean', description: 'Images of shows and seasons: the default' },
    'tmdb-no-images': { type: 'boolean', description: 'Leave the images out' },
    'tmdb-refresh-images': { type: 'boolean', description: 'Fetch the images again although they are up to date' },
    'tmdb-fetch-seasons': { type: 'boolean', description: 'Seasons and episodes: the default' },
    'tmdb-no-seasons': { type: 'boolean', description: 'Leave seasons, episodes and their images out' },
    'tmdb-refresh-seasons': { type: 'boolean', description: 'Fetch seasons and episodes again, up to date or not' },
    'imdb-fetch-episodes': { type: 'boolean', description: "IMDb's episodes: the default where IMDb is on" },
    'imdb-refresh-episodes': { type: 'boolean', description: 'Fetch episodes again, up to date or not' },
    'imdb-fetch-cast': { type: 'boolean', description: "IMDb's cast: the default where IMDb is on" },
    'imdb-refresh-cast': {
      type: 'boolean',
      description: 'Fetch people, cast and appearances again, up to date or not',
    },
    sync: { type: 'boolean', default: true, description: "Run the shows' stages (--no-sync: identity only)" },
    ...DECISION_FLAGS,
    ...RUN_FLAGS,
    ...SOURCE_FLAGS,
    ...HAND_OVER_FLAGS,
  },
  async run({ args, rawArgs }) {
    if (args.all !== undefined) return importBackup(args.all, rawArgs);
    const maxShows = integerArg('--max-shows', args['max-shows'], { min: 0 });
    const parts = readParts(args);
    const decision = { ...readDecision(args), ...(parts.refresh.length === 0 ? {} : { refresh: parts.refresh }) };
    const concurrency = readConcurrency(args.concurrency);
    const wish = readWish(args);
    const file = listsOfFile(args.config);
    const named = {
      imdbLists: [...repeated(rawArgs, '--imdb-list'), ...file.imdb],
      tmdbLists: [...repeated(rawArgs, '--tmdb-list'), ...file.tmdb],
      tmdbIds: readTmdbIds(rawArgs),
      imdbIds: readImdbIds(rawArgs),
    };
    const config = loadConfig();
    const noIds = named.tmdbIds.length + named.imdbIds.length === 0;
    const nothing = noIds && named.imdbLists.length + named.tmdbLists.length === 0;
    const defaults = {
      imdbLists: config.imdb.listUrl === null ? [] : [config.imdb.listUrl],
      tmdbLists: config.tmdb.listIds,
    };
    const sources: ImportSources = {
      ...named,
      ...(nothing ? defaults : {}),
      ...(maxShows === undefined ? {} : { maxShows }),
      ...(parts.maxAgeDays === undefined ? {} : { detailsMaxAgeDays: parts.maxAgeDays }),
      ...(args['skip-tmdb-external-ids'] === true ? { skipExternalIds: true } : {}),
    };
    for (const list of sources.tmdbLists) assertList(list);
    for (const list of sources.imdbLists ?? []) assertImdbList(list);
    if (nothing && defaults.imdbLists.length + defaults.tmdbLists.length === 0) {
      throw new UsageError(
        'nothing to import: give --imdb-list, --tmdb-list, --tmdb-id, --imdb-id or --config, or set IMDB_LIST_URL or TMDB_LIST_ID',
      );
    }
    const stages = args.sync === false ? [] : parts.stages;
    const options = { json: args.json === true, verbose: args.verbose === true, dryRun: args['dry-run'] === true };
    return withPipeline(config, args, 'trr import', async (session) => {
      const { signal } = session;
      const { db } = session.deps;
      const { planImport } = await import('../pipeline/dry-run.ts');
      const { runImport } = await import('../pipeline/lists/import.ts');
      const progress = createProgress(options);
      const order = { command: 'import', sources, stages, decision, ...wish } as const;
      const to = await decideHandOver(db, args, order);
      if (to.to === 'workers') {
        const id = await handOver(db, order, to.priority);
        return awaitWorkers(db, id, to.wait, { signal, progress, options, verb: 'import' });
      }
      const deps = await equipped(session.deps, { ...order, dryRun: options.dryRun });
      const request = {
        ...order,
        who: whoAmI(),
        params: { ...orderParams(order), concurrency },
        codeVersion: VERSION,
        concurrency,
        signal,
        reporter: progress,
      };
      const summary = options.dryRun
        ? await planImport(deps, { ...request, onPlan: (result) => printPlan(result, options.json) })
        : await runImport(deps, request);
      progress.end();
      return printSummary('import', summary, options);
    });
  },
});

/** @throws UsageError, BackupRefused */
async function importBackup(path: string, rawArgs: readonly string[]): Promise<ExitCode> {
  if (rawArgs.some((word) => word.startsWith('--') && !word.startsWith('--all'))) {
    throw new UsageError('--all FILE goes with no other flag: a backup has everything');
  }
  if (!existsSync(path)) throw new UsageError(`--all ${path}: there is no such file`);
  const { readBackup } = await import('../platform/db/backup/read.ts');
  const database = await openDatabase(loadConfig(), { applicationName: 'trr import' });
  try {
    const counts = await readBackup(database.ownerUrl, linesOf(path));
    console.error(`${[...counts.values()].reduce((sum, count) => sum + count, 0)} rows of ${counts.size} tables`);
    return EXIT.ok;
  } finally {
    await database.close();
  }
}

/** What goes wrong with the file reaches whoever reads; a reader who leaves early is no error. */
function unpacked(file: ReadStream): Gunzip {
  const gunzip = createGunzip().on('error', () => undefined);
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

/** Lines of a file, compressed or not. Only a line feed ends one: texts may hold Unicode's other separators. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? unpacked(file) : file;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Stages behind the predecessor's words for parts of an import. */
const PARTS: Readonly<Record<'images' | 'seasons', readonly StageName[]>> = {
  images: ['show-images', 'season-images'],
  seasons: ['seasons', 'episodes', 'season-images', 'totals'],
};
/** IMDb's parts share their stages with TMDb's: leaving them out is a matter of `SOURCE_FLAGS`. */
const IMDB_PARTS: Readonly<Record<'episodes' | 'cast', readonly StageName[]>> = {
  episodes: ['episodes', 'totals'],
  cast: ['people', 'cast', 'appearances'],
};

interface Parts {
  readonly stages: readonly StageName[];
  readonly refresh: readonly StageName[];
  readonly maxAgeDays: number | undefined;
}

/** @throws UsageError for flags that contradict each other */
function readParts(args: Readonly<Record<string, unknown>>): Parts {
  const left = new Set<StageName>();
  const refresh = new Set<StageName>(args['tmdb-details-refresh'] === true ? ['details', 'entities'] : []);
  for (const [part, stages] of Object.entries(PARTS)) {
    const without = args[`tmdb-no-${part}`] === true;
    for (const verb of ['fetch', 'refresh']) {
      if (without && args[`tmdb-${verb}-${part}`] === true) {
        throw new UsageError(`--tmdb-no-${part} and --tmdb-${verb}-${part} contradict each other: give one of them`);
      }
    }
    for (const stage of stages) {
      if (without) left.add(stage);
      if (args[`tmdb-refresh-${part}`] === true) refresh.add(stage);
    }
  }
  for (const [part, stages] of Object.entries(IMDB_PARTS)) {
    const [without, again] = [args[`imdb-no-${part}`] === true, args[`imdb-refresh-${part}`] === true];
    if (without && (again || args[`imdb-fetch-${part}`] === true)) {
      const verb = again ? 'refresh' : 'fetch';
      throw new UsageError(`--imdb-no-${part} and --imdb-${verb}-${part} contradict each other: give one of them`);
    }
    for (const stage of stages) if (again) refresh.add(stage);
  }
  const days = args['tmdb-details-max-age-days'];
  const maxAgeDays = integerArg('--tmdb-details-max-age-days', typeof days === 'string' ? days : undefined, { min: 0 });
  return {
    stages: DEFAULT_STAGES.filter((name) => !left.has(name)),
    refresh: [...refresh].filter((name) => !left.has(name)),
    maxAgeDays: args['tmdb-details-refresh'] === true ? 0 : maxAgeDays,
  };
}

function assertList(list: string): void {
  if (!/^\d+$/.test(list) && !/\/list\/\d+/.test(list)) {
    throw new UsageError(`--tmdb-list must be a number or an address with /list/<number>, not "${list}"`);
  }
}

function assertImdbList(list: string): void {
  if (!/(?<![a-z0-9])ls\d+/.test(list)) {
    throw new UsageError(`--imdb-list must be "ls" and digits, or an address with that in it, not "${list}"`);
  }
}

function listsOfFile(path: string | undefined): { readonly imdb: string[]; readonly tmdb: string[] } {
  if (path === undefined) return { imdb: [], tmdb: [] };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new UsageError(`--config ${path} ${why}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lists = (name: string): string[] => {
    const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
    const value: unknown = isObject ? ((content as Readonly<Record<string, unknown>>)[name] ?? []) : undefined;
    const texts = Array.isArray(value)
      ? value.map((list: unknown) => (typeof list === 'number' ? String(list) : list))
      : undefined;
    if (!texts?.every(isText)) {
      throw new UsageError(`--config ${path} must be an object like {"imdb_lists": ["ls123"], "tmdb_lists": ["123"]}`);
    }
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  };
  return { imdb: lists('imdb_lists'), tmdb: lists('tmdb_lists') };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
