import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from './fixture.ts';
import { ask, expectProblem, type Json } from './http.ts';
import { startOwnServer, startTarget, type Target } from './server.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const get = (path: string) => ask(target.baseUrl, `/api/v1/shows${path}`);
const names = (json: unknown) => (json as Json[]).map((show) => show['name']);

describe('shows (spec/api.md 1)', () => {
  it('S1: an empty catalogue is 200 []', async () => {
    const empty = await startOwnServer();
    await empty.own.owner('delete from core.shows');
    const answer = await ask(empty.baseUrl, '/api/v1/shows');
    expect([answer.status, answer.json]).toEqual([200, []]);
    await empty.close();
  });

  it('S2: lists shows by name as people sort, with external ids from typed columns; retired and unlicensed ones are hidden', async () => {
    const { status, json } = await get('');
    expect(status).toBe(200);
    expect(names(json)).toEqual(['bare show', 'Élan Vital', 'The Full Show']);
    expect((json as Json[])[2]).toMatchObject({
      id: IDS.full,
      name: 'The Full Show',
      description: 'Everything is here.',
      premiere_date: '2020-02-03',
      external_ids: { imdb: 'tt0000001', tmdb: 1001, tvdb: 55, wikidata: 'Q1', letterboxd: 'full-show' },
    });
    expect((json as Json[])[0]).toMatchObject({ description: null, premiere_date: null, external_ids: {} });
  });

  it('S3: an unknown or retired show is 404 "Show not found"', async () => {
    expectProblem(await get(`/${IDS.unknown}`), 404, 'Show not found');
    expectProblem(await get('/no-such-slug'), 404, 'Show not found');
    expectProblem(await get(`/${IDS.retired}`), 404, 'Show not found');
  });

  it('S4: the detail has its entity lists in the order of the id arrays, ids without a row skipped', async () => {
    const { json } = await get(`/${IDS.full}`);
    const show = json as Json & { tmdb_networks: Json[]; tmdb_production_companies: Json[] };
    expect(show).toMatchObject({
      genres: ['Reality', 'Game'],
      keywords: ['island'],
      tags: [],
      networks: ['Beta TV'],
      streaming_providers: [],
      listed_on: ['tmdb'],
      tmdb_network_ids: [2, 99, 1],
      tmdb_production_company_ids: [7],
      status: 'Ended',
      vote_average: 7.25,
      alternative_names: [{ name: 'Komplett Sendung', country: 'DE', type: null }],
    });
    expect(show.tmdb_networks.map((n) => n['name'])).toEqual(['Beta TV', 'Alpha TV']);
    expect(show.tmdb_networks[0]).toEqual({
      id: 2,
      name: 'Beta TV',
      origin_country: 'US',
      tmdb_logo_path: '/beta.png',
      logo_path: null,
      logo_licence: 'tmdb',
      logo_attribution: expect.stringContaining('TMDB'),
      logo_source_page_url: 'https://www.themoviedb.org/network/2',
      hosted_logo_key: null,
      hosted_logo_url: null,
      hosted_logo_sha256: null,
      hosted_logo_content_type: null,
      hosted_logo_bytes: 12345,
      hosted_logo_etag: null,
      hosted_logo_at: '2026-01-02T03:04:05.123456+00:00',
      logo_width: null,
      logo_height: null,
      logo_placeholder: null,
      logo_variants: [],
    });
    expect(show.tmdb_production_companies.map((c) => c['id'])).toEqual([7]);
  });

  it('S4: a show without anything has empty lists', async () => {
    const { json } = await get(`/${IDS.bare}`);
    expect(json).toMatchObject({
      genres: [],
      tmdb_network_ids: [],
      tmdb_networks: [],
      tmdb_production_companies: [],
      watch_providers: [],
    });
  });

  it('S4: a slug names the show everywhere, also one it used to have', async () => {
    const own = target.own;
    expect(((await get('/the-full-show')).json as Json)['id']).toBe(IDS.full);
    if (own !== undefined) {
      await own.owner('update core.shows set name = $2 where id = $1', [IDS.bare, 'Renamed Show']);
      for (const slug of ['bare-show', 'renamed-show']) {
        expect((await get(`/${slug}`)).json).toMatchObject({ id: IDS.bare, slug: 'renamed-show' });
      }
      await own.owner('update core.shows set name = $2 where id = $1', [IDS.bare, 'bare show']);
    }
    for (const path of ['/seasons', '/seasons/1', '/seasons/1/episodes', '/cast', '/images']) {
      expect((await get(`/the-full-show${path}`)).text).toBe((await get(`/${IDS.full}${path}`)).text);
    }
  });

  it('S5: watch providers are grouped by region and offer type, sorted by priority (none last), then name', async () => {
    const { json } = await get(`/${IDS.full}`);
    const groups = (json as { watch_providers: (Json & { providers: Json[] })[] }).watch_providers;
    expect(groups.map((g) => [g['region'], g['offer_type'], g['link']])).toEqual([
      ['GB', 'buy', null],
      ['GB', 'flatrate', 'https://example.test/gb'],
      ['US', 'rent', 'https://example.test/us'],
    ]);
    // The blank name is skipped; "Alfa" before "zeta" whatever the case.
    expect(groups[1]?.providers.map((p) => p['provider_name'])).toEqual(['Mid', 'Alfa', 'zeta']);
    expect(groups[1]?.['attribution']).toContain('JustWatch');
  });

  it('S6: seasons by number; an unknown show is 200 []; retired seasons are hidden', async () => {
    const { status, json } = await get(`/${IDS.full}/seasons`);
    expect(status).toBe(200);
    expect((json as Json[]).map((s) => s['season_number'])).toEqual([0, 1, 2]);
    expect((json as Json[])[1]).toMatchObject({
      id: IDS.season1,
      show_id: IDS.full,
      show_name: 'The Full Show',
      title: 'First',
      premiere_date: '2020-02-03',
      external_ids: { tmdb: 2001, tvdb: 77 },
      imdb_episode_ids: ['tt0000011', 'tt0000012'],
      tmdb_episode_ids: [3001, 3002],
    });
    const unknown = await get(`/${IDS.unknown}/seasons`);
    expect([unknown.status, unknown.json]).toEqual([200, []]);
  });

  it('S7: one season; unknown 404, not a number 422', async () => {
    expect((await get(`/${IDS.full}/seasons/2`)).json).toMatchObject({
      id: IDS.season2,
      title: 'Season 2',
      premiere_date: '2021-01-01',
    });
    for (const number of ['3', '9', '-1', '99999999999999999999']) {
      expectProblem(await get(`/${IDS.full}/seasons/${number}`), 404, 'Season not found');
    }
    expectProblem(await get(`/${IDS.unknown}/seasons/1`), 404, 'Season not found');
    expectProblem(await get(`/${IDS.full}/seasons/one`), 422);
    expectProblem(await get(`/${IDS.full}/seasons/1.5`), 422);
  });

  it('S8: episodes by number; unknown season 404', async () => {
    const { json } = await get(`/${IDS.full}/seasons/1/episodes`);
    expect((json as Json[]).map((e) => e['episode_number'])).toEqual([1, 2]);
    expect((json as Json[])[1]).toMatchObject({
      season_id: IDS.season1,
      show_name: 'The Full Show',
      title: 'Second',
      air_date: '2020-02-10',
      synopsis: 'Two.',
      external_ids: { imdb: 'tt0000012', tmdb: 3002 },
    });
    expect((await get(`/${IDS.full}/seasons/2/episodes`)).json).toEqual([]);
    expectProblem(await get(`/${IDS.full}/seasons/9/episodes`), 404, 'Season not found');
    expectProblem(await get(`/${IDS.unknown}/seasons/1/episodes`), 404, 'Season not found');
  });

  it('S9: cast by billing order, those without one last; unknown show 200 []', async () => {
    const { status, json } = await get(`/${IDS.full}/cast`);
    expect(status).toBe(200);
    expect((json as Json[]).map((c) => [c['person_id'], c['role'], c['season_id'], c['notes']])).toEqual([
      [IDS.ana, null, null, null],
      [IDS.ben, 'Host', null, null],
      [IDS.cyd, null, null, null],
    ]);
    expect((json as Json[])[0]?.['person']).toEqual({
      id: IDS.ana,
      full_name: 'Ana',
      known_for: 'Acting',
      external_ids: { imdb: 'nm0000001', tmdb: 5001 },
    });
    expect((await get(`/${IDS.unknown}/cast`)).json).toEqual([]);
    expect((await get(`/${IDS.bare}/cast`)).json).toEqual([]);
  });

  it('S10: TMDb images of the show, by kind; none without a TMDb id; unknown show 404', async () => {
    const kinds = ({ json }: { json: unknown }) => (json as Json[]).map((i) => i['kind']);
    expect(kinds(await get(`/${IDS.full}/images`))).toEqual(['backdrop', 'poster']);
    expect(kinds(await get(`/${IDS.full}/images?kind=poster`))).toEqual(['poster']);
    expect((await get(`/${IDS.full}/images?kind=poster`)).json).toMatchObject([
      {
        show_id: IDS.full,
        tmdb_id: 1001,
        show_name: 'The Full Show',
        source: 'tmdb',
        file_path: '/p.jpg',
        aspect_ratio: 0.667,
        iso_639_1: 'en',
      },
    ]);
    expect((await get(`/${IDS.bare}/images`)).json).toEqual([]);
    expectProblem(await get(`/${IDS.unknown}/images`), 404, 'Show not found');
    expectProblem(await get(`/${IDS.full}/images?kind=selfie`), 422);
  });

  it('S11: a person; unknown 404, not a uuid 422', async () => {
    expect((await get(`/people/${IDS.ana}`)).json).toEqual({
      id: IDS.ana,
      full_name: 'Ana',
      known_for: 'Acting',
      external_ids: { imdb: 'nm0000001', tmdb: 5001 },
    });
    expectProblem(await get(`/people/${IDS.unknown}`), 404, 'Person not found');
    expectProblem(await get('/people/not-a-uuid'), 422);
  });
});

describe('search, filters and rights', () => {
  it('pages through many shows of one name without loss or repetition; a search ends after 1,000', async () => {
    const many = await startOwnServer();
    await many.own.owner("insert into core.shows (name) select 'Zebra ' || n % 7 from generate_series(1, 1150) n");
    for (const [query, count] of [
      ['limit=97', 1153],
      ['limit=97&q=zeb', 1000],
    ] as const) {
      const seen: unknown[] = [];
      let next: string | undefined = `/api/v1/shows?${query}`;
      while (next !== undefined) {
        const answer = await ask(many.baseUrl, next);
        expect(answer.status, answer.text).toBe(200);
        seen.push(...(answer.json as Json[]).map((show) => show['id']));
        next = /^<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      expect([seen.length, new Set(seen).size]).toEqual([count, count]);
    }
    expect((await ask(many.baseUrl, '/api/v1/shows?q=zeb&offset=5000')).json).toEqual([]);
    await many.close();
  });

  it('ranks the same name first, then names that begin so, then names alike', async () => {
    const own = await startOwnServer();
    await own.own.owner(
      "insert into core.shows (name) values ('Traitors Uncloaked'), ('Traitors'), ('The Traitors'), ('Tractors')",
    );
    expect(names((await ask(own.baseUrl, '/api/v1/shows?q=traitors')).json)).toEqual([
      'Traitors',
      'The Traitors',
      'Traitors Uncloaked',
      'Tractors',
    ]);
    expect(names((await ask(own.baseUrl, '/api/v1/shows?q=tratiors')).json)).toContain('Traitors');
    await own.close();
  });

  it('finds by exact name, prefix, alternative name and with a typing mistake; best first', async () => {
    expect(names((await get('?q=The%20Full%20Show')).json)[0]).toBe('The Full Show');
    expect(names((await get('?q=ful')).json)).toEqual(['The Full Show']);
    expect(names((await get('?q=komplett')).json)).toEqual(['The Full Show']);
    expect(names((await get('?q=elan%20vitel')).json)).toEqual(['Élan Vital']);
    expect((await get('?q=xyzzy')).json).toEqual([]);
    expect(names((await get('?q=%20')).json)).toHaveLength(3);
    expect(names((await get("?q=';--%25_%5C")).json)).toEqual([]);
  });

  it('filters by network and genre, with and without a query', async () => {
    expect(names((await get('?network=Beta%20TV')).json)).toEqual(['Élan Vital', 'The Full Show']);
    expect(names((await get('?genre=Game')).json)).toEqual(['The Full Show']);
    expect(names((await get('?genre=Reality&network=Beta%20TV&q=full')).json)).toEqual(['The Full Show']);
    expect((await get('?network=Nothing')).json).toEqual([]);
  });

  it('shows no value whose licence is not published, and withholds a show whose name is not', async () => {
    expect((await get(`/${IDS.full}`)).json).toMatchObject({
      most_recent_episode: null,
      description: 'Everything is here.',
    });
    expectProblem(await get(`/${IDS.unlicensed}`), 404, 'Show not found');
    expect((await get(`/${IDS.unlicensed}/seasons`)).json).toEqual([]);
  });

  it('judges each value of an array by the sources that state it, and a copied text by its original', async () => {
    const own = await startOwnServer();
    const from = (source: string, licence: string) => ({ source, licence, at: '2026-01-01T00:00:00Z', via: 'live' });
    const values = { tmdb: ['A', 'B'], 'imdb-web': ['B', 'C'] };
    const genres = { ...from('imdb-web', 'imdb'), values, licences: { tmdb: 'tmdb' } };
    const networks = {
      ...from('tmdb', 'tmdb'),
      values: { tmdb: ['N'], 'imdb-web': ['O'] },
      licences: { 'imdb-web': 'imdb' },
    };
    const imdb = from('imdb-web', 'imdb');
    const [show] = await own.own.owner<{ id: string }>(
      `insert into core.shows (name, tmdb_id, genres, networks, provenance) values ('Mixed', 31337, '{A,B,C,D}', '{N,O}', $1) returning id`,
      [{ genres, networks }],
    );
    const id = show?.id ?? '';
    await own.own.owner(
      `with s as (insert into core.seasons (show_id, season_number) values ($1, 1) returning id)
       insert into core.episodes (show_id, season_id, season_number, episode_number, overview, synopsis, provenance)
       select $1, s.id, 1, 1, 'Theirs', 'Theirs', $2 from s`,
      [id, { overview: imdb }],
    );
    await own.own.owner(
      `with p as (insert into core.people (full_name) values ('Zoe') returning id)
       insert into core.show_cast (show_id, person_id, credit_category, provenance) select $1, p.id, 'Self', $2 from p`,
      [id, { credit_category: imdb }],
    );
    await own.own.owner(
      `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path, provenance)
       values ($1, 31337, 'tmdb', 'poster', '/m.jpg', 'https://image.example.test/m.jpg', '/m.jpg', $2)`,
      [id, { url: imdb }],
    );
    const read = async (path: string) => (await ask(own.baseUrl, `/api/v1/shows${path}`)).json;
    const detail = (await read(`/${id}?include=provenance`)) as Json;
    expect(detail).toMatchObject({ genres: ['A', 'B', 'D'], networks: ['N'] });
    expect(JSON.stringify(detail)).not.toMatch(/imdb/);
    expect((detail['attributions'] as Json[]).map((notice) => notice['source'])).toEqual(['tmdb']);
    expect(names(await read('?genre=B'))).toEqual(['Mixed']);
    expect(names(await read('?genre=D&q=mixed'))).toEqual(['Mixed']);
    expect(names(await read('?genre=C'))).toEqual([]);
    expect(names(await read('?network=O'))).toEqual([]);
    expect(await read(`/${id}/seasons/1/episodes`)).toMatchObject([{ synopsis: null }]);
    expect(await read(`/${id}/cast`)).toEqual([]);
    expect(await read(`/${id}/images`)).toEqual([]);
    await own.close();
  });

  it('include=provenance says where published values come from and which notices they need', async () => {
    const { json } = await get(`/${IDS.full}?include=provenance`);
    const { provenance, attributions } = json as { provenance: Json; attributions: Json[] };
    expect(Object.keys(provenance).sort()).toEqual(['description', 'genres', 'name']);
    expect(provenance['name']).toEqual({ source: 'tmdb', at: '2026-01-01T00:00:00Z', licence: 'tmdb', via: 'live' });
    expect(provenance['genres']).toMatchObject({ source: 'tmdb', licence: 'tmdb', sources: ['tmdb'] });
    expect(attributions.map((a) => a['source'])).toEqual(['justwatch', 'tmdb']);
    expect(attributions[1]?.['text']).toContain('not endorsed or certified by TMDB');
    expectProblem(await get(`/${IDS.full}?include=secrets`), 422);
    expect((await get(`/${IDS.full}`)).json).not.toHaveProperty('provenance');
  });
});
