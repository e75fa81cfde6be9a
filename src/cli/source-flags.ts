import type { StageLimits } from '../pipeline/stage-sources.ts';
import { EnvReader } from '../platform/config/read.ts';
import { readSheet } from '../platform/config/sheet.ts';
import type { Config } from '../platform/config/types.ts';
import { integerArg, UsageError } from './command.ts';

/** How much of IMDb, Fandom and people's pictures a run asks for (`spec/pipeline.md` 3.2). Each source has to be on. */
export const SOURCE_FLAGS = {
  'limit-cast': { type: 'string', description: 'So many people of each show for appearances, wiki pages and photos' },
  'gallery-limit': { type: 'string', description: 'So many pictures of each gallery; 0 takes all (default 50)' },
  galleries: {
    type: 'boolean',
    description: "Ask TMDb for people's whole galleries, not only for the picture of their credit",
  },
  'imdb-no-episodes': { type: 'boolean', description: "Leave IMDb's episodes out" },
  'imdb-no-cast': { type: 'boolean', description: "Leave IMDb's people, cast and appearances out" },
  'imdb-cast-overrides-url': {
    type: 'string',
    description: 'Override sheet: https address of a published CSV, or a file (default TRR_OVERRIDES_SHEET)',
  },
} as const;

type SourceArgs = Readonly<Record<string, unknown>>;

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** @throws UsageError naming the flag */
export function readLimits(args: SourceArgs): StageLimits {
  const cast = integerArg('--limit-cast', text(args['limit-cast']), { min: 0 });
  const gallery = integerArg('--gallery-limit', text(args['gallery-limit']), { min: 0 });
  return {
    ...(cast === undefined ? {} : { cast }),
    ...(gallery === undefined ? {} : { gallery }),
    ...(args['galleries'] === true ? { galleries: true } : {}),
    ...(args['imdb-no-episodes'] === true ? { imdbEpisodes: false } : {}),
    ...(args['imdb-no-cast'] === true ? { imdbCast: false } : {}),
  };
}

/** What of these flags workers would not know of, in words; undefined when none is given. */
export function ownWish(args: SourceArgs): string | undefined {
  if (text(args['imdb-cast-overrides-url']) !== undefined) return '--imdb-cast-overrides-url';
  return Object.keys(readLimits(args)).length === 0 ? undefined : 'flags that limit what sources are asked for';
}

/**
 * The configuration with the override sheet that a flag names.
 * @throws UsageError naming the flag
 */
export function withSheet(config: Config, args: SourceArgs): Config {
  const sheet = text(args['imdb-cast-overrides-url']);
  if (sheet === undefined) return config;
  const reader = new EnvReader({ TRR_OVERRIDES_SHEET: sheet });
  const read = readSheet(reader);
  const [problem] = reader.problems;
  if (problem !== undefined) throw new UsageError(problem.replace('TRR_OVERRIDES_SHEET', '--imdb-cast-overrides-url'));
  return { ...config, sheet: read };
}
