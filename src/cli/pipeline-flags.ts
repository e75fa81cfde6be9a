import type { ShowFilter } from '../pipeline/selection.ts';
import { DEFAULT_STAGES, STAGE_NAMES, type StageName } from '../pipeline/stage.ts';
import type { DecisionOptions } from '../pipeline/state.ts';
import { integerArg, repeated, UsageError } from './command.ts';

/** Flags of every command that runs the pipeline. */
export const RUN_FLAGS = {
  'dry-run': { type: 'boolean', description: 'Print what would be written, write nothing and leave no record' },
  concurrency: { type: 'string', description: 'Shows at work at once', default: '16' },
  snapshots: { type: 'string', description: 'Folder or .har file of saved answers, asked before the network' },
  offline: { type: 'boolean', description: 'Use saved answers only, never the network' },
  record: { type: 'string', description: 'Folder into which every answer is saved' },
  json: { type: 'boolean', description: 'Print JSON lines' },
  verbose: { type: 'boolean', description: 'Print a line for every unit' },
} as const;

/** Which shows and which of their stages are taken up (`spec/pipeline.md` 3.1). */
export const DECISION_FLAGS = {
  incremental: { type: 'boolean', default: true, description: 'Skip what is up to date' },
  resume: { type: 'boolean', default: true, description: 'Take up again what failed or was only partly done' },
  force: { type: 'boolean', description: 'Ignore what is recorded about earlier runs' },
  since: { type: 'string', description: 'Also redo what last succeeded before this date (UTC) or time' },
} as const;

export const FILTER_FLAGS = {
  all: { type: 'boolean', description: 'All shows; also when no id is given' },
  'show-id': { type: 'string', description: 'Our id of a show; repeatable' },
  'tmdb-id': { type: 'string', alias: 'tmdb-show-id', description: 'TMDb id of a show; repeatable' },
  'imdb-id': { type: 'string', alias: 'imdb-series-id', description: 'IMDb id of a show; repeatable' },
  limit: { type: 'string', description: 'At most so many shows that have work, longest untouched first' },
} as const;

/** @throws UsageError naming the flag */
export function readFilter(
  args: { all?: boolean | undefined; limit?: string | undefined },
  rawArgs: readonly string[],
): ShowFilter {
  const limit = readLimit(args.limit);
  return {
    all: args.all === true,
    showIds: repeated(rawArgs, '--show-id').map((id) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
        throw new UsageError(`--show-id must be a UUID, not "${id}"`);
      }
      return id.toLowerCase();
    }),
    tmdbIds: readTmdbIds(rawArgs),
    imdbIds: readImdbIds(rawArgs),
    ...(limit === undefined ? {} : { limit }),
  };
}

export function readTmdbIds(rawArgs: readonly string[]): number[] {
  return repeated(rawArgs, '--tmdb-id', '--tmdb-show-id').map((id) => {
    const number = integerArg('--tmdb-id', id, { min: 1, max: 2_147_483_647 });
    if (number === undefined) throw new UsageError('--tmdb-id needs a value');
    return number;
  });
}

export function readImdbIds(rawArgs: readonly string[]): string[] {
  return repeated(rawArgs, '--imdb-id', '--imdb-series-id').map((id) => {
    if (!/^tt\d+$/.test(id)) throw new UsageError(`--imdb-id must be "tt" and digits, not "${id}"`);
    return id;
  });
}

/** Negative means none, as it always did. */
function readLimit(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  return value.startsWith('-') && /^-\d+$/.test(value) ? 0 : integerArg('--limit', value, { min: 0 });
}

/** @throws UsageError naming the flag */
export function readDecision(args: {
  incremental?: boolean | undefined;
  resume?: boolean | undefined;
  force?: boolean | undefined;
  since?: string | undefined;
}): DecisionOptions {
  return {
    force: args.force === true,
    incremental: args.incremental !== false,
    resume: args.resume !== false,
    since: args.since === undefined ? null : readTime('--since', args.since),
  };
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A date means UTC midnight; a time without zone is UTC. */
function readTime(flag: string, value: string): string {
  const [, date, clock = '00:00', zone = 'Z'] = TIME.exec(value.trim()) ?? [];
  const day = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`);
  // The engine accepts the 31st of any month and rolls over.
  const real = !Number.isNaN(day) && new Date(day).toISOString().startsWith(date ?? '-');
  const time = real ? Date.parse(`${date}T${clock}${zone}`) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(`${flag} must be a date like 2025-01-31 or a time like 2025-01-31T12:00:00Z, not "${value}"`);
  }
  return new Date(time).toISOString();
}

/** Names of the predecessor's commands and tables that mean one of our stages. */
const STAGE_ALIASES: Readonly<Record<string, StageName>> = {
  shows: 'details',
  show_cast: 'cast',
  episode_appearances: 'appearances',
  cast_fandom: 'fandom',
  cast_photos: 'cast-photos',
  show_images: 'show-images',
  season_images: 'season-images',
  tmdb_show_entities: 'entities',
  tmdb_watch_providers: 'providers',
  watch_providers: 'providers',
};

/**
 * The stages named; all but `mirror` when none is. `seasons` and `episodes` bring `totals` along, which follow from them.
 * @throws UsageError naming the word and what there is
 */
export function readStages(words: readonly string[]): StageName[] {
  const names = words.flatMap((word) => word.split(',')).filter((word) => word !== '');
  const chosen = new Set<StageName>();
  for (const word of names) {
    const name = STAGE_ALIASES[word] ?? STAGE_NAMES.find((stage) => stage === word);
    if (name === undefined) throw new UsageError(`unknown stage "${word}": use ${STAGE_NAMES.join(', ')}`);
    chosen.add(name);
  }
  if (chosen.has('seasons') || chosen.has('episodes')) chosen.add('totals');
  return chosen.size === 0 ? [...DEFAULT_STAGES] : STAGE_NAMES.filter((name) => chosen.has(name));
}
