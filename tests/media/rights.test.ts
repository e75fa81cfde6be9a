import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../helpers/database.ts';
import { type MediaServer, startMediaServer } from '../helpers/media-server.ts';
import { ANA, BEN, EPISODE, SHOW, seedImages } from './catalogue.ts';

let server: MediaServer;
let database: TestDatabase;

beforeAll(async () => {
  server = await startMediaServer(async (own) => {
    await seedImages(own);
    await own.owner(
      `update core.shows set tmdb_network_ids = '{123}', tmdb_production_company_ids = '{7}' where id = '${SHOW}';
       insert into core.show_watch_providers (show_id, provider_id, region, offer_type) values ('${SHOW}', 9, 'US', 'flatrate')`,
    );
  });
  database = server.database;
  await server.media.mirror();
  await server.media.variants();
});
afterAll(() => server.close());

const get = (url: string) => server.app.inject({ method: 'GET', url });

type Json = Readonly<Record<string, unknown>>;

/** Every image in an answer, however deep: objects with smaller versions. Logos as their owners have them. */
function imagesIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (typeof value !== 'object' || value === null) return [];
  const one = value as Json;
  const logo = Object.fromEntries(
    Object.entries(one).flatMap(([name, member]) =>
      name === 'hosted_logo_url' ? [['hosted_url', member]] : name.startsWith('logo_') ? [[name.slice(5), member]] : [],
    ),
  );
  const own = 'variants' in one ? [one] : 'variants' in logo ? [logo] : [];
  return [...own, ...Object.values(one).flatMap(imagesIn)];
}

/** Every route that shows images, with the table whose images it shows, and how many. */
const ROUTES = [
  ['show_images', '/shows?include=images', 2],
  ['show_images', `/shows/${SHOW}?include=images`, 3],
  ['show_images', `/shows/${SHOW}/images`, 3],
  ['season_images', `/shows/${SHOW}/seasons/3/images`, 1],
  ['seasons', `/shows/${SHOW}/seasons`, 1],
  ['seasons', `/shows/${SHOW}?include=seasons`, 1],
  ['episodes', `/episodes/${EPISODE}`, 1],
  ['episodes', `/shows/${SHOW}/seasons/3/episodes`, 1],
  ['cast_photos', `/people/${ANA}/photos`, 1],
  ['cast_photos', `/people/${BEN}`, 1],
  ['networks', '/networks', 1],
  ['networks', `/shows/${SHOW}`, 1],
  ['production_companies', `/shows/${SHOW}`, 1],
  ['watch_providers', `/shows/${SHOW}`, 1],
  ['watch_providers', `/shows/${SHOW}/watch-providers`, 1],
] as const;

/** The images of a table in an answer: those whose copy one of its rows shows. */
async function shown(table: string, route: string): Promise<Json[]> {
  const answer = await get(`/api/v1${route}`);
  expect([route, answer.statusCode]).toEqual([route, 200]);
  const rows = await database.owner<{ key: string }>(
    'select hosted_key as key from media.images where table_name = $1 and hosted_key is not null',
    [table],
  );
  const urls = new Set(rows.map(({ key }) => `/media/${key}`));
  return imagesIn(answer.json()).filter(({ hosted_url: url }) => typeof url === 'string' && urls.has(url));
}

describe('V3, P3: rights and smaller versions of every image in every answer', () => {
  it.each(ROUTES)('%s in %s', async (table, route, count) => {
    const images = await shown(table, route);
    expect(images).toHaveLength(count);
    for (const image of images) {
      expect(image).toMatchObject({
        licence: expect.stringMatching(/^(tmdb|cc-by-sa)$/),
        attribution: expect.stringMatching(/TMDB|CC BY-SA/),
        source_page_url: expect.stringMatching(/^https:\/\/(www\.themoviedb\.org|survivor\.fandom\.com)/),
        placeholder: expect.stringMatching(/^data:image\/webp/),
      });
      const variants = image['variants'] as { size: number; format: string; bytes: number; url: string }[];
      expect(variants.map(({ size, format }) => [size, format]).slice(0, 2)).toEqual([
        [200, 'avif'],
        [200, 'webp'],
      ]);
      for (const { url, bytes, format } of variants) {
        const file = await get(url);
        expect([file.statusCode, file.headers['content-type'], file.rawPayload.length]).toEqual([
          200,
          `image/${format}`,
          bytes,
        ]);
      }
    }
  });
});

/** Where each table says the licence of its images. */
const LICENSED: Readonly<Record<string, string>> = {
  cast_photos: 'url',
  show_images: 'url',
  season_images: 'file_path',
  seasons: 'poster_path',
  episodes: 'still_path',
  networks: 'tmdb_logo_path',
  production_companies: 'tmdb_logo_path',
  watch_providers: 'tmdb_logo_path',
};

describe('V3: an image whose licence is not published is served nowhere', () => {
  it.each(Object.entries(LICENSED))('%s: neither in an answer nor under any of its keys', async (table, field) => {
    const keys = await database.owner<{ key: string }>(
      `with files as (select i.hosted_sha256 as sha256 from media.images i where i.table_name = $1)
       select o.key from media.objects o where o.sha256 in (select sha256 from files)
       union select v.key from media.variants v where v.sha256 in (select sha256 from files)
       union select a.key from media.aliases a where a.sha256 in (select sha256 from files)`,
      [table],
    );
    expect(keys.length).toBeGreaterThanOrEqual(4);
    const statuses = () =>
      Promise.all(keys.map(async ({ key }) => [key, (await get(`/media/${key}`)).statusCode] as const));
    const all = (status: number) => keys.map(({ key }) => [key, status]);
    expect(await statuses()).toEqual(all(200));

    const before = await database.owner<{ id: string; provenance: unknown }>(
      `select (to_jsonb(t) ->> case when $1 = 'watch_providers' then 'provider_id' else 'id' end) as id, provenance from core.${table} t`,
      [table],
    );
    await database.owner(
      `update core.${table} set provenance = provenance || jsonb_build_object($1::text, '{"source":"imdb-web","licence":"imdb"}'::jsonb)`,
      [field],
    );
    expect(await statuses()).toEqual(all(404));
    for (const [, route] of ROUTES.filter(([of]) => of === table)) {
      expect([route, await shown(table, route)]).toEqual([route, []]);
      const text = (await get(`/api/v1${route}`)).body;
      expect(keys.filter(({ key }) => text.includes(key))).toEqual([]);
    }

    const id = table === 'watch_providers' ? 'provider_id' : 'id';
    for (const row of before) {
      await database.owner(`update core.${table} set provenance = $2 where ${id}::text = $1`, [row.id, row.provenance]);
    }
    expect(await statuses()).toEqual(all(200));
  });
});
