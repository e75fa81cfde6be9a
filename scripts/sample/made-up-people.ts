import type { WorldPerson } from '../../tests/simulator/world/types.ts';

const BASE = 900_001_000;

interface Sketch {
  readonly name: string;
  readonly gender: number;
  readonly birthday?: string;
  readonly deathday?: string;
  readonly place?: string;
  readonly alsoKnownAs?: readonly string[];
}

/** A made-up person with every field; the ones without a sketch of it have none, as most people upstream. */
function person(n: number, department: string, sketch: Sketch): WorldPerson {
  const handle = `made_up_${n}`;
  const full = n === 512;
  return {
    id: BASE + n,
    name: sketch.name,
    original_name: sketch.name,
    also_known_as: [...(sketch.alsoKnownAs ?? [])],
    biography: full ? `${sketch.name} is a made-up person who hosts a made-up show.` : '',
    birthday: sketch.birthday ?? null,
    deathday: sketch.deathday ?? null,
    gender: sketch.gender,
    adult: false,
    homepage: full ? 'https://host.lantern.example/' : null,
    known_for_department: department,
    place_of_birth: sketch.place ?? null,
    popularity: n / 1_000,
    profiles: [
      {
        aspect_ratio: 0.667,
        height: 1_500,
        iso_639_1: null,
        file_path: `/made-up-person-${n}.jpg`,
        vote_average: 5.3,
        vote_count: 3,
        width: 1_000,
      },
      {
        aspect_ratio: 0.667,
        height: 900,
        iso_639_1: null,
        file_path: `/made-up-person-${n}-b.jpg`,
        vote_average: 0,
        vote_count: 0,
        width: 600,
      },
    ],
    external_ids: {
      freebase_mid: full ? '/m/made_up_host' : null,
      freebase_id: full ? '/en/made_up_host' : null,
      imdb_id: `nm${90_001_000 + n}`,
      tvrage_id: full ? BASE + 900 : null,
      wikidata_id: full ? `Q${BASE + 901}` : null,
      facebook_id: full ? handle : null,
      instagram_id: full ? handle : null,
      tiktok_id: full ? handle : null,
      twitter_id: full ? handle : null,
      youtube_id: full ? handle : null,
    },
  };
}

export const HOST = person(512, 'Acting', {
  name: 'Órla Nì Sholais',
  gender: 1,
  birthday: '1980-02-29',
  place: 'Baile Samhlaithe, Ireland',
  alsoKnownAs: ['Orla Ni Sholais', 'Die Wärterin'],
});
export const PRODUCER = person(513, 'Production', {
  name: 'Wanda Leuchtmann',
  gender: 1,
  birthday: '1965-07-01',
  deathday: '2025-11-30',
});
export const KEEPER = person(514, 'Directing', { name: 'Piet Nebelhorn', gender: 2 });

const CONTESTANT_SKETCHES: readonly Sketch[] = [
  { name: 'Ada Funke', gender: 1, birthday: '1994-05-12' },
  { name: 'Bo “Wick” Larsen', gender: 2, birthday: '1988-11-03', alsoKnownAs: ['Wick'] },
  { name: 'Ciarán Ó Ceo', gender: 2 },
  { name: 'Dagny Dünung', gender: 1, birthday: '1999-01-31' },
  // Namesakes: two people, two ids, one name.
  { name: 'Sam Flint', gender: 3, birthday: '1991-09-09' },
  { name: 'Femke Vuur', gender: 1 },
  { name: "Gus O'Tallow", gender: 2, birthday: '1979-04-17' },
  { name: 'Hedda Sturm', gender: 1, birthday: '2001-08-22' },
  { name: 'Sam Flint', gender: 2 },
  { name: 'Ilse van der Baak', gender: 1, birthday: '1990-12-24' },
  { name: 'Jörn Tran', gender: 2, birthday: '1985-03-05' },
];

export const CONTESTANTS: readonly WorldPerson[] = CONTESTANT_SKETCHES.map((sketch, i) =>
  person(520 + i, 'Acting', sketch),
);
export const LANTERN_PEOPLE: readonly WorldPerson[] = [HOST, PRODUCER, KEEPER, ...CONTESTANTS];
