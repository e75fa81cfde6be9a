import type {
  CreditFacts,
  ImageFacts,
  ProfileFacts,
  SeasonFacts,
  ShowFacts,
  WatchOfferFacts,
} from '../../platform/facts.ts';
import type { Outcome } from '../../platform/outcome.ts';
import type { Validators } from '../types.ts';
import type { TmdbEpisode } from './parse/episode.ts';
import type { TmdbExternalIds } from './parse/external-ids.ts';
import type { TmdbImage } from './parse/images.ts';
import type { TmdbFieldChange } from './parse/list.ts';
import type { TmdbPerson } from './parse/person.ts';
import type { TmdbProvider } from './parse/providers.ts';
import type { TmdbAlternativeTitle } from './parse/tv.ts';

/** What one details request with the fixed append list says about a show, in neutral facts. */
export interface ShowBundle {
  readonly show: ShowFacts;
  /** Absent when the answer had no `aggregate_credits` block (named in `missing`). */
  readonly credits?: readonly CreditFacts[];
  /** Posters, backdrops and logos, distinct by (kind, path), best first within a kind (`spec/sources-tmdb.md` 6.4). */
  readonly images?: readonly ImageFacts[];
  /** Every region and offer type; empty when the source offers nothing anywhere. */
  readonly offers?: readonly WatchOfferFacts[];
  /** For the next conditional request; empty when the answer came from a snapshot. */
  readonly validators: Validators;
}

export interface FindCandidate {
  readonly tmdbId: number;
  readonly name: string | null;
  readonly originalName: string | null;
  readonly firstAirDate: string | null;
  readonly popularity: number | null;
}

export interface ListItem {
  readonly tmdbId: number;
  readonly name: string;
  readonly firstAirDate: string | null;
  readonly originCountries: readonly string[] | null;
}

export interface RequestOptions {
  readonly validators?: Validators;
  readonly signal?: AbortSignal;
}

/** Everything the pipeline asks of TMDb. One implementation: `createTmdbSource` in `client.ts`. */
export interface TmdbSource {
  /** `/tv/{id}` with the fixed append list. */
  show(tmdbId: number, options?: RequestOptions): Promise<Outcome<ShowBundle>>;
  /** `/tv/{id}/season/{n}` with its episodes, external ids and posters. */
  season(tmdbId: number, seasonNumber: number, options?: RequestOptions): Promise<Outcome<SeasonFacts>>;
  /** `/find/{imdb id}`: TV candidates; an id found among episode or season results yields its show (weakness 9). */
  find(imdbId: string, options?: RequestOptions): Promise<Outcome<readonly FindCandidate[]>>;
  /** All pages of `/list/{id}`, movies dropped. `listId` is digits or text containing `/list/<digits>`. */
  list(listId: string, options?: RequestOptions): Promise<Outcome<readonly ListItem[]>>;
  /** `/tv/{id}/external_ids`. */
  externalIds(tmdbId: number, options?: RequestOptions): Promise<Outcome<NonNullable<ShowFacts['externalIds']>>>;
  /** All pages of `/tv/changes`; at most 14 days apart. Distinct ids, ascending. */
  changedShows(startDate: string, endDate: string, options?: RequestOptions): Promise<Outcome<readonly number[]>>;
}

/** What the pipeline asks about single people. */
export interface TmdbPeople {
  /** `/person/{id}` with external ids and pictures in one request, in neutral facts. */
  personProfile(tmdbPersonId: number, options?: RequestOptions): Promise<Outcome<ProfileFacts>>;
}

/** The rest of what TMDb can be asked; same client, same limits. Records are TMDb's own shapes. */
export interface TmdbClient extends TmdbSource, TmdbPeople {
  /** `/tv/{id}/images`: posters, backdrops and logos, best first within a kind. */
  images(tmdbId: number, options?: RequestOptions): Promise<Outcome<readonly ImageFacts[]>>;
  /** `/tv/{id}/watch/providers`. */
  watchProviders(tmdbId: number, options?: RequestOptions): Promise<Outcome<readonly WatchOfferFacts[]>>;
  /** `/tv/{id}/alternative_titles`. */
  alternativeTitles(tmdbId: number, options?: RequestOptions): Promise<Outcome<readonly TmdbAlternativeTitle[]>>;
  /** `/tv/{id}/season/{n}/episode/{m}` with guest stars, crew and external ids. */
  episode(
    tmdbId: number,
    seasonNumber: number,
    episodeNumber: number,
    options?: RequestOptions,
  ): Promise<Outcome<TmdbEpisode>>;
  /** `/tv/{id}/changes`: which fields changed, at most 14 days apart. */
  showChanges(
    tmdbId: number,
    startDate: string,
    endDate: string,
    options?: RequestOptions,
  ): Promise<Outcome<readonly TmdbFieldChange[]>>;
  /** `/watch/providers/tv`: all providers with their priorities by region. */
  providerCatalogue(options?: RequestOptions): Promise<Outcome<readonly TmdbProvider[]>>;
  /** `/person/{id}` with external ids and pictures in one request. */
  person(tmdbPersonId: number, options?: RequestOptions): Promise<Outcome<TmdbPerson>>;
  /** `/person/{id}/external_ids`. */
  personExternalIds(tmdbPersonId: number, options?: RequestOptions): Promise<Outcome<TmdbExternalIds>>;
  /** `/person/{id}/images`, in the source's order. */
  personImages(tmdbPersonId: number, options?: RequestOptions): Promise<Outcome<readonly TmdbImage[]>>;
  /** All pages of `/person/changes`, as `changedShows`. */
  changedPeople(startDate: string, endDate: string, options?: RequestOptions): Promise<Outcome<readonly number[]>>;
}
