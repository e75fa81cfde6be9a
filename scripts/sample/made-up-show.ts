import type { WorldImage, WorldOffer, WorldOrganisation, WorldShow } from '../../tests/simulator/world/types.ts';
import { lanternSeasons } from './made-up-seasons.ts';

/** The made-up show. Every name, id and path in it is invented; paths say so. */
export const LANTERN_ID = 900_001_000;
export const LANTERN_IMDB = 'tt90001000';

const organisation = (n: number, name: string, country: string, logo: boolean): WorldOrganisation => ({
  id: LANTERN_ID + n,
  logo_path: logo ? `/made-up-logo-${n}.png` : null,
  name,
  origin_country: country,
});

const offer = (n: number, name: string, priority: number): WorldOffer => ({
  logo_path: `/made-up-provider-${n}.jpg`,
  provider_id: LANTERN_ID + n,
  provider_name: name,
  display_priority: priority,
});

export const LANTERN_PROVIDERS = {
  beam: (priority: number) => offer(301, 'Beam (made up)', priority),
  harbour: (priority: number) => offer(302, 'Harbour Store (made up)', priority),
  gull: (priority: number) => offer(303, 'Gull Free TV (made up)', priority),
};

function image(
  kind: string,
  language: string | null,
  n: number,
  width: number,
  height: number,
  vote: number,
): WorldImage {
  return {
    aspect_ratio: Math.round((width / height) * 1_000) / 1_000,
    height,
    iso_639_1: language,
    file_path: `/made-up-lantern-${kind}-${language ?? 'plain'}-${n}.${kind === 'logo' ? 'png' : 'jpg'}`,
    vote_average: vote,
    vote_count: vote > 0 ? 10 : 0,
    width,
  };
}

const watchPage = (region: string) =>
  `https://www.themoviedb.org/tv/${LANTERN_ID}-last-lantern-standing/watch?locale=${region}`;

/** A reality show that fills every field the importer reads. */
export function lanternShow(): WorldShow {
  const { beam, harbour, gull } = LANTERN_PROVIDERS;
  return {
    id: LANTERN_ID,
    name: 'Last Lantern Standing',
    original_name: 'Die letzte Laterne',
    overview:
      'Twelve strangers keep an abandoned lighthouse burning through a winter of storms. Each week one lantern goes out. (A made-up show: it exists only in this sample.)',
    tagline: 'Keep the light.',
    homepage: 'https://lantern.example/',
    status: 'Returning Series',
    type: 'Reality',
    adult: false,
    in_production: true,
    original_language: 'de',
    languages: ['de', 'en'],
    origin_country: ['DE', 'IE'],
    first_air_date: null,
    episode_run_time: [58, 45],
    popularity: 12.345,
    vote_average: 7.812,
    vote_count: 321,
    genres: [
      { id: 10764, name: 'Reality' },
      { id: 99, name: 'Documentary' },
    ],
    created_by: [
      {
        id: LANTERN_ID + 513,
        credit_id: '90001000000000000000a001',
        name: 'Wanda Leuchtmann',
        original_name: 'Wanda Leuchtmann',
        gender: 1,
        profile_path: '/made-up-person-513.jpg',
      },
    ],
    networks: [
      organisation(101, 'Kanal Küste (made up)', 'DE', true),
      organisation(102, 'Shoreline TV (made up)', 'IE', false),
    ],
    production_companies: [
      organisation(201, 'Leuchtfeuer Film (made up)', 'DE', true),
      organisation(202, 'Saltwater Pictures (made up)', 'IE', true),
      organisation(203, 'Fog & Sons (made up)', '', false),
    ],
    production_countries: [
      { iso_3166_1: 'DE', name: 'Germany' },
      { iso_3166_1: 'IE', name: 'Ireland' },
    ],
    spoken_languages: [
      { english_name: 'German', iso_639_1: 'de', name: 'Deutsch' },
      { english_name: 'English', iso_639_1: 'en', name: 'English' },
    ],
    external_ids: {
      imdb_id: LANTERN_IMDB,
      freebase_mid: '/m/made_up_lantern',
      freebase_id: '/en/made_up_last_lantern_standing',
      tvdb_id: LANTERN_ID + 1,
      tvrage_id: LANTERN_ID + 2,
      wikidata_id: `Q${LANTERN_ID + 3}`,
      facebook_id: 'MadeUpLastLantern',
      instagram_id: 'made_up_last_lantern',
      twitter_id: 'MadeUpLantern',
    },
    alternative_titles: [
      { iso_3166_1: 'DE', title: 'Die letzte Laterne', type: '' },
      { iso_3166_1: 'FR', title: 'La Dernière Lanterne', type: '' },
      { iso_3166_1: 'IE', title: 'An Lóchrann Deireanach', type: 'Irish title' },
      { iso_3166_1: 'US', title: 'LLS', type: 'Abbreviation' },
    ],
    keywords: [
      { id: LANTERN_ID + 401, name: 'lighthouse' },
      { id: LANTERN_ID + 402, name: 'elimination' },
      { id: LANTERN_ID + 403, name: 'winter' },
    ],
    content_ratings: [
      { descriptors: [], iso_3166_1: 'DE', rating: '12' },
      { descriptors: [], iso_3166_1: 'IE', rating: 'PS' },
      { descriptors: ['L'], iso_3166_1: 'US', rating: 'TV-PG' },
    ],
    watch: {
      DE: {
        link: watchPage('DE'),
        flatrate: [beam(1)],
        rent: [harbour(5)],
        buy: [harbour(5)],
        free: [gull(9)],
        ads: [gull(9)],
      },
      IE: { link: watchPage('IE'), flatrate: [beam(2), gull(12)], buy: [harbour(7)] },
      US: { link: watchPage('US'), flatrate: [beam(3)], ads: [gull(4)] },
    },
    images: {
      posters: [
        image('poster', 'en', 1, 2_000, 3_000, 6.1),
        image('poster', 'de', 2, 2_000, 3_000, 5.9),
        image('poster', null, 3, 1_000, 1_500, 5.2),
      ],
      backdrops: [image('backdrop', null, 1, 3_840, 2_160, 5.6), image('backdrop', 'en', 2, 1_920, 1_080, 5.1)],
      logos: [image('logo', 'en', 1, 1_200, 400, 5.4), image('logo', 'de', 2, 1_200, 380, 5.3)],
    },
    seasons: lanternSeasons(LANTERN_ID),
  };
}
