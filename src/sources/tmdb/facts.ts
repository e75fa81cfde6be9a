import type {
  CreditFacts,
  EpisodeFacts,
  ImageFacts,
  ImageKind,
  PersonFacts,
  ProfileFacts,
  SeasonFacts,
  ShowExternalIds,
  ShowFacts,
  WatchOfferFacts,
} from '../../platform/facts.ts';
import { defined } from '../read.ts';
import type { TmdbCredit, TmdbCredits } from './parse/credits.ts';
import type { TmdbEpisode } from './parse/episode.ts';
import type { TmdbExternalIds } from './parse/external-ids.ts';
import type { TmdbImages } from './parse/images.ts';
import type { TmdbPerson } from './parse/person.ts';
import type { TmdbOffer } from './parse/providers.ts';
import type { TmdbSeason } from './parse/season.ts';
import type { TmdbTv } from './parse/tv.ts';

/** Daily formats have hundreds of seasons; more than this is a broken payload. */
const MAX_SEASONS = 1000;

export function showFacts(tv: TmdbTv): ShowFacts {
  const { lastEpisode } = tv;
  return defined({
    tmdbId: tv.id,
    name: tv.name,
    originalName: tv.originalName,
    overview: tv.overview,
    status: tv.status,
    type: tv.type,
    firstAirDate: tv.firstAirDate,
    lastAirDate: tv.lastAirDate,
    voteAverage: tv.voteAverage,
    voteCount: tv.voteCount,
    popularity: tv.popularity,
    seasonCount: tv.numberOfSeasons,
    episodeCount: tv.numberOfEpisodes,
    genres: tv.genres,
    keywords: tv.keywords,
    networks: tv.networks,
    companies: tv.companies,
    alternativeNames: tv.alternativeTitles?.map(({ title, country, type }) => ({ name: title, country, type })),
    externalIds: tv.externalIds === undefined ? undefined : showExternalIds(tv.externalIds),
    lastEpisode:
      lastEpisode === undefined || lastEpisode === null
        ? lastEpisode
        : {
            season: lastEpisode.seasonNumber ?? null,
            episode: lastEpisode.episodeNumber,
            title: lastEpisode.name ?? null,
            airDate: lastEpisode.airDate ?? null,
          },
    seasonNumbers: tv.seasons
      ?.map(({ seasonNumber }) => seasonNumber)
      .sort((a, b) => a - b)
      .slice(0, MAX_SEASONS),
    listedSeasons: tv.seasons
      ?.map((season) =>
        defined({
          seasonNumber: season.seasonNumber,
          tmdbSeasonId: season.id,
          name: season.name,
          overview: season.overview,
          airDate: season.airDate,
          posterPath: season.posterPath,
        }),
      )
      .sort((a, b) => a.seasonNumber - b.seasonNumber)
      .slice(0, MAX_SEASONS),
    raw: tv.raw,
  });
}

export function showExternalIds(ids: TmdbExternalIds): ShowExternalIds {
  const { imdb, tvdb, tvrage, wikidata, facebook, instagram, twitter } = ids;
  return defined({ imdb, tvdb, tvrage, wikidata, facebook, instagram, twitter });
}

export function seasonFacts(season: TmdbSeason, seasonNumber: number, language: string): SeasonFacts {
  return defined({
    seasonNumber,
    tmdbSeasonId: season.id,
    tmdbSeasonObjectId: season.objectId,
    name: season.name,
    overview: season.overview,
    airDate: season.airDate,
    posterPath: season.posterPath,
    tvdbId: season.externalIds?.tvdb,
    wikidataId: season.externalIds?.wikidata,
    language,
    episodes: season.episodes.map((episode) => episodeFacts(episode, seasonNumber)),
    // A stored poster needs its size (6.3).
    posters:
      season.images === undefined
        ? undefined
        : imageFacts({ posters: season.images.posters ?? [] }).filter(
            ({ width, height }) => width !== null && height !== null,
          ),
    credits: season.aggregateCredits === undefined ? undefined : creditFacts(season.aggregateCredits),
  });
}

export function episodeFacts(episode: TmdbEpisode, seasonNumber: number): EpisodeFacts {
  return defined({
    seasonNumber,
    episodeNumber: episode.episodeNumber,
    tmdbEpisodeId: episode.id,
    title: episode.name,
    overview: episode.overview,
    airDate: episode.airDate,
    runtimeMinutes: episode.runtimeMinutes,
    stillPath: episode.stillPath,
    productionCode: episode.productionCode,
    episodeType: episode.episodeType,
    voteAverage: episode.voteAverage,
    voteCount: episode.voteCount,
  });
}

/** A person's page; ids that are not known are absent. */
export function profileFacts(person: TmdbPerson): ProfileFacts {
  const imdbId = /^nm\d+$/.exec(person.externalIds?.imdb ?? person.imdbId ?? '')?.[0];
  return defined({
    name: person.name,
    tmdbId: person.id,
    imdbId,
    knownFor: person.knownForDepartment,
    profilePath: person.profilePath,
    alsoKnownAs: person.alsoKnownAs,
    biography: person.biography,
    birthDate: person.birthday,
    deathDate: person.deathday,
    gender: person.gender,
    adult: person.adult,
    homepage: person.homepage,
    department: person.knownForDepartment,
    birthPlace: person.placeOfBirth,
    popularity: person.popularity,
    externalIds: person.externalIds === undefined ? undefined : defined({ ...person.externalIds }),
    pictures: person.profiles,
  });
}

const SHOW_IMAGES: readonly (readonly ['posters' | 'backdrops' | 'logos', ImageKind])[] = [
  ['posters', 'poster'],
  ['backdrops', 'backdrop'],
  ['logos', 'logo'],
];

/** Posters, backdrops and logos, best first within a kind. */
export function imageFacts(images: TmdbImages): ImageFacts[] {
  return SHOW_IMAGES.flatMap(([list, kind]) => (images[list] ?? []).map((image) => ({ kind, ...image })));
}

export function offerFacts(offers: readonly TmdbOffer[]): WatchOfferFacts[] {
  return offers.map((offer) => ({ ...offer }));
}

interface Part {
  readonly person: PersonFacts;
  readonly category: string;
  readonly roles: readonly string[];
  readonly billingOrder: number | null;
  readonly episodeCount: number | null;
  /** How often the source lists the person in this category. */
  readonly listings: number;
}

/**
 * One row per (person, category). Cast: `Self` for roles that begin with the word "Self", `cast` for the others; crew: the
 * department. Roles are joined distinct in the source's order; duplicates keep the lowest billing and the highest count.
 */
export function creditFacts(credits: TmdbCredits): CreditFacts[] {
  const cast = credits.cast.flatMap((credit): Part[] => {
    const self = credit.roles.filter(({ character }) => isSelf(character));
    const played = credit.roles.filter(({ character }) => !isSelf(character));
    const named = played.filter(({ character }) => character !== null);
    const billingOrder = credit.order === null || credit.order < 0 ? null : credit.order + 1;
    const part = (category: string, roles: typeof self, whole: boolean): Part => ({
      person: personFacts(credit),
      category,
      roles: roles.flatMap(({ character }) => character ?? []),
      billingOrder,
      episodeCount: whole ? credit.episodeCount : sum(roles.map((role) => role.episodeCount)),
      listings: 1,
    });
    if (self.length === 0) return [part('cast', played, true)];
    // An unnamed role beside "Self" says nothing of its own.
    return named.length === 0 ? [part('Self', self, true)] : [part('Self', self, false), part('cast', named, false)];
  });
  const crew = credits.crew.map(
    (credit): Part => ({
      person: personFacts(credit),
      category: credit.department ?? 'Crew',
      roles: credit.jobs.flatMap(({ job }) => job ?? []),
      billingOrder: null,
      episodeCount: credit.episodeCount,
      listings: 1,
    }),
  );
  return merge([...cast, ...crew]);
}

function merge(parts: readonly Part[]): CreditFacts[] {
  const rows = new Map<string, Part>();
  for (const part of parts) {
    const key = `${part.person.tmdbId}/${part.category}`;
    const known = rows.get(key);
    rows.set(key, known === undefined ? part : mergeParts(known, part));
  }
  return [...rows.values()].map(({ roles, listings, ...part }) => {
    const distinct = [...new Set(roles)];
    const repeated = listings > 1 ? { listings } : {};
    return { ...part, ...repeated, role: distinct.length === 0 ? null : distinct.join(', ') };
  });
}

function mergeParts(a: Part, b: Part): Part {
  return {
    ...a,
    roles: [...a.roles, ...b.roles],
    billingOrder: pick(Math.min, a.billingOrder, b.billingOrder),
    episodeCount: pick(Math.max, a.episodeCount, b.episodeCount),
    listings: a.listings + b.listings,
  };
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b);
}

function sum(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
}

function isSelf(character: string | null): boolean {
  return character !== null && /^self\b/i.test(character);
}

function personFacts(credit: TmdbCredit): PersonFacts {
  return { name: credit.name, tmdbId: credit.personId, knownFor: credit.knownFor, profilePath: credit.profilePath };
}
