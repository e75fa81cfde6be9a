import { imagePath, MADE_UP_FROM } from './ids.ts';
import type { WorldOrganisation, WorldProvider, WorldRegionOffers, WorldShow } from './types.ts';

/** The five national shows: what the data set does not say about them, as an upstream would know it. */
export interface NationalShow {
  /** The data set's country code. */
  readonly version: string;
  /** From 1; part of the ids the simulator gives out. */
  readonly index: number;
  readonly id: number;
  show(): WorldShow;
}

interface NationalFacts {
  readonly version: string;
  readonly id: number;
  readonly imdbId: string;
  readonly name: string;
  readonly country: [code: string, name: string];
  readonly network: WorldOrganisation;
  readonly inProduction: boolean;
  readonly aliases: readonly string[];
  readonly rating: string;
}

const FACTS: readonly NationalFacts[] = [
  {
    version: 'US',
    id: 14658,
    imdbId: 'tt0239195',
    name: 'Survivor',
    country: ['US', 'United States of America'],
    network: { id: 16, logo_path: null, name: 'CBS', origin_country: 'US' },
    inProduction: true,
    aliases: ['Survivor US', 'Outwit, Outplay, Outlast'],
    rating: 'TV-PG',
  },
  {
    version: 'AU',
    id: MADE_UP_FROM + 2,
    imdbId: 'tt90000002',
    name: 'Australian Survivor',
    country: ['AU', 'Australia'],
    network: {
      id: MADE_UP_FROM + 22,
      logo_path: imagePath('png', 'logo', 'Ten'),
      name: 'Network Ten',
      origin_country: 'AU',
    },
    inProduction: true,
    aliases: ['Survivor Australia'],
    rating: 'PG',
  },
  {
    version: 'SA',
    id: MADE_UP_FROM + 3,
    imdbId: 'tt90000003',
    name: 'Survivor South Africa',
    country: ['ZA', 'South Africa'],
    network: { id: MADE_UP_FROM + 23, logo_path: null, name: 'M-Net', origin_country: 'ZA' },
    inProduction: false,
    aliases: [],
    rating: '13',
  },
  {
    version: 'UK',
    id: MADE_UP_FROM + 4,
    imdbId: 'tt90000004',
    name: 'Survivor UK',
    country: ['GB', 'United Kingdom'],
    network: { id: MADE_UP_FROM + 24, logo_path: null, name: 'BBC One', origin_country: 'GB' },
    inProduction: false,
    aliases: ['Survivor'],
    rating: '12',
  },
  {
    version: 'NZ',
    id: MADE_UP_FROM + 5,
    imdbId: 'tt90000005',
    name: 'Survivor New Zealand',
    country: ['NZ', 'New Zealand'],
    network: { id: MADE_UP_FROM + 25, logo_path: null, name: 'TVNZ 2', origin_country: 'NZ' },
    inProduction: false,
    aliases: ['Survivor NZ'],
    rating: 'M',
  },
];

const PARAMOUNT = {
  logo_path: imagePath('jpg', 'provider', 'Paramount+'),
  provider_id: 531,
  provider_name: 'Paramount+',
};
const SHOP = {
  logo_path: imagePath('jpg', 'provider', 'Shop'),
  provider_id: MADE_UP_FROM + 31,
  provider_name: 'The Simulated Shop',
};

export const NATIONAL_SHOWS: readonly NationalShow[] = FACTS.map((facts, i) => ({
  version: facts.version,
  index: i + 1,
  id: facts.id,
  show: () => describe(facts, i + 1),
}));

function describe(facts: NationalFacts, index: number): WorldShow {
  const [code, country] = facts.country;
  const image = (kind: string, n: number) => imagePath(kind === 'logo' ? 'png' : 'jpg', 'show', facts.version, kind, n);
  return {
    id: facts.id,
    name: facts.name,
    original_name: facts.name,
    overview:
      'Castaways are left in a remote place, compete for rewards and safety, and vote one of their own out until one remains.',
    tagline: '',
    homepage: '',
    status: facts.inProduction ? 'Returning Series' : 'Ended',
    type: 'Reality',
    adult: false,
    in_production: facts.inProduction,
    original_language: 'en',
    languages: ['en'],
    origin_country: [code],
    first_air_date: null,
    episode_run_time: [],
    popularity: Math.round(20_000 / index) / 100,
    vote_average: 7.5,
    vote_count: Math.round(400 / index),
    genres: [{ id: 10764, name: 'Reality' }],
    created_by: [],
    networks: [facts.network],
    production_companies: [
      { id: MADE_UP_FROM + 40 + index, logo_path: null, name: `Castaway Works ${code}`, origin_country: code },
    ],
    production_countries: [{ iso_3166_1: code, name: country }],
    spoken_languages: [{ english_name: 'English', iso_639_1: 'en', name: 'English' }],
    external_ids: {
      imdb_id: facts.imdbId,
      freebase_mid: null,
      freebase_id: null,
      tvdb_id: MADE_UP_FROM + 50 + index,
      tvrage_id: null,
      wikidata_id: `Q${MADE_UP_FROM + 60 + index}`,
      facebook_id: null,
      instagram_id: `survivor_${code.toLowerCase()}`,
      twitter_id: null,
    },
    alternative_titles: facts.aliases.map((title) => ({ iso_3166_1: code, title, type: '' })),
    keywords: [
      { id: MADE_UP_FROM + 70, name: 'castaway' },
      { id: MADE_UP_FROM + 71, name: 'competition' },
    ],
    content_ratings: [{ descriptors: [], iso_3166_1: code, rating: facts.rating }],
    watch: { [code]: offers(facts.id, code, index) },
    images: {
      backdrops: [
        {
          aspect_ratio: 1.778,
          height: 2160,
          iso_639_1: null,
          file_path: image('backdrop', 1),
          vote_average: 5.3,
          vote_count: 3,
          width: 3840,
        },
      ],
      logos: [
        {
          aspect_ratio: 3.2,
          height: 250,
          iso_639_1: 'en',
          file_path: image('logo', 1),
          vote_average: 5.2,
          vote_count: 2,
          width: 800,
        },
      ],
      posters: [
        {
          aspect_ratio: 0.667,
          height: 3000,
          iso_639_1: 'en',
          file_path: image('poster', 1),
          vote_average: 5.7,
          vote_count: 20,
          width: 2000,
        },
        {
          aspect_ratio: 0.667,
          height: 1500,
          iso_639_1: null,
          file_path: image('poster', 2),
          vote_average: 5.1,
          vote_count: 4,
          width: 1000,
        },
        {
          aspect_ratio: 0.667,
          height: 1500,
          iso_639_1: 'fr',
          file_path: image('poster', 3),
          vote_average: 0,
          vote_count: 0,
          width: 1000,
        },
      ],
    },
    seasons: [],
  };
}

function offers(id: number, region: string, priority: number): WorldRegionOffers {
  return {
    link: `https://www.themoviedb.org/tv/${id}/watch?locale=${region}`,
    flatrate: [{ ...PARAMOUNT, display_priority: priority }],
    buy: [{ ...SHOP, display_priority: priority + 10 }],
  };
}

/** What `/watch/providers/tv` lists. */
export function survivorProviders(): WorldProvider[] {
  const priorities = Object.fromEntries(FACTS.map((facts, i) => [facts.country[0], i + 1]));
  return [
    { display_priorities: priorities, display_priority: 1, ...PARAMOUNT },
    {
      display_priorities: Object.fromEntries(Object.entries(priorities).map(([k, v]) => [k, v + 10])),
      display_priority: 11,
      ...SHOP,
    },
  ];
}
