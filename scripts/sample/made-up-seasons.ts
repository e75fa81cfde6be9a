import { addDays } from '../../tests/simulator/world/ids.ts';
import type { WorldCastCredit, WorldCrewCredit, WorldEpisode, WorldSeason } from '../../tests/simulator/world/types.ts';
import { CONTESTANTS, HOST, KEEPER, PRODUCER } from './made-up-people.ts';

const DIRECTOR = KEEPER;

interface Outline {
  readonly number: number;
  readonly name: string;
  readonly overview: string;
  readonly airDate: string | null;
  readonly episodes: readonly Partial<WorldEpisode>[];
  /** Positions in `CONTESTANTS`, with the number of episodes each was in. */
  readonly cast: readonly (readonly [contestant: number, episodes: number])[];
}

const weekly = (start: string, titles: readonly string[]): Partial<WorldEpisode>[] =>
  titles.map((name, i) => ({ name, air_date: addDays(start, i * 7) }));

/** Specials, two aired seasons, and one whose first episode lies far ahead: the "next episode" of the sample. */
const OUTLINES: readonly Outline[] = [
  {
    number: 0,
    name: 'Specials',
    overview: 'Casting, reunion and what the storm cut out.',
    airDate: '2023-12-20',
    episodes: [
      { name: 'Who Holds the Match?', air_date: '2023-12-20', runtime: 30, overview: 'The casting special.' },
      { name: 'The Reunion', air_date: '2024-03-06', runtime: 92, overview: 'Everybody is dry again.' },
    ],
    cast: [],
  },
  {
    number: 1,
    name: 'The Rock',
    overview: 'Twelve keepers, one rock in the North Sea, and a lamp that must not go out.',
    airDate: '2024-01-10',
    episodes: weekly('2024-01-10', [
      'Landfall',
      'Oil and Water',
      '"Nobody Sleeps"',
      'The Long Watch',
      'Nebel',
      'Last Lantern',
    ]),
    cast: [
      [0, 6],
      [1, 6],
      [2, 5],
      [3, 4],
      [4, 3],
      [5, 2],
      [6, 1],
    ],
  },
  {
    number: 2,
    name: 'The Return',
    overview: 'Three keepers come back to face five new ones.',
    airDate: '2025-01-08',
    episodes: weekly('2025-01-08', [
      'Back on the Rock',
      'Salt',
      'A Light for Two',
      "It's Your Watch",
      'Ebb',
      'The Last Match',
    ]),
    cast: [
      [7, 6],
      [1, 6],
      [8, 5],
      [2, 4],
      [9, 3],
      [10, 2],
      [4, 2],
      [6, 1],
    ],
  },
  {
    number: 3,
    name: 'The Deep',
    overview: '',
    airDate: '2040-01-04',
    episodes: [
      {
        name: 'Below the Lamp',
        air_date: '2040-01-04',
        overview: 'Announced.',
        runtime: null,
        still_path: null,
        vote_average: 0,
        vote_count: 0,
      },
      {
        name: 'Episode 2',
        air_date: null,
        overview: '',
        runtime: null,
        still_path: null,
        vote_average: 0,
        vote_count: 0,
      },
    ],
    cast: [],
  },
];

export function lanternSeasons(base: number): WorldSeason[] {
  return OUTLINES.map((outline) => {
    const { number } = outline;
    const id = base + 600 + number;
    const poster = (language: string | null) => ({
      aspect_ratio: 0.667,
      height: 1_500,
      iso_639_1: language,
      file_path: `/made-up-lantern-season-${number}-${language ?? 'plain'}.jpg`,
      vote_average: language === 'en' ? 5.5 : 5,
      vote_count: 4,
      width: 1_000,
    });
    return {
      id,
      object_id: `90001000000000000000b0${hex(number)}`,
      season_number: number,
      name: outline.name,
      overview: outline.overview,
      air_date: outline.airDate,
      poster_path: `/made-up-lantern-season-${number}-en.jpg`,
      vote_average: number === 3 ? 0 : 7.5 - number / 10,
      external_ids: {
        freebase_mid: `/m/made_up_lantern_${number}`,
        freebase_id: `/en/made_up_lantern_season_${number}`,
        tvdb_id: base + 700 + number,
        tvrage_id: null,
        wikidata_id: `Q${base + 800 + number}`,
      },
      posters: [poster('en'), poster('de'), poster(null)],
      episodes: outline.episodes.map((fields, i) => episode(base, outline, i, fields)),
      cast: cast(outline),
      crew: crew(outline),
    };
  });
}

function episode(base: number, outline: Outline, i: number, fields: Partial<WorldEpisode>): WorldEpisode {
  const number = i + 1;
  const last = number === outline.episodes.length && outline.number > 0 && outline.number < 3;
  return {
    id: base + 1_000 + outline.number * 100 + number,
    episode_number: number,
    name: '',
    overview: `Watch ${number} of ${outline.name}: somebody's lantern goes out.`,
    air_date: null,
    episode_type: last ? 'finale' : number === 3 ? 'mid_season' : 'standard',
    production_code: outline.number === 0 ? '' : `LLS${outline.number}${String(number).padStart(2, '0')}`,
    runtime: last ? 75 : 58,
    still_path: `/made-up-lantern-still-${outline.number}x${number}.jpg`,
    vote_average: 7 + number / 10,
    vote_count: 20 - number,
    imdb_id: `tt${90_001_100 + outline.number * 100 + number}`,
    ...fields,
  };
}

const hex = (n: number) => n.toString(16).padStart(2, '0');
const creditId = (kind: string, season: number, n: number) => `90001000000000000000${kind}${season}${hex(n)}`;

/** The host, and the contestants of the season; a host with a second role, people who return, one person who is just "Self". */
function cast(outline: Outline): WorldCastCredit[] {
  const episodes = outline.episodes.length;
  const host = {
    person_id: HOST.id,
    credit_id: creditId('c', outline.number, 0),
    character: 'Self - Host',
    episode_count: episodes,
    order: 0,
  };
  if (outline.number === 0) {
    const guest = {
      person_id: CONTESTANTS[0]?.id ?? HOST.id,
      credit_id: creditId('c', 0, 1),
      character: 'Self',
      episode_count: 1,
      order: 1,
    };
    return [host, guest];
  }
  const keepers = outline.cast.map(([contestant, count], i) => ({
    person_id: CONTESTANTS[contestant]?.id ?? HOST.id,
    credit_id: creditId('c', outline.number, i + 1),
    character: 'Self - Contestant',
    episode_count: count,
    order: i + 1,
  }));
  const narrator = {
    ...host,
    credit_id: creditId('d', outline.number, 0),
    character: 'Narrator',
    order: keepers.length + 1,
  };
  return outline.number === 2 ? [host, ...keepers, narrator] : [host, ...keepers];
}

function crew(outline: Outline): WorldCrewCredit[] {
  const job = (n: number, personId: number, department: string, name: string): WorldCrewCredit => ({
    person_id: personId,
    credit_id: creditId('e', outline.number, n),
    department,
    job: name,
    episode_count: outline.episodes.length,
  });
  return [
    job(0, PRODUCER.id, 'Production', 'Executive Producer'),
    job(1, PRODUCER.id, 'Writing', 'Format Creator'),
    job(2, DIRECTOR.id, 'Directing', 'Director'),
  ];
}
