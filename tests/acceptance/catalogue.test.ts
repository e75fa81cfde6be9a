import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EPISODES, IDS, IMAGES } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { startOwnServer, startTarget, type Target, TEST_CONFIG } from './server.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const get = (path: string) => ask(target.baseUrl, `/api/v1${path}`);
const list = async (path: string) => (await get(path)).json as Json[];

describe('people', () => {
  it('by name, page by page', async () => {
    const first = await get('/people?limit=2');
    expect((first.json as Json[]).map((p) => p['full_name'])).toEqual(['Ana', 'Ben']);
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask(target.baseUrl, next);
    expect((second.json as Json[]).map((p) => p['full_name'])).toEqual(['Cyd']);
    expect(second.headers.get('link')).toBeNull();
  });

  it('by beginning, and by what is like it', async () => {
    expect((await list('/people?q=an')).map((p) => p['full_name'])).toContain('Ana');
    expect((await list('/people?q=anna')).map((p) => p['full_name'])).toContain('Ana');
    expect(await list('/people?q=zzzz')).toEqual([]);
  });

  it('in detail, with credits, appearances and the photos that may be shown', async () => {
    const ana = (await get(`/people/${IDS.ana}`)).json as Json;
    expect(ana).toMatchObject({
      full_name: 'Ana',
      show_count: 1,
      photo_url: 'https://cdn.example.test/ana.jpg',
      external_ids: { imdb: 'nm0000001', tmdb: 5001 },
    });
    expect((await get(`/people/${IDS.ana}?include=provenance`)).json).toHaveProperty('provenance');
    expect(await list(`/people/${IDS.ana}/credits`)).toMatchObject([
      { show_id: IDS.full, show_name: 'The Full Show', credit_category: 'Self', episode_count: 2, seasons: [1] },
    ]);
    const [appearance] = await list(`/people/${IDS.ana}/appearances`);
    expect((appearance?.['episodes'] as Json[]).map((e) => e['id'])).toEqual([EPISODES.first, EPISODES.second]);
    const photos = await list(`/people/${IDS.ana}/photos`);
    expect(photos.map((photo) => photo['id'])).toEqual([IMAGES.hosted, IMAGES.photo]);
    expect(photos.map((photo) => photo['attribution'])).toEqual([
      expect.stringContaining('TMDB'),
      expect.stringContaining('Fandom'),
    ]);
  });

  it('nobody knows are 404', async () => {
    for (const tail of ['', '/credits', '/appearances', '/photos']) {
      expectProblem(await get(`/people/${IDS.unknown}${tail}`), 404, 'Person not found');
    }
  });
});

describe('seasons and episodes', () => {
  it('who appears in a season', async () => {
    const cast = await list(`/shows/${IDS.full}/seasons/1/cast`);
    expect(cast.map((c) => [(c['person'] as Json)['full_name'], c['season_id']])).toEqual([['Ana', IDS.season1]]);
    expect(await list(`/shows/${IDS.full}/seasons/2/cast`)).toEqual([]);
    expectProblem(await get(`/shows/${IDS.full}/seasons/9/cast`), 404, 'Season not found');
  });

  it('images of a season', async () => {
    expect(await list(`/shows/${IDS.full}/seasons/1/images`)).toMatchObject([{ id: IMAGES.season, season_number: 1 }]);
    expectProblem(await get(`/shows/${IDS.full}/seasons/9/images`), 404);
  });

  it('one episode', async () => {
    expect((await get(`/episodes/${EPISODES.first}`)).json).toMatchObject({ title: 'First', show_id: IDS.full });
    expectProblem(await get(`/episodes/${IDS.unknown}`), 404, 'Episode not found');
  });
});

describe('shows', () => {
  it('list: every name they go by', async () => {
    const shows = await list('/shows/list');
    expect(shows.find((show) => show['id'] === IDS.full)).toEqual({
      id: IDS.full,
      name: 'The Full Show',
      slug: 'the-full-show',
      alternative_names: ['Komplett Sendung'],
    });
    expect(shows.map((show) => show['id'])).not.toContain(IDS.retired);
  });

  it('include: seasons, cast and images with the detail', async () => {
    const show = (await get(`/shows/${IDS.full}?include=seasons,cast,images,provenance`)).json as Record<
      string,
      Json[]
    >;
    expect(show['seasons']).toEqual(await list(`/shows/${IDS.full}/seasons`));
    expect(show['cast']).toEqual(await list(`/shows/${IDS.full}/cast`));
    expect(show['images']).toEqual(await list(`/shows/${IDS.full}/images`));
    expect(show['provenance']).toBeDefined();
    expect((await get(`/shows/${IDS.bare}?include=cast`)).json).toMatchObject({ cast: [] });
    const offers = (await get(`/shows/${IDS.full}?include=watch_providers`)).json as Json;
    expect(offers['watch_providers']).toEqual(await list(`/shows/${IDS.full}/watch-providers`));
    expectProblem(await get(`/shows/${IDS.full}?include=everything`), 422);
  });

  it('watch providers, by region, with the notice JustWatch requires', async () => {
    const all = await list(`/shows/${IDS.full}/watch-providers`);
    expect(new Set(all.map((group) => group['region']))).toEqual(new Set(['GB', 'US']));
    const british = await list(`/shows/${IDS.full}/watch-providers?region=gb`);
    expect(british.map((group) => [group['region'], group['offer_type']])).toEqual([
      ['GB', 'buy'],
      ['GB', 'flatrate'],
    ]);
    expect(british[0]?.['attribution']).toContain('JustWatch');
    expectProblem(await get(`/shows/${IDS.unknown}/watch-providers`), 404);
    expectProblem(await get(`/shows/${IDS.full}/watch-providers?region=GBR`), 422);
  });

  it('of a network', async () => {
    const networks = await list('/networks');
    expect(networks.map((n) => [n['name'], n['show_count']])).toEqual([
      ['Alpha TV', 1],
      ['Beta TV', 1],
    ]);
    expect((await list('/networks/2/shows')).map((show) => show['id'])).toEqual([IDS.full]);
    expectProblem(await get('/networks/99/shows'), 404, 'Network not found');
    const first = await get('/networks?limit=1');
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(((await ask(target.baseUrl, next)).json as Json[]).map((n) => n['name'])).toEqual(['Beta TV']);
  });
});

describe('the calendar', () => {
  it('lists episodes by the day they air', async () => {
    const days = await list('/calendar?from=2020-02-01&to=2020-02-29');
    expect(days.map((day) => [day['air_date'], day['title'], day['show_slug']])).toEqual([
      ['2020-02-03', 'First', 'the-full-show'],
      ['2020-02-10', 'Second', 'the-full-show'],
    ]);
    expect(await list('/calendar?from=2020-02-04&to=2020-02-09')).toEqual([]);
  });

  it('begins today in the time zone asked for, and takes three months at most', async () => {
    for (const tz of ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
      expect((await get(`/calendar?tz=${tz}`)).status).toBe(200);
    }
    expect(errorsOf(await get('/calendar?tz=Mars/Base'))).toEqual(['value_error@query.tz']);
    expect(errorsOf(await get('/calendar?from=2020-02-02&to=2020-02-01'))).toEqual(['value_error@query.to']);
    expect(errorsOf(await get('/calendar?from=2020-01-01&to=2020-12-31'))).toEqual(['value_error@query.to']);
    for (const day of ['2020-02-30', '0000-01-01', '9999-12-31', '0001-01-01']) {
      expect([200, 422]).toContain((await get(`/calendar?from=${day}`)).status);
    }
    expectProblem(await get('/calendar?from=2020-02-30'), 422);
  });
});

describe('lookup', () => {
  it.each([
    ['imdb=tt0000001', 'show', IDS.full],
    ['imdb=tt0000099', 'show', IDS.full],
    ['tmdb=1001', 'show', IDS.full],
    ['tvdb=55', 'show', IDS.full],
    ['wikidata=Q1', 'show', IDS.full],
    ['imdb=tt0000011', 'episode', EPISODES.first],
    ['tmdb=3002&type=episode', 'episode', EPISODES.second],
    ['tmdb=2001&type=season', 'season', IDS.season1],
    ['imdb=nm0000001', 'person', IDS.ana],
    ['tmdb=5001&type=person', 'person', IDS.ana],
  ])('%s is a %s', async (query, type, id) => {
    expect((await get(`/lookup?${query}`)).json).toMatchObject({ type, id });
  });

  it('of what nobody knows is 404; of nothing, of two, and of nonsense 422', async () => {
    for (const query of ['imdb=tt9999999', 'tmdb=5001', 'wikidata=Q99']) {
      expectProblem(await get(`/lookup?${query}`), 404);
    }
    for (const query of ['', 'imdb=tt0000001&tmdb=1001', 'imdb=1', 'tmdb=0', 'wikidata=1', 'tmdb=1&type=planet']) {
      expectProblem(await get(`/lookup?${query}`), 422);
    }
  });
});

describe('on a server of our own', () => {
  const base = 'https://images.example.test';
  let server: Awaited<ReturnType<typeof startOwnServer>>;
  const read = async (path: string) => (await ask(server.baseUrl, `/api/v1${path}`)).json as Json[];

  beforeAll(async () => {
    const media = { s3: null, folder: '/nowhere', cdnBaseUrl: base };
    server = await startOwnServer({ config: { ...TEST_CONFIG, media } });
  });
  afterAll(() => server.close());

  it('hosted addresses are made of the key and the base of now, and our copies come first', async () => {
    await server.own.owner(`
      update core.cast_photos set hosted_key = '/images/ana.jpg' where id = '${IMAGES.hosted}';
      update core.show_images set hosted_key = 'images/p.jpg', hosted_url = 'https://old.example.test/p.jpg' where kind = 'poster';
      update core.season_images set hosted_key = 'images/s1.jpg' where id = '${IMAGES.season}';
      update core.networks set hosted_logo_key = 'images/beta.png', hosted_logo_url = 'https://old.example.test/beta.png' where id = 2;
      update core.watch_providers set hosted_logo_key = 'images/z.png' where provider_id = 10`);
    const [photo] = await read(`/people/${IDS.ana}/photos`);
    expect(photo).toMatchObject({
      id: IMAGES.hosted,
      url: `${base}/images/ana.jpg`,
      hosted_url: `${base}/images/ana.jpg`,
    });
    expect((await ask(server.baseUrl, `/api/v1/people/${IDS.ana}`)).json).toMatchObject({
      photo_url: `${base}/images/ana.jpg`,
    });
    const images = await read(`/shows/${IDS.full}/images`);
    expect(images.map((image) => [image['kind'], image['hosted_url']])).toEqual([
      ['poster', `${base}/images/p.jpg`],
      ['backdrop', null],
    ]);
    expect(await read(`/shows/${IDS.full}/seasons/1/images`)).toMatchObject([{ url: `${base}/images/s1.jpg` }]);
    const logos = (await read('/networks')).map((one) => one['hosted_logo_url']);
    expect(logos).toEqual([null, `${base}/images/beta.png`]);
    const [, british] = await read(`/shows/${IDS.full}/watch-providers?region=GB`);
    expect((british?.['providers'] as Json[]).map((one) => one['hosted_logo_url'])).toContain(`${base}/images/z.png`);
    const detail = (await ask(server.baseUrl, `/api/v1/shows/${IDS.full}`)).json as Record<string, Json[]>;
    expect(detail['tmdb_networks']?.[0]?.['hosted_logo_url']).toBe(`${base}/images/beta.png`);
  });

  it('included lists end after a hundred rows; their own routes go on', async () => {
    await server.own.owner(`
      with p as (insert into core.people (full_name) select 'Extra ' || n from generate_series(1, 150) n returning id)
      insert into core.show_cast (show_id, person_id, credit_category) select '${IDS.full}', id, 'Self' from p;
      insert into core.seasons (show_id, season_number, name) select '${IDS.full}', n, 'S' from generate_series(10, 150) n;
      insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
      select '${IDS.full}', 1001, 'tmdb', 'logo', '/l' || n, 'https://image.example.test/l' || n, '/l' || n from generate_series(1, 150) n`);
    const detail = (await ask(server.baseUrl, `/api/v1/shows/${IDS.full}?include=seasons,cast,images`)).json as Record<
      string,
      Json[]
    >;
    for (const name of ['seasons', 'cast', 'images']) {
      const all = await read(`/shows/${IDS.full}/${name}`);
      expect(all.length).toBeGreaterThan(140);
      expect(detail[name]).toEqual(all.slice(0, 100));
    }
  });

  it('people whose name may not be shown take no place in a search', async () => {
    await server.own.owner(`
      insert into core.people (full_name, provenance)
      select 'Zed', case when n % 2 = 0 then '{}' else '{"name":{},"full_name":{"licence":"imdb"}}'::jsonb end from generate_series(1, 12) n`);
    const found: unknown[] = [];
    let next: string | undefined = '/api/v1/people?q=zed&limit=2';
    while (next !== undefined) {
      const page = await ask(server.baseUrl, next);
      found.push(...(page.json as Json[]).map((person) => person['id']));
      next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(new Set(found).size).toBe(6);
    expect(found).toHaveLength(6);
  });

  it('what was merged away is found at what it was merged into, by each of its ids', async () => {
    await server.own.owner(`
      insert into core.shows (id, name, imdb_id, tmdb_id, tvdb_id, wikidata_id)
      values ('${IDS.unknown}', 'Twin', 'tt7777777', 7777, 777, 'Q777');
      insert into core.people (id, full_name, external_ids) values ('${IDS.unknown}', 'Twin', '{"imdb":"nm7777777","tmdb":"7777"}');
      select core.merge_shows('${IDS.unknown}', '${IDS.full}', 'test');
      select core.merge_people('${IDS.unknown}', '${IDS.ben}', 'test')`);
    for (const query of ['imdb=tt7777777', 'tmdb=7777', 'tvdb=777', 'wikidata=Q777']) {
      expect(await read(`/lookup?${query}`)).toMatchObject({ type: 'show', id: IDS.full });
    }
    for (const query of ['imdb=nm7777777', 'tmdb=7777&type=person']) {
      expect(await read(`/lookup?${query}`)).toMatchObject({ type: 'person', id: IDS.ben });
    }
  });
});
