import type { Shape } from './generated.ts';
import { addDays, mix, pick } from './ids.ts';
import type { WorldCastCredit, WorldCrewCredit, WorldEpisode, WorldPerson, WorldSeason } from './types.ts';

export const PERSON_BASE = 1_500_000_000;
const SEASON_BASE = 1_000_000_000;
const EPISODE_BASE = 1_800_000_000;

const GIVEN = [
  'Ana',
  'Ben',
  'Chloé',
  'Dmitri',
  'Elif',
  'Farid',
  'Gwen',
  'Hiro',
  'Inés',
  'Jonas',
  'Keisha',
  'Liam',
  'Mei',
  'Noor',
  'Óscar',
  'Priya',
];
const FAMILY = [
  "O'Neill",
  'Garcia',
  'Müller',
  'Okafor',
  'Smith',
  'Nguyen',
  'Kowalski',
  'Rossi',
  'Sato',
  'van Dijk',
  'Brown',
  'Åkesson',
  'Lopez-Reyes',
  'Singh',
];

/** Credit ids are numbers written as 24 hexadecimal digits: unique by construction, and cheaper than a hash. */
function creditId(kind: number, show: number, season: number, member: number): string {
  const hex = (value: number, width: number) => value.toString(16).padStart(width, '0');
  return `5e${hex(kind, 2)}${hex(show, 8)}${hex(season, 4)}${hex(member, 8)}`;
}

/**
 * The k-th person of a show, as an index over the world's people. Every fifth belongs to the show before: people who appear
 * in several shows.
 */
function personIndex(shape: Shape, show: number, member: number): number {
  const own = member % 5 !== 4 || show === 1;
  return (own ? show - 1 : show - 2) * shape.castPerShow + (own ? member : member - 1);
}

export function generatedSeason(shape: Shape, show: number, season: number, premiere: string): WorldSeason {
  const id = SEASON_BASE + show * 100 + season;
  const poster = {
    aspect_ratio: 0.667,
    height: 1500,
    iso_639_1: 'en',
    file_path: `/sim${show}season${season}.jpg`,
    vote_average: 5,
    vote_count: 1,
    width: 1000,
  };
  return {
    id,
    object_id: creditId(9, show, season, 0),
    season_number: season,
    name: `Season ${season}`,
    overview: '',
    air_date: premiere,
    poster_path: poster.file_path,
    vote_average: 6.5,
    external_ids: { freebase_mid: null, freebase_id: null, tvdb_id: id, tvrage_id: null, wikidata_id: null },
    posters: [poster],
    episodes: Array.from({ length: shape.episodesPerSeason }, (_, i) =>
      generatedEpisode(shape, show, season, i + 1, premiere),
    ),
    cast: generatedCast(shape, show, season),
    crew: generatedCrew(shape, show, season),
  };
}

function generatedEpisode(shape: Shape, show: number, season: number, number: number, premiere: string): WorldEpisode {
  const random = mix(shape.seed, show, season, number);
  // Room for episodes that tests add.
  const stride = shape.episodesPerSeason + 8;
  return {
    id: EPISODE_BASE + ((show - 1) * shape.seasons + season - 1) * stride + number,
    episode_number: number,
    name: random % 7 === 0 ? `Episode ${number}` : `“Part ${number}” – it's ${pick(FAMILY, random)}'s turn`,
    overview: random % 3 === 0 ? '' : `What happens in episode ${number} of season ${season}.`,
    air_date: addDays(premiere, (number - 1) * 7),
    episode_type: number === shape.episodesPerSeason ? 'finale' : 'standard',
    production_code: '',
    runtime: random % 11 === 0 ? null : 40 + (random % 25),
    still_path: random % 2 === 0 ? `/sim${show}still${season}x${number}.jpg` : null,
    vote_average: (random % 100) / 10,
    vote_count: random % 300,
    imdb_id: null,
  };
}

/** The host and a window over the show's people that moves by a quarter each season, so that half of them return. */
function generatedCast(shape: Shape, show: number, season: number): WorldCastCredit[] {
  const people = shape.castPerShow - 1;
  const window = Math.max(1, Math.ceil(people / 2));
  const start = ((season - 1) * Math.ceil(window / 2)) % Math.max(1, people);
  const members = [...new Set(Array.from({ length: Math.min(window, people) }, (_, i) => 1 + ((start + i) % people)))];
  return [0, ...members].map((member, order) => ({
    person_id: PERSON_BASE + personIndex(shape, show, member),
    credit_id: creditId(1, show, season, member),
    character:
      member === 0 ? 'Self - Host' : season % 2 === 0 && member % 6 === 1 ? 'Self - Judge' : 'Self - Contestant',
    episode_count:
      member === 0 ? shape.episodesPerSeason : 1 + (mix(shape.seed, show, season, member) % shape.episodesPerSeason),
    order,
  }));
}

function generatedCrew(shape: Shape, show: number, season: number): WorldCrewCredit[] {
  const jobs = [
    ['Production', 'Executive Producer'],
    ['Directing', 'Director'],
  ] as const;
  return jobs.map(([department, job], i) => ({
    person_id: PERSON_BASE + personIndex(shape, show, Math.min(i, shape.castPerShow - 1)),
    credit_id: creditId(2, show, season, i),
    department,
    job,
    episode_count: shape.episodesPerSeason,
  }));
}

/** Names come from a small pool, so namesakes with different ids are common. */
export function generatedPerson(shape: Shape, index: number): WorldPerson {
  const random = mix(shape.seed, 77, index);
  const name = `${pick(GIVEN, random)} ${pick(FAMILY, random >>> 8)}`;
  const id = PERSON_BASE + index;
  return {
    id,
    name,
    original_name: name,
    also_known_as: random % 9 === 0 ? [`${name} Jr.`] : [],
    biography: '',
    birthday: random % 4 === 0 ? null : addDays('1950-01-01', random % 18_000),
    deathday: random % 200 === 0 ? '2020-02-29' : null,
    gender: random % 4,
    adult: false,
    homepage: null,
    known_for_department: 'Acting',
    place_of_birth: null,
    popularity: (random % 500) / 100,
    profiles:
      random % 2 === 0
        ? []
        : [
            {
              aspect_ratio: 0.667,
              height: 900,
              iso_639_1: null,
              file_path: `/simperson${index}.jpg`,
              vote_average: 5,
              vote_count: 1,
              width: 600,
            },
          ],
    external_ids: {
      freebase_mid: null,
      freebase_id: null,
      imdb_id: `nm${80_000_000 + index}`,
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
