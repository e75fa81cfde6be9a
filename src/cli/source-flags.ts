import { resolve } from 'node:path';
import type { StageLimits, StageWish } from '../pipeline/stage-sources.ts';
import { EnvReader } from '../platform/config/read.ts';
import { readSheet, sheetAt } from '../platform/config/sheet.ts';
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
function readLimits(args: SourceArgs): StageLimits {
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

/**
 * What these flags ask of a run, as its order carries it.
 * @throws UsageError naming the flag
 */
export function readWish(args: SourceArgs): Pick<StageWish, 'limits' | 'sheet'> {
  const limits = readLimits(args);
  const sheet = readSheetFlag(text(args['imdb-cast-overrides-url']));
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(sheet === undefined ? {} : { sheet }),
  };
}

/** What of a run's wishes workers cannot fulfil, in words; undefined when they can. */
export function ownWish({ sheet }: Pick<StageWish, 'sheet'>): string | undefined {
  if (sheet === undefined || sheetAt(sheet).kind === 'url') return undefined;
  return 'an override sheet that is a file of this machine';
}

/** A file's path becomes absolute, so that resuming from elsewhere finds it. */
function readSheetFlag(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const reader = new EnvReader({ TRR_OVERRIDES_SHEET: value });
  const sheet = readSheet(reader);
  const [problem] = reader.problems;
  if (problem !== undefined) throw new UsageError(problem.replace('TRR_OVERRIDES_SHEET', '--imdb-cast-overrides-url'));
  if (sheet === null) return undefined;
  return sheet.kind === 'url' ? sheet.url : resolve(sheet.path);
}
