import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sendJson, sourceConfig, startUpstream } from '../../../tests/helpers/upstream.ts';
import { createFetcher } from '../fetcher/fetcher.ts';
import { createTmdbSource } from './client.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../tests/fixtures/tmdb/${name}.json`, import.meta.url), 'utf8'));
let answers: Record<string, unknown> = {};
const upstream = await startUpstream((request, response) => {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const page = url.searchParams.get('page') ?? '1';
  const answer = answers[`${url.pathname}#${page}`] ?? answers[url.pathname];
  return sendJson(response, answer ?? { status_code: 34, status_message: 'gone' }, answer === undefined ? 404 : 200, {
    etag: 'W/"e"',
  });
});
const config = sourceConfig({ apiBaseUrl: `${upstream.url}/3` });
const fetcher = createFetcher({ config, retry: { attempts: 1 } });
const tmdb = createTmdbSource(fetcher, config.tmdb);
beforeEach(() => {
  answers = {};
  upstream.requests.length = 0;
});
afterAll(async () => {
  await fetcher.close();
  await upstream[Symbol.asyncDispose]();
});

const sent = () =>
  upstream.requests.map(({ url }) => `${url.pathname}?${decodeURIComponent(url.searchParams.toString())}`);

describe('requests', () => {
  it('one request carries everything about a show', async () => {
    answers['/3/tv/4321'] = fixture('tv');
    const outcome = await tmdb.show(4321);
    expect(sent()).toEqual([
      '/3/tv/4321?language=en-US&include_image_language=en,null&append_to_response=' +
        'aggregate_credits,alternative_titles,content_ratings,external_ids,images,keywords,watch/providers',
    ]);
    expect(outcome).toMatchObject({ kind: 'ok', missing: [], value: { validators: { etag: 'W/"e"' } } });
    expect(outcome.kind === 'ok' && outcome.value.credits).toHaveLength(5);
  });

  it('one request carries everything about a season', async () => {
    answers['/3/tv/4321/season/1'] = fixture('season');
    expect(await tmdb.season(4321, 1)).toMatchObject({ kind: 'ok', missing: [], value: { seasonNumber: 1 } });
    expect(sent()).toEqual([
      '/3/tv/4321/season/1?language=en-US&include_image_language=en,null&append_to_response=aggregate_credits,external_ids,images',
    ]);
  });

  it('one request carries everything about a person', async () => {
    answers['/3/person/501'] = fixture('person');
    expect(await tmdb.person(501)).toMatchObject({ kind: 'ok', value: { birthday: '1980-05-06' } });
    expect(sent()).toEqual(['/3/person/501?language=en-US&append_to_response=external_ids,images']);
  });

  it('all pages of a list, each show once', async () => {
    const item = (id: number) => ({ id, name: `Show ${id}` });
    answers['/3/list/9#1'] = { items: [item(1), item(2)], total_pages: 3 };
    answers['/3/list/9#2'] = { items: [item(2), item(3)], total_pages: 3 };
    answers['/3/list/9#3'] = { items: [], total_pages: 3 };
    const outcome = await tmdb.list('https://www.themoviedb.org/list/9-mine');
    expect(outcome.kind === 'ok' && outcome.value.map(({ tmdbId }) => tmdbId)).toEqual([1, 2, 3]);
    expect(sent()).toHaveLength(3);
  });

  it('half a list is no list', async () => {
    answers['/3/list/9#1'] = { items: [{ id: 1, name: 'x' }], total_pages: 2 };
    expect(await tmdb.list('9')).toMatchObject({ kind: 'not_found' });
  });

  it('all pages of changes, distinct and sorted', async () => {
    answers['/3/tv/changes#1'] = { results: [{ id: 5 }, { id: 3 }], total_pages: 2 };
    answers['/3/tv/changes#2'] = { results: [{ id: 3 }, { id: 4 }], total_pages: 2 };
    expect(await tmdb.changedShows('2026-01-01', '2026-01-14')).toMatchObject({ value: [3, 4, 5] });
    expect(sent()[1]).toBe('/3/tv/changes?start_date=2026-01-01&end_date=2026-01-14&page=2');
  });

  it('everything else has its address', async () => {
    await tmdb.find('tt0239195');
    await tmdb.externalIds(1);
    await tmdb.images(1);
    await tmdb.watchProviders(1);
    await tmdb.alternativeTitles(1);
    await tmdb.episode(1, 2, 3);
    await tmdb.showChanges(1, '2026-01-01', '2026-01-02');
    await tmdb.providerCatalogue();
    await tmdb.personExternalIds(1);
    await tmdb.personImages(1);
    await tmdb.changedPeople('2026-01-01', '2026-01-02');
    expect(sent()).toEqual([
      '/3/find/tt0239195?external_source=imdb_id&language=en-US',
      '/3/tv/1/external_ids?',
      '/3/tv/1/images?language=en-US&include_image_language=en,null',
      '/3/tv/1/watch/providers?',
      '/3/tv/1/alternative_titles?',
      '/3/tv/1/season/2/episode/3?language=en-US&append_to_response=external_ids',
      '/3/tv/1/changes?start_date=2026-01-01&end_date=2026-01-02',
      '/3/watch/providers/tv?language=en-US',
      '/3/person/1/external_ids?',
      '/3/person/1/images?',
      '/3/person/changes?start_date=2026-01-01&end_date=2026-01-02&page=1',
    ]);
  });

  it('what is no id is not asked for', async () => {
    expect(await tmdb.find('tt1/../../list/1')).toMatchObject({ kind: 'not_found' });
    expect(await tmdb.list('my list')).toMatchObject({ kind: 'not_found' });
    expect(sent()).toEqual([]);
  });
});

describe('answers', () => {
  it('about something else are refused', async () => {
    answers['/3/tv/1'] = fixture('tv');
    answers['/3/tv/1/season/2'] = fixture('season');
    answers['/3/person/1'] = fixture('person');
    answers['/3/tv/1/external_ids'] = { id: 2, imdb_id: 'tt1' };
    for (const outcome of [
      await tmdb.show(1),
      await tmdb.season(1, 2),
      await tmdb.person(1),
      await tmdb.externalIds(1),
    ]) {
      expect(outcome).toMatchObject({ kind: 'schema_changed', detail: expect.stringMatching(/asked for \d/) });
    }
  });

  it('of another shape are schema_changed and say what is missing', async () => {
    answers['/3/tv/1'] = { id: 1, title: 'A film' };
    expect(await tmdb.show(1)).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringMatching(/missing: name/),
    });
  });

  it('without a block name it', async () => {
    const { images: _, ...rest } = fixture('tv');
    answers['/3/tv/4321'] = rest;
    const outcome = await tmdb.show(4321);
    expect(outcome).toMatchObject({ kind: 'ok', missing: ['images'] });
    expect(outcome.kind === 'ok' && 'images' in outcome.value).toBe(false);
  });

  it("are TMDb's refusals, with its code", async () => {
    expect(await tmdb.show(1)).toMatchObject({ kind: 'not_found', status: 404, sourceCode: 34 });
  });
});

describe('credentials', () => {
  const ask = async (credentials: { bearer: string | null; apiKey: string | null }) => {
    answers['/3/tv/4321'] = fixture('tv');
    const outcome = await createTmdbSource(fetcher, { ...config.tmdb, ...credentials }).show(4321);
    return { outcome, request: upstream.requests[0] };
  };

  it('a bearer wins over a key', async () => {
    const { request } = await ask({ bearer: 'b', apiKey: 'k' });
    expect(request?.headers.authorization).toBe('Bearer b');
    expect(request?.url.searchParams.has('api_key')).toBe(false);
  });

  it('a key alone works everywhere', async () => {
    const { request } = await ask({ bearer: null, apiKey: 'k' });
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.url.searchParams.get('api_key')).toBe('k');
  });

  it('none: one line that names both', async () => {
    const { outcome, request } = await ask({ bearer: null, apiKey: null });
    expect(request).toBeUndefined();
    expect(outcome).toMatchObject({
      kind: 'forbidden',
      detail: expect.stringMatching(/TMDB_BEARER_TOKEN or TMDB_API_KEY/),
    });
  });
});
