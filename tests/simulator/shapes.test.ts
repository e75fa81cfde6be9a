import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  generatedShowId,
  generatedWorld,
  REDUCED_SURVIVOR_DIR,
  type Simulator,
  SURVIVOR_US,
  startSimulator,
  survivorWorld,
} from './index.ts';
import { ask, first, keys } from './testing.ts';

/** Key lists as TMDb's answers had them in 2025; `tests/captures` compares the same with recordings. */
const IMAGE = ['aspect_ratio', 'file_path', 'height', 'iso_639_1', 'vote_average', 'vote_count', 'width'];
const TV = [
  'adult',
  'backdrop_path',
  'created_by',
  'episode_run_time',
  'first_air_date',
  'genres',
  'homepage',
  'id',
  'in_production',
  'languages',
  'last_air_date',
  'last_episode_to_air',
  'name',
  'networks',
  'next_episode_to_air',
  'number_of_episodes',
  'number_of_seasons',
  'origin_country',
  'original_language',
  'original_name',
  'overview',
  'popularity',
  'poster_path',
  'production_companies',
  'production_countries',
  'seasons',
  'spoken_languages',
  'status',
  'tagline',
  'type',
  'vote_average',
  'vote_count',
];
const EPISODE = [
  'air_date',
  'crew',
  'episode_number',
  'episode_type',
  'guest_stars',
  'id',
  'name',
  'overview',
  'production_code',
  'runtime',
  'season_number',
  'show_id',
  'still_path',
  'vote_average',
  'vote_count',
];
const CAST = [
  'adult',
  'gender',
  'id',
  'known_for_department',
  'name',
  'order',
  'original_name',
  'popularity',
  'profile_path',
  'roles',
  'total_episode_count',
];
const BLOCKS = [
  'aggregate_credits',
  'alternative_titles',
  'content_ratings',
  'external_ids',
  'images',
  'keywords',
  'watch/providers',
];

let survivor: Simulator;
let generated: Simulator;
beforeAll(async () => {
  survivor = await startSimulator({ world: survivorWorld(REDUCED_SURVIVOR_DIR) });
  generated = await startSimulator({
    world: generatedWorld({ shows: 250, seasons: 3, episodesPerSeason: 4, castPerShow: 8 }),
  });
});
afterAll(() => Promise.all([survivor.close(), generated.close()]));

const US = SURVIVOR_US.tmdbId;

describe('a show', () => {
  test('has the keys of a details answer and exactly the blocks asked for', async () => {
    const plain = await ask(survivor, `/tv/${US}`);
    expect(plain.status).toBe(200);
    expect(keys(plain.body)).toEqual(TV.toSorted());
    const whole = await ask(
      survivor,
      `/tv/${US}?append_to_response=${BLOCKS.join(',')},no_such_block&language=en-US&include_image_language=en,null`,
    );
    expect(keys(whole.body)).toEqual([...TV, ...BLOCKS].sort());
    expect(keys(first(whole.body.seasons))).toEqual([
      'air_date',
      'episode_count',
      'id',
      'name',
      'overview',
      'poster_path',
      'season_number',
      'vote_average',
    ]);
    const credits = whole.body.aggregate_credits as Record<string, unknown>;
    expect(keys(credits)).toEqual(['cast', 'crew']);
    expect(keys(first(credits.cast))).toEqual(CAST);
    expect(keys(first(first(credits.cast).roles))).toEqual(['character', 'credit_id', 'episode_count']);
    const images = whole.body.images as Record<string, unknown[]>;
    expect(keys(images)).toEqual(['backdrops', 'logos', 'posters']);
    expect(keys(first(images.posters))).toEqual(IMAGE);
  });

  test('counts regular seasons, and the last episode is the last one aired by the world’s day', async () => {
    const { body } = await ask(survivor, `/tv/${US}`);
    expect(body).toMatchObject({
      number_of_seasons: 50,
      first_air_date: '2000-05-31',
      last_air_date: '2026-05-20',
      next_episode_to_air: null,
    });
    expect(body.last_episode_to_air).toMatchObject({ season_number: 50, episode_number: 13 });
  });

  test('a returning player is one person with all their episodes', async () => {
    const { body } = await ask(survivor, `/tv/${US}/aggregate_credits`);
    const cast = body.cast as { id: number; name: string; roles: unknown[]; total_episode_count: number }[];
    expect(new Set(cast.map((entry) => entry.id)).size).toBe(cast.length);
    const rob = cast.find((entry) => entry.name === 'Rob Mariano');
    const seasons =
      survivor.state.show(US)?.seasons.filter((season) => season.cast.some((credit) => credit.person_id === rob?.id)) ??
      [];
    expect(seasons.length).toBeGreaterThan(3);
    const sum = seasons
      .flatMap((season) => season.cast)
      .filter((credit) => credit.person_id === rob?.id)
      .reduce((n, credit) => n + credit.episode_count, 0);
    expect(rob?.total_episode_count).toBe(sum);
  });

  test('seasons can be appended; more than 20 blocks are refused', async () => {
    const two = await ask(survivor, `/tv/${US}?append_to_response=season/1,season/50,season/99`);
    expect(keys(two.body)).toEqual([...TV, 'season/1', 'season/50'].sort());
    const many = Array.from({ length: 21 }, (_, i) => `season/${i + 1}`).join(',');
    expect(await ask(survivor, `/tv/${US}?append_to_response=${many}`)).toMatchObject({
      status: 400,
      body: { status_code: 27, success: false },
    });
  });

  test('images follow include_image_language, else the language', async () => {
    const languages = async (query: string) => {
      const { body } = await ask(survivor, `/tv/${US}/images${query}`);
      return (body.posters as { iso_639_1: string | null }[]).map((poster) => poster.iso_639_1);
    };
    expect(await languages('')).toEqual(['en', null, 'fr']);
    expect(await languages('?language=en-US')).toEqual(['en']);
    expect(await languages('?language=en-US&include_image_language=fr,null')).toEqual([null, 'fr']);
  });

  test.each(BLOCKS)('%s is also an endpoint of its own, with the id', async (block) => {
    const alone = await ask(survivor, `/tv/${US}/${block}`);
    const appended = await ask(survivor, `/tv/${US}?append_to_response=${block}`);
    expect(alone.body).toEqual({ id: US, ...(appended.body[block] as object) });
  });

  test('offers are by region, with the link that attribution needs', async () => {
    const { body } = await ask(survivor, `/tv/${US}/watch/providers`);
    const us = (body.results as Record<string, Record<string, unknown>>).US ?? {};
    expect(us.link).toContain(`/tv/${US}`);
    expect(keys(first(us.flatrate))).toEqual(['display_priority', 'logo_path', 'provider_id', 'provider_name']);
    const { body: all } = await ask(survivor, '/watch/providers/tv');
    expect(keys(first(all.results))).toEqual([
      'display_priorities',
      'display_priority',
      'logo_path',
      'provider_id',
      'provider_name',
    ]);
  });
});

describe('seasons and episodes', () => {
  test('a season has its episodes, and the blocks asked for', async () => {
    const { body } = await ask(
      survivor,
      `/tv/${US}/season/48?append_to_response=aggregate_credits,external_ids,images&language=en-US&include_image_language=en,null`,
    );
    expect(keys(body)).toEqual([
      '_id',
      'aggregate_credits',
      'air_date',
      'episodes',
      'external_ids',
      'id',
      'images',
      'name',
      'networks',
      'overview',
      'poster_path',
      'season_number',
      'vote_average',
    ]);
    expect(keys(first(body.episodes))).toEqual(EPISODE);
    expect(body.episodes).toHaveLength(13);
    expect(keys(body.external_ids)).toEqual(['freebase_id', 'freebase_mid', 'tvdb_id', 'tvrage_id', 'wikidata_id']);
  });

  test('an episode by its number, an unknown one not at all', async () => {
    const known = await ask(survivor, `/tv/${US}/season/48/episode/2?append_to_response=external_ids`);
    expect(keys(known.body)).toEqual([...EPISODE.filter((key) => key !== 'show_id'), 'external_ids'].sort());
    expect((await ask(survivor, `/tv/${US}/season/48/episode/200`)).body.status_code).toBe(34);
  });

  test('accents and quotes survive', async () => {
    const names =
      survivor.state.show(US)?.seasons.flatMap((season) => season.episodes.map((episode) => episode.name)) ?? [];
    const odd = names.filter((name) => /[’…"]/.test(name));
    expect(odd.length).toBeGreaterThan(3);
    const { body } = await ask(generated, `/tv/${generatedShowId(1)}/season/1`);
    expect(JSON.stringify(body)).toContain('“Part');
  });
});

describe('looking things up', () => {
  test('find gives the show, and an episode under its own heading with the show’s id', async () => {
    const show = await ask(survivor, `/find/${SURVIVOR_US.imdbId}?external_source=imdb_id&language=en-US`);
    expect(keys(show.body)).toEqual([
      'movie_results',
      'person_results',
      'tv_episode_results',
      'tv_results',
      'tv_season_results',
    ]);
    expect(first(show.body.tv_results)).toMatchObject({ id: US, media_type: 'tv', name: 'Survivor' });
    const imdbId = survivor.state.show(US)?.seasons[0]?.episodes[0]?.imdb_id;
    const episode = await ask(survivor, `/find/${imdbId}?external_source=imdb_id`);
    expect(episode.body.tv_results).toEqual([]);
    expect(first(episode.body.tv_episode_results)).toMatchObject({ show_id: US, season_number: 1, episode_number: 1 });
    expect((await ask(survivor, '/find/tt7777777?external_source=imdb_id')).body.tv_results).toEqual([]);
    expect((await ask(survivor, '/find/banana?external_source=imdb_id')).body.status_code).toBe(6);
  });

  test('a list comes in pages of 20 until all shows are named; films are among them', async () => {
    const ids: unknown[] = [];
    let pages = 1;
    for (let page = 1; page <= pages; page += 1) {
      const { body } = await ask(generated, `/list/1?page=${page}`);
      pages = body.total_pages as number;
      ids.push(...(body.items as { id: number }[]).map((item) => item.id));
    }
    expect(pages).toBe(13);
    expect(new Set(ids).size).toBe(250);
    const small = await ask(survivor, '/list/1');
    expect((small.body.items as { media_type: string }[]).map((item) => item.media_type)).toEqual([
      'tv',
      'tv',
      'tv',
      'tv',
      'tv',
      'movie',
    ]);
    expect((await ask(survivor, '/list/1?page=0')).body.status_code).toBe(22);
    expect((await ask(survivor, '/list/9')).body.status_code).toBe(34);
  });

  test('a person, with what can be appended', async () => {
    const id = survivor.state.show(US)?.seasons[0]?.cast[0]?.person_id;
    const { body } = await ask(survivor, `/person/${id}?append_to_response=external_ids,images`);
    expect(keys(body)).toEqual([
      'adult',
      'also_known_as',
      'biography',
      'birthday',
      'deathday',
      'external_ids',
      'gender',
      'homepage',
      'id',
      'images',
      'imdb_id',
      'known_for_department',
      'name',
      'place_of_birth',
      'popularity',
      'profile_path',
    ]);
    expect(keys(body.external_ids)).toEqual([
      'facebook_id',
      'freebase_id',
      'freebase_mid',
      'imdb_id',
      'instagram_id',
      'tiktok_id',
      'tvrage_id',
      'twitter_id',
      'wikidata_id',
      'youtube_id',
    ]);
    expect((await ask(survivor, `/person/${id}/external_ids`)).body).toMatchObject({ id });
  });

  test('search finds by a part of the name', async () => {
    const { body } = await ask(survivor, '/search/tv?query=south');
    expect(body).toMatchObject({ page: 1, total_pages: 1, total_results: 1 });
    expect(first(body.results).name).toBe('Survivor South Africa');
  });

  test.each([
    ['/tv/999', 404, 34],
    ['/tv/nine', 404, 6],
    ['/tv/14658/season/99', 404, 34],
    ['/nothing/here', 404, 34],
  ])('%s is refused as upstream does', async (path, status, code) => {
    const refused = await ask(survivor, path);
    expect(refused.status).toBe(status);
    expect(keys(refused.body)).toEqual(['status_code', 'status_message', 'success']);
    expect(refused.body.status_code).toBe(code);
  });
});
