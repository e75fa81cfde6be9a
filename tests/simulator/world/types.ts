/**
 * What an upstream knows, before it is put into any answer. Leaf records keep TMDb's own field names, so that an answer is
 * mostly a selection; everything that TMDb derives (totals, last and next episode, aggregated credits) is derived in `answers/`.
 * All records are mutable: a test edits them through `World.edit`.
 */
export interface WorldShow {
  id: number;
  name: string;
  original_name: string;
  overview: string;
  tagline: string;
  homepage: string;
  status: string;
  type: string;
  adult: boolean;
  in_production: boolean;
  original_language: string;
  languages: string[];
  origin_country: string[];
  /** Null: derived from the earliest episode. Set where the world holds fewer seasons than the show has. */
  first_air_date: string | null;
  episode_run_time: number[];
  popularity: number;
  vote_average: number;
  vote_count: number;
  genres: Named[];
  created_by: WorldCreator[];
  networks: WorldOrganisation[];
  production_companies: WorldOrganisation[];
  production_countries: { iso_3166_1: string; name: string }[];
  spoken_languages: { english_name: string; iso_639_1: string; name: string }[];
  external_ids: ShowExternalIds;
  alternative_titles: { iso_3166_1: string; title: string; type: string }[];
  keywords: Named[];
  content_ratings: { descriptors: string[]; iso_3166_1: string; rating: string }[];
  /** By region (ISO 3166-1 alpha-2), as `/tv/{id}/watch/providers` answers. */
  watch: Record<string, WorldRegionOffers>;
  images: { backdrops: WorldImage[]; logos: WorldImage[]; posters: WorldImage[] };
  seasons: WorldSeason[];
}

export interface Named {
  id: number;
  name: string;
}

export interface WorldCreator extends Named {
  credit_id: string;
  original_name: string;
  gender: number;
  profile_path: string | null;
}

export interface WorldOrganisation extends Named {
  logo_path: string | null;
  origin_country: string;
}

export interface ShowExternalIds {
  imdb_id: string | null;
  freebase_mid: string | null;
  freebase_id: string | null;
  tvdb_id: number | null;
  tvrage_id: number | null;
  wikidata_id: string | null;
  facebook_id: string | null;
  instagram_id: string | null;
  twitter_id: string | null;
}

export const OFFER_TYPES = ['flatrate', 'rent', 'buy', 'free', 'ads'] as const;
export type OfferType = (typeof OFFER_TYPES)[number];

export type WorldRegionOffers = { link: string } & Partial<Record<OfferType, WorldOffer[]>>;

export interface WorldOffer {
  logo_path: string | null;
  provider_id: number;
  provider_name: string;
  display_priority: number;
}

export interface WorldProvider {
  display_priorities: Record<string, number>;
  display_priority: number;
  logo_path: string | null;
  provider_name: string;
  provider_id: number;
}

export interface WorldImage {
  aspect_ratio: number;
  height: number;
  iso_639_1: string | null;
  file_path: string;
  vote_average: number;
  vote_count: number;
  width: number;
}

export interface WorldSeason {
  id: number;
  /** 24 hexadecimal digits, TMDb's `_id`. */
  object_id: string;
  season_number: number;
  name: string;
  overview: string;
  air_date: string | null;
  poster_path: string | null;
  vote_average: number;
  external_ids: SeasonExternalIds;
  posters: WorldImage[];
  episodes: WorldEpisode[];
  cast: WorldCastCredit[];
  crew: WorldCrewCredit[];
}

export interface SeasonExternalIds {
  freebase_mid: string | null;
  freebase_id: string | null;
  tvdb_id: number | null;
  tvrage_id: number | null;
  wikidata_id: string | null;
}

export interface WorldEpisode {
  id: number;
  episode_number: number;
  name: string;
  overview: string;
  /** Null or "" both occur at the real upstream. */
  air_date: string | null;
  episode_type: string;
  production_code: string;
  runtime: number | null;
  still_path: string | null;
  vote_average: number;
  vote_count: number;
  imdb_id: string | null;
}

export interface WorldCastCredit {
  person_id: number;
  credit_id: string;
  character: string;
  episode_count: number;
  order: number;
}

export interface WorldCrewCredit {
  person_id: number;
  credit_id: string;
  department: string;
  job: string;
  episode_count: number;
}

export interface WorldPerson {
  id: number;
  name: string;
  original_name: string;
  also_known_as: string[];
  biography: string;
  birthday: string | null;
  deathday: string | null;
  gender: number;
  adult: boolean;
  homepage: string | null;
  known_for_department: string;
  place_of_birth: string | null;
  popularity: number;
  profiles: WorldImage[];
  external_ids: PersonExternalIds;
}

export interface PersonExternalIds {
  freebase_mid: string | null;
  freebase_id: string | null;
  imdb_id: string | null;
  tvrage_id: number | null;
  wikidata_id: string | null;
  facebook_id: string | null;
  instagram_id: string | null;
  tiktok_id: string | null;
  twitter_id: string | null;
  youtube_id: string | null;
}

/** A v3 list. `items` is asked page by page, so that a list of a large world takes no memory. */
export interface WorldList {
  name: string;
  description: string;
  created_by: string;
  size: number;
  /** Zero-based, end exclusive. */
  items(from: number, to: number): WorldListItem[];
}

export type WorldListItem = { media_type: 'tv'; id: number } | { media_type: 'movie'; id: number; title: string };

/** What an IMDb id stands for. */
export type WorldMatch =
  | { kind: 'show'; showId: number }
  | { kind: 'episode'; showId: number; seasonNumber: number; episodeNumber: number };

/** The unedited description. Everything may be computed on demand. */
export interface WorldBase {
  showIds(): Iterable<number>;
  show(id: number): WorldShow | undefined;
  person(id: number): WorldPerson | undefined;
  find(imdbId: string): WorldMatch[];
  list(id: string): WorldList | undefined;
  providers(): WorldProvider[];
}
