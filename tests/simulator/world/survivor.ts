import { hexId, imagePath, MADE_UP_FROM } from './ids.ts';
import {
  type CastawayRow,
  defaultSurvivorDir,
  type EpisodeRow,
  type PersonRow,
  readSurvivorData,
  type SeasonRow,
  type SurvivorData,
} from './survivor-data.ts';
import { NATIONAL_SHOWS, type NationalShow, survivorProviders } from './survivor-shows.ts';
import type {
  WorldBase,
  WorldCastCredit,
  WorldEpisode,
  WorldMatch,
  WorldPerson,
  WorldSeason,
  WorldShow,
} from './types.ts';
import { createWorld, type World } from './world.ts';

/** Survivor (US) has its real, public ids; everything else is the simulator's own. */
export const SURVIVOR_US = { tmdbId: 14658, imdbId: 'tt0239195' } as const;

/** The list that names the five national shows (and one film, which an importer must drop). */
export const SURVIVOR_LIST = '1';

/** Five national Survivor shows at real size, from a folder of the open data set (default: `defaultSurvivorDir`). */
export function survivorWorld(dataDir: string = defaultSurvivorDir(), today?: string): World {
  return createWorld(survivorBase(readSurvivorData(dataDir)), today);
}

/** Ids are a pure function of the data set's keys, so the full and the reduced copy describe the same world. */
export function survivorBase(data: SurvivorData): WorldBase {
  const shows = new Map(NATIONAL_SHOWS.map((national) => [national.id, buildShow(national, data)]));
  const aliases = Map.groupBy(data.castaways, (row) => row.castaway_id);
  const people = new Map(
    data.people.flatMap((row) => {
      const credits = aliases.get(row.castaway_id);
      // The data set lists two people without a name and without a season: nothing to credit.
      return row.full_name === null || credits === undefined
        ? []
        : [[personId(row.castaway_id), buildPerson(row, row.full_name, credits)]];
    }),
  );
  const matches = new Map<string, WorldMatch>();
  for (const show of shows.values()) {
    if (show.external_ids.imdb_id !== null) matches.set(show.external_ids.imdb_id, { kind: 'show', showId: show.id });
    for (const season of show.seasons) {
      for (const episode of season.episodes) {
        if (episode.imdb_id === null) continue;
        const at = { showId: show.id, seasonNumber: season.season_number, episodeNumber: episode.episode_number };
        matches.set(episode.imdb_id, { kind: 'episode', ...at });
      }
    }
  }
  const ids = [...shows.keys()];
  return {
    showIds: () => ids,
    show: (id) => shows.get(id),
    person: (id) => people.get(id),
    find: (imdbId) => {
      const match = matches.get(imdbId);
      return match === undefined ? [] : [match];
    },
    list: (id) =>
      id !== SURVIVOR_LIST
        ? undefined
        : {
            name: 'Survivor around the world',
            description: 'The national versions of one format.',
            created_by: 'simulator',
            size: ids.length + 1,
            items: (from, to) =>
              [
                ...ids.map((showId) => ({ media_type: 'tv' as const, id: showId })),
                { media_type: 'movie' as const, id: MADE_UP_FROM + 1, title: 'A Film on the List' },
              ].slice(from, to),
          },
    providers: survivorProviders,
  };
}

function buildShow(national: NationalShow, data: SurvivorData): WorldShow {
  const mine = <Row extends { version: string }>(rows: readonly Row[]) =>
    rows.filter((row) => row.version === national.version);
  const episodes = Map.groupBy(mine(data.episodes), (row) => row.season);
  const castaways = Map.groupBy(mine(data.castaways), (row) => row.season);
  const seasons = mine(data.seasons)
    .toSorted((a, b) => a.season - b.season)
    .map((row) => buildSeason(national, row, episodes.get(row.season) ?? [], castaways.get(row.season) ?? []));
  return { ...national.show(), seasons };
}

function buildSeason(
  national: NationalShow,
  row: SeasonRow,
  episodeRows: readonly EpisodeRow[],
  castawayRows: readonly CastawayRow[],
): WorldSeason {
  const key = [row.version, row.season] as const;
  const episodes = episodeRows
    .toSorted((a, b) => a.episode - b.episode)
    .map((episode) => buildEpisode(national, episode));
  const poster = imagePath('jpg', 'season poster', ...key);
  return {
    id: 910_000_000 + national.index * 1_000 + row.season,
    object_id: hexId('season', ...key),
    season_number: row.season,
    name: row.season_name,
    overview: `Recorded in ${row.location}.`,
    air_date: row.premiered ?? episodes[0]?.air_date ?? null,
    poster_path: poster,
    vote_average: 0,
    external_ids: {
      freebase_mid: null,
      freebase_id: null,
      tvdb_id: 910_000_000 + national.index * 1_000 + row.season,
      tvrage_id: null,
      wikidata_id: null,
    },
    posters: [
      {
        aspect_ratio: 0.667,
        height: 1500,
        iso_639_1: 'en',
        file_path: poster,
        vote_average: 5.3,
        vote_count: 3,
        width: 1000,
      },
      {
        aspect_ratio: 0.667,
        height: 3000,
        iso_639_1: null,
        file_path: imagePath('jpg', 'season art', ...key),
        vote_average: 0,
        vote_count: 0,
        width: 2000,
      },
    ],
    episodes,
    cast: castawayRows
      .toSorted((a, b) => b.order - a.order)
      .map((castaway, order) => buildCredit(castaway, order, episodes.length)),
    crew: [],
  };
}

function buildEpisode(national: NationalShow, row: EpisodeRow): WorldEpisode {
  return {
    id: 920_000_000 + national.index * 100_000 + row.season * 1_000 + row.episode,
    episode_number: row.episode,
    name: row.episode_title,
    overview: '',
    air_date: row.episode_date,
    episode_type: row.episode_label === 'Finale' ? 'finale' : 'standard',
    production_code: '',
    runtime: row.episode_length,
    still_path: row.episode === 1 ? imagePath('jpg', 'still', row.version, row.season, row.episode) : null,
    vote_average: row.imdb_rating ?? 0,
    vote_count: row.n_ratings ?? 0,
    imdb_id: `tt${90_000_000 + national.index * 1_000_000 + row.season * 1_000 + row.episode}`,
  };
}

/** A castaway is in every episode up to the one of leaving. */
function buildCredit(row: CastawayRow, order: number, episodes: number): WorldCastCredit {
  return {
    person_id: personId(row.castaway_id),
    credit_id: hexId('credit', row.version, row.season, row.castaway_id),
    character: 'Self - Contestant',
    episode_count: Math.min(Math.max(row.episode, 1), episodes),
    order,
  };
}

const PERSON_PREFIXES = ['US', 'AU', 'SA', 'UK', 'NZ', 'FI', 'QU'];

/** `US0477` -> 930010477. */
export function personId(castawayId: string): number {
  const match = /^([A-Z]{2})(\d{4})$/.exec(castawayId);
  const prefix = PERSON_PREFIXES.indexOf(match?.[1] ?? '');
  if (match === null || prefix < 0) throw new Error(`castaway id of an unknown form: ${castawayId}`);
  return 930_000_000 + (prefix + 1) * 10_000 + Number(match[2]);
}

function buildPerson(row: PersonRow, name: string, credits: readonly CastawayRow[]): WorldPerson {
  const id = personId(row.castaway_id);
  const others = new Set(credits.map((credit) => credit.full_name));
  others.delete(name);
  return {
    id,
    name,
    original_name: name,
    also_known_as: [...others].sort(),
    biography: '',
    birthday: row.date_of_birth,
    deathday: null,
    gender: 0,
    adult: false,
    homepage: null,
    known_for_department: 'Acting',
    place_of_birth: null,
    popularity: (id % 97) / 100,
    profiles:
      id % 3 === 0
        ? []
        : [
            {
              aspect_ratio: 0.667,
              height: 1500,
              iso_639_1: null,
              file_path: imagePath('jpg', 'profile', id),
              vote_average: 5.2,
              vote_count: 2,
              width: 1000,
            },
          ],
    external_ids: {
      freebase_mid: null,
      freebase_id: null,
      imdb_id: `nm${id - 840_000_000}`,
      tvrage_id: null,
      wikidata_id: null,
      facebook_id: null,
      instagram_id: null,
      tiktok_id: null,
      twitter_id: null,
      youtube_id: null,
    },
  };
}
