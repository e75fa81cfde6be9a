import type { FandomSource } from '../sources/fandom/source.ts';
import type { ImdbDatasets } from '../sources/imdb/datasets/source.ts';
import type { ImdbSource } from '../sources/imdb/source.ts';
import type { SheetOverride, ShowIdentity as SheetShow } from '../sources/sheet/source.ts';
import type { TmdbPeople } from '../sources/tmdb/source.ts';
import type { StageName } from './stage.ts';

/** What the stages ask besides TMDb's shows and seasons. What is absent is off: its parts of the stages do not apply. */
export interface StageSources {
  /** Pages of single people. */
  readonly tmdbPeople?: TmdbPeople;
  readonly imdb?: ImdbSource;
  readonly datasets?: ImdbDatasets;
  readonly fandom?: FandomSource;
  /** What the override sheet says about a show (`spec/pipeline.md` 6.6); a sheet that cannot be read says nothing. */
  readonly sheet?: (show: SheetShow) => Promise<SheetOverride | null>;
  /** Licences whose values may be shown (`TRR_PUBLISH_LICENCES`); absent: all. */
  readonly published?: ReadonlySet<string>;
  readonly limits?: StageLimits;
}

/** How much of each show or person is asked for. */
export interface StageLimits {
  /** People of a show whose episodes and pages are asked for; absent: all (`--limit-cast`). */
  readonly cast?: number;
  /** Pictures taken from each gallery, default 50; 0 takes all (`--gallery-limit`). */
  readonly gallery?: number;
  /** Ask for people's whole galleries at TMDb, not only for the picture their credit names (`--galleries`). */
  readonly galleries?: boolean;
  /** False leaves IMDb's episodes out (`--imdb-no-episodes`). */
  readonly imdbEpisodes?: boolean;
  /** False leaves IMDb's people, cast and appearances out (`--imdb-no-cast`). */
  readonly imdbCast?: boolean;
}

/** What an order says about its stages beside which they are. */
export interface StageWish {
  readonly stages: readonly StageName[];
  readonly limits?: StageLimits;
  /** Override sheet: https address of a published CSV, or a file of whoever carries the run out; absent: the configured one. */
  readonly sheet?: string;
}

export const GALLERY_LIMIT = 50;
