import { readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import type { ImportSources } from '../pipeline/lists/collect.ts';
import { STAGE_NAMES } from '../pipeline/stage.ts';
import { loadConfig } from '../platform/config/load.ts';
import { integerArg, repeated, UsageError } from './command.ts';
import { DECISION_FLAGS, RUN_FLAGS, readDecision, readImdbIds, readTmdbIds } from './pipeline-flags.ts';
import { readConcurrency, whoAmI, withPipeline } from './pipeline-session.ts';
import { createProgress, printPlan, printSummary } from './progress.ts';
import { VERSION } from './version.ts';

/** `trr import`: adds the shows of lists and single ids, then runs their stages. */
export const importCommand = defineCommand({
  meta: { name: 'import', description: 'Add the shows of lists and single ids, and fill them' },
  args: {
    'tmdb-list': { type: 'string', description: 'TMDb list, as number or address; repeatable (default TMDB_LIST_ID)' },
    'tmdb-id': { type: 'string', alias: 'tmdb-show-id', description: 'TMDb id of a show; repeatable' },
    'imdb-id': { type: 'string', alias: 'imdb-series-id', description: 'IMDb id of a show; repeatable' },
    config: { type: 'string', description: 'JSON file: {"tmdb_lists": ["..."]}' },
    'max-shows': { type: 'string', description: 'At most so many shows; 0 means all' },
    sync: { type: 'boolean', default: true, description: "Run the shows' stages (--no-sync: identity only)" },
    ...DECISION_FLAGS,
    ...RUN_FLAGS,
  },
  async run({ args, rawArgs }) {
    const maxShows = integerArg('--max-shows', args['max-shows'], { min: 0 });
    const decision = readDecision(args);
    const concurrency = readConcurrency(args.concurrency);
    const named = {
      tmdbLists: [...repeated(rawArgs, '--tmdb-list'), ...listsOfFile(args.config)],
      tmdbIds: readTmdbIds(rawArgs),
      imdbIds: readImdbIds(rawArgs),
    };
    const config = loadConfig();
    const nothing = named.tmdbLists.length + named.tmdbIds.length + named.imdbIds.length === 0;
    const sources: ImportSources = {
      ...named,
      ...(nothing ? { tmdbLists: config.tmdb.listIds } : {}),
      ...(maxShows === undefined ? {} : { maxShows }),
    };
    for (const list of sources.tmdbLists) assertList(list);
    if (nothing && config.tmdb.listIds.length === 0) {
      throw new UsageError(
        'nothing to import: give --tmdb-list, --tmdb-id, --imdb-id or --config, or set TMDB_LIST_ID',
      );
    }
    const stages = args.sync === false ? [] : STAGE_NAMES;
    const options = { json: args.json === true, verbose: args.verbose === true, dryRun: args['dry-run'] === true };
    return withPipeline(config, args, 'trr import', async ({ deps, signal }) => {
      const { planImport } = await import('../pipeline/dry-run.ts');
      const { runImport } = await import('../pipeline/lists/import.ts');
      const progress = createProgress(options);
      const request = {
        command: 'import',
        who: whoAmI(),
        params: { sources, decision, concurrency, sync: args.sync !== false },
        codeVersion: VERSION,
        sources,
        stages,
        decision,
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

function assertList(list: string): void {
  if (!/^\d+$/.test(list) && !/\/list\/\d+/.test(list)) {
    throw new UsageError(`--tmdb-list must be a number or an address with /list/<number>, not "${list}"`);
  }
}

function listsOfFile(path: string | undefined): string[] {
  if (path === undefined) return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new UsageError(`--config ${path} ${why}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lists = typeof content === 'object' && content !== null && 'tmdb_lists' in content ? content.tmdb_lists : [];
  const texts = Array.isArray(lists)
    ? lists.map((list) => (typeof list === 'number' ? String(list) : list))
    : undefined;
  if (Array.isArray(content) || typeof content !== 'object' || content === null || !texts?.every(isText)) {
    throw new UsageError(`--config ${path} must be an object like {"tmdb_lists": ["123"]}`);
  }
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
