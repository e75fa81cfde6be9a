import { generatedPerson, generatedSeason, PERSON_BASE } from './generated-parts.ts';
import { addDays, MADE_UP_FROM, mix, pick } from './ids.ts';
import type { WorldBase, WorldOrganisation, WorldProvider, WorldRegionOffers, WorldShow } from './types.ts';
import { OFFER_TYPES } from './types.ts';
import { createWorld, type World } from './world.ts';

export interface GeneratedOptions {
  readonly shows: number;
  /** Per show; default 5. */
  readonly seasons?: number;
  /** Default 12. */
  readonly episodesPerSeason?: number;
  /** Distinct people a show credits; about half of them in each season. Default 20. */
  readonly castPerShow?: number;
  /** Same seed, same world. Default 1. */
  readonly seed?: number;
  readonly today?: string;
}

/** The numbers of one generated world, with defaults filled in. */
export type Shape = Required<Omit<GeneratedOptions, 'today'>>;

/** The list that names every generated show. */
export const GENERATED_LIST = '1';
export const GENERATED_BASE = 940_000_000;
const IMDB_BASE = 80_000_000;

/** TMDb id of the n-th generated show (from 1). */
export const generatedShowId = (n: number): number => GENERATED_BASE + n;
/** IMDb id of the n-th generated show (from 1). */
export const generatedImdbId = (n: number): string => `tt${IMDB_BASE + n}`;

/** N shows that exist only while one of them is asked for, so that thousands take no memory. */
export function generatedWorld(options: GeneratedOptions): World {
  const shape: Shape = { seasons: 5, episodesPerSeason: 12, castPerShow: 20, seed: 1, ...options };
  if (shape.shows < 1 || shape.shows > 100_000 || shape.seasons > 90 || shape.seasons * shape.episodesPerSeason > 2_000) {
    throw new Error('generated world: 1 to 100,000 shows, at most 90 seasons and 2,000 episodes per show');
  }
  return createWorld(generatedBase(shape), options.today);
}

function generatedBase(shape: Shape): WorldBase {
  const index = (id: number) => {
    const n = id - GENERATED_BASE;
    return n >= 1 && n <= shape.shows ? n : undefined;
  };
  return {
    *showIds() {
      for (let n = 1; n <= shape.shows; n += 1) yield generatedShowId(n);
    },
    show: (id) => {
      const n = index(id);
      return n === undefined ? undefined : generatedShow(shape, n);
    },
    person: (id) => {
      const n = id - PERSON_BASE;
      return n >= 0 && n < shape.shows * shape.castPerShow ? generatedPerson(shape, n) : undefined;
    },
    find: (imdbId) => {
      const n = Number(/^tt(\d{8})$/.exec(imdbId)?.[1] ?? 0) - IMDB_BASE;
      return n >= 1 && n <= shape.shows ? [{ kind: 'show', showId: generatedShowId(n) }] : [];
    },
    list: (id) =>
      id !== GENERATED_LIST
        ? undefined
        : {
            name: 'Every generated show',
            description: '',
            created_by: 'simulator',
            size: shape.shows,
            items: (from, to) =>
              Array.from({ length: Math.max(0, Math.min(to, shape.shows) - from) }, (_, i) => ({
                media_type: 'tv' as const,
                id: generatedShowId(from + i + 1),
              })),
          },
    providers: () => PROVIDERS,
  };
}

const FIRST = ['Island', 'Kitchen', 'Villa', 'Jungle', 'Castle', 'Summer', 'Desert', 'Mountain', 'Harbour', 'Midnight', 'Golden', 'Última'];
const SECOND = ['Challenge', 'Rivals', 'Love', 'Secrets', 'Masters', 'Hunt', 'Housemates', 'Duel', 'Traitors', 'Race', 'Makeover', 'Café'];
const REGIONS = ['US', 'GB', 'DE'];

const NETWORKS: readonly WorldOrganisation[] = Array.from({ length: 12 }, (_, i) => ({
  id: MADE_UP_FROM + 100 + i, logo_path: i % 3 === 0 ? null : `/simulatednetworklogo${i}.png`, name: `Simulated Network ${i + 1}`, origin_country: pick(REGIONS, i),
}));
const COMPANIES: readonly WorldOrganisation[] = Array.from({ length: 30 }, (_, i) => ({
  id: MADE_UP_FROM + 200 + i, logo_path: i % 2 === 0 ? null : `/simulatedcompanylogo${i}.png`, name: `Simulated Pictures ${i + 1}`, origin_country: i % 5 === 0 ? '' : pick(REGIONS, i),
}));
const PROVIDERS: WorldProvider[] = Array.from({ length: 15 }, (_, i) => ({
  display_priorities: { US: i + 1, GB: i + 3, DE: i + 7 }, display_priority: i + 1, logo_path: `/simulatedproviderlogo${i}.jpg`, provider_name: `Simulated Stream ${i + 1}`, provider_id: MADE_UP_FROM + 300 + i,
}));

function generatedShow(shape: Shape, n: number): WorldShow {
  const random = (...parts: number[]) => mix(shape.seed, n, ...parts);
  const id = generatedShowId(n);
  const premiere = addDays('2000-01-03', random(1) % 7_000);
  // Every tenth show shares its name with others: slugs and name matching meet namesakes.
  const name = `${pick(FIRST, random(2))} ${pick(SECOND, random(3))}${n % 10 === 0 ? '' : ` ${n}`}`;
  const running = random(4) % 3 === 0;
  const network = pick(NETWORKS, random(5));
  const image = (kind: string, i: number) => `/sim${n}${kind}${i}.jpg`;
  return {
    id,
    name,
    original_name: name,
    overview: `A made-up show, number ${n} of its world.`,
    tagline: '',
    homepage: '',
    status: running ? 'Returning Series' : 'Ended',
    type: 'Reality',
    adult: false,
    in_production: running,
    original_language: 'en',
    languages: ['en'],
    origin_country: [network.origin_country],
    first_air_date: null,
    episode_run_time: [42],
    popularity: (random(6) % 10_000) / 100,
    vote_average: (random(7) % 1_000) / 100,
    vote_count: random(8) % 5_000,
    genres: n % 4 === 0 ? [{ id: 10764, name: 'Reality' }, { id: 10767, name: 'Talk' }] : [{ id: 10764, name: 'Reality' }],
    created_by: [],
    networks: random(9) % 4 === 0 ? [network, pick(NETWORKS, random(5) + 1)] : [network],
    production_companies: [pick(COMPANIES, random(10)), pick(COMPANIES, random(10) + 7)],
    production_countries: [{ iso_3166_1: 'US', name: 'United States of America' }],
    spoken_languages: [{ english_name: 'English', iso_639_1: 'en', name: 'English' }],
    external_ids: {
      imdb_id: generatedImdbId(n), freebase_mid: null, freebase_id: null, tvdb_id: MADE_UP_FROM + n, tvrage_id: null,
      wikidata_id: n % 2 === 0 ? `Q${MADE_UP_FROM + n}` : null, facebook_id: null, instagram_id: `simulated_show_${n}`, twitter_id: null,
    },
    alternative_titles: n % 3 === 0 ? [{ iso_3166_1: 'DE', title: `${name}: Die Serie`, type: '' }] : [],
    keywords: [{ id: MADE_UP_FROM + 400 + (n % 20), name: `simulated keyword ${n % 20}` }],
    content_ratings: [{ descriptors: [], iso_3166_1: 'US', rating: pick(['TV-PG', 'TV-14', 'TV-MA'], n) }],
    watch: Object.fromEntries(REGIONS.slice(0, 1 + (n % 3)).map((region, i) => [region, generatedOffers(id, region, random(11, i))])),
    images: {
      backdrops: [{ aspect_ratio: 1.778, height: 1080, iso_639_1: null, file_path: image('backdrop', 1), vote_average: 5.3, vote_count: 3, width: 1920 }],
      logos: [{ aspect_ratio: 2, height: 200, iso_639_1: 'en', file_path: image('logo', 1), vote_average: 5.2, vote_count: 2, width: 400 }],
      posters: [1, 2, 3].map((i) => ({ aspect_ratio: 0.667, height: 1500, iso_639_1: i === 3 ? null : 'en', file_path: image('poster', i), vote_average: 6 - i, vote_count: i, width: 1000 })),
    },
    seasons: Array.from({ length: shape.seasons }, (_, i) => generatedSeason(shape, n, i + 1, addDays(premiere, i * 364))),
  };
}

function generatedOffers(id: number, region: string, random: number): WorldRegionOffers {
  const offers: WorldRegionOffers = { link: `https://www.themoviedb.org/tv/${id}/watch?locale=${region}` };
  for (const [i, type] of OFFER_TYPES.entries()) {
    if (i > 0 && (random >> i) % 3 !== 0) continue;
    offers[type] = [pick(PROVIDERS, random + i), pick(PROVIDERS, random + i + 5)].map((provider) => ({
      logo_path: provider.logo_path,
      provider_id: provider.provider_id,
      provider_name: provider.provider_name,
      display_priority: provider.display_priorities[region] ?? provider.display_priority,
    }));
  }
  return offers;
}
