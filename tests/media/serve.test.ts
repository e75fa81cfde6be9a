import { hash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeDown } from '../../src/media/upkeep/takedown.ts';
import { TEST_CONFIG } from '../acceptance/server.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { createMediaHarness } from '../helpers/media.ts';
import { appOver, type MediaServer, startMediaServer } from '../helpers/media-server.ts';
import { pictureFor } from '../simulator/index.ts';
import { ANA, BEN, EPISODE, FANDOM_PHOTO, SHOW, seedImages } from './catalogue.ts';

let world: MediaServer;
let base: string;

beforeAll(async () => {
  world = await startMediaServer(seedImages);
  await world.media.mirror();
  await world.media.variants();
  base = await world.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => world.close());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(base + path, { headers, method });
const json = async (path: string) => (await (await get(`/api/v1${path}`)).json()) as never;

async function poster(): Promise<{ path: string; bytes: Buffer; sha256: string }> {
  const bytes = await pictureFor('/poster.jpg');
  const sha256 = hash('sha256', bytes, 'hex');
  return { path: `/media/images/sha256/${sha256.slice(0, 2)}/${sha256}.jpg`, bytes, sha256 };
}

describe('/media', () => {
  it('serves a file for ever, as what it is, and as nothing that can act', async () => {
    const { path, bytes, sha256 } = await poster();
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(bytes.length),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      etag: `"${sha256}.jpg"`,
      'accept-ranges': 'bytes',
    });
  });

  it('answers HEAD, conditional requests and ranges', async () => {
    const { path, bytes, sha256 } = await poster();
    const head = await get(path, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([
      200,
      String(bytes.length),
      0,
    ]);
    expect((await get(path, { 'if-none-match': `"${sha256}.jpg"` })).status).toBe(304);
    expect((await get(path, { 'if-none-match': `"other", W/"${sha256}.jpg"` })).status).toBe(304);
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    const part = await get(path, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    const last = await get(path, { range: 'bytes=-5' });
    expect(Buffer.from(await last.arrayBuffer()).equals(bytes.subarray(-5))).toBe(true);
    const rest = await get(path, { range: `bytes=${bytes.length - 3}-`, 'if-range': `"${sha256}.jpg"` });
    expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([206, 3]);
    expect((await get(path, { range: 'bytes=0-4', 'if-range': '"other"' })).status).toBe(200);
    expect((await get(path, { range: 'bytes=0-1,3-4' })).status).toBe(200);
    const beyond = await get(path, { range: `bytes=${bytes.length}-` });
    expect([beyond.status, beyond.headers.get('content-range'), beyond.headers.get('cache-control')]).toEqual([
      416,
      `bytes */${bytes.length}`,
      'no-store',
    ]);
  });

  it('C5: an older key names the same file; V5: a still has its reserved one', async () => {
    const { bytes, sha256 } = await poster();
    const older = await get(`/media/images/shows/tt1234567/poster/tmdb/${sha256}.jpg`);
    expect(Buffer.from(await older.arrayBuffer()).equals(bytes)).toBe(true);
    const still = hash('sha256', await pictureFor('/still.jpg'), 'hex');
    expect((await get(`/media/images/episodes/tt9876543/tmdb/${still}.jpg`)).status).toBe(200);
    expect((await get(`/media/images/shows/tt7654321/poster/tmdb/${sha256}.jpg`)).status).toBe(404);
  });

  it.each([
    '/media/',
    '/media/images/../../etc/passwd',
    '/media/images/%2e%2e/%2e%2e/etc/passwd',
    '/media/images/..%2f..%2fetc%2fpasswd.jpg',
    '/media/images//x.jpg',
    '/media/.incoming/x.jpg',
    '/media/images/.incoming/x.jpg',
    '/media/images/x.jpg%00.png',
    '/media/images/sha256/00/unknown.jpg',
    '/media/other/x.jpg',
    '/media/images/x.html',
    `/media/images/${'a'.repeat(600)}.jpg`,
  ])('%s is not found', async (path) => {
    const answer = await world.app.inject({ method: 'GET', url: path });
    expect(answer.statusCode).toBe(404);
  });

  it('writes nothing', async () => {
    const { path } = await poster();
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await get(path, {}, method)).status).toBeGreaterThanOrEqual(404);
  });
});

describe('what the API says about images', () => {
  it('P3, V3: include=images has smaller versions, preview, real size and rights; the files are there', async () => {
    const show: { images: Record<string, never>[] } = await json(`/shows/${SHOW}?include=images`);
    expect(show.images.map(({ kind }) => kind).sort()).toEqual(['backdrop', 'logo', 'poster']);
    const backdrop = show.images.find(({ kind }) => kind === 'backdrop') as unknown as {
      variants: { size: number; width: number; format: string; url: string; bytes: number }[];
    };
    expect(backdrop).toMatchObject({
      hosted_url: expect.stringMatching(/^\/media\/images\/sha256\//),
      width: 3840,
      hosted_width: 640,
      hosted_height: 360,
      placeholder: expect.stringMatching(/^data:image\/webp;base64,/),
      licence: 'tmdb',
      attribution: expect.stringContaining('TMDB'),
      source_page_url: 'https://www.themoviedb.org/tv/10/images/backdrops',
    });
    expect(backdrop.variants.map(({ size, width, format }) => [size, width, format])).toEqual([
      [200, 200, 'avif'],
      [200, 200, 'webp'],
      [500, 500, 'avif'],
      [500, 500, 'webp'],
      [1000, 640, 'avif'],
      [1000, 640, 'webp'],
    ]);
    for (const { url, width, format, bytes } of backdrop.variants) {
      const answer = await get(url);
      expect(answer.headers.get('content-type')).toBe(`image/${format}`);
      const file = Buffer.from(await answer.arrayBuffer());
      expect(file.length).toBe(bytes);
      expect((await sharp(file).metadata()).width).toBe(width);
    }
  });

  it('V3: photos, seasons, episodes and logos carry licence, attribution and source page', async () => {
    const [ana]: [Record<string, unknown>] = await json(`/people/${ANA}/photos`);
    expect(ana).toMatchObject({
      licence: 'cc-by-sa',
      attribution: expect.stringContaining('CC BY-SA'),
      source_page_url: 'https://survivor.fandom.com/wiki/Ana',
      lookalike_of: null,
    });
    const [ben]: [Record<string, unknown>] = await json(`/people/${BEN}/photos`);
    expect(ben).toMatchObject({
      licence: 'tmdb',
      source_page_url: 'https://www.themoviedb.org/person/5002',
      variants: expect.arrayContaining([expect.objectContaining({ size: 200 })]),
    });
    const [season]: [{ poster: unknown }] = await json(`/shows/${SHOW}/seasons`);
    expect(season.poster).toMatchObject({
      hosted_url: expect.stringContaining('/media/'),
      licence: 'tmdb',
      source_page_url: 'https://www.themoviedb.org/tv/10/season/3',
    });
    const episode: { still: unknown } = await json(`/episodes/${EPISODE}`);
    expect(episode.still).toMatchObject({
      hosted_url: expect.stringContaining('/media/'),
      source_page_url: 'https://www.themoviedb.org/tv/10/season/3/episode/1',
    });
    const networks: Record<string, unknown>[] = await json('/networks');
    expect(networks.find(({ id }) => id === 123)).toMatchObject({
      logo_licence: 'tmdb',
      logo_source_page_url: 'https://www.themoviedb.org/network/123',
      hosted_logo_url: expect.stringContaining('/media/'),
    });
    expect(networks.find(({ id }) => id === 124)).toMatchObject({ logo_licence: null, hosted_logo_url: null });
  });

  it('P3: fifty cards with their posters are less than 1.5 MB', async () => {
    const { simulator, media } = world;
    const own = await createTestDatabase();
    const harness = createMediaHarness(own, simulator.imageBaseUrl, { store: media.store });
    await own.owner(
      `insert into core.shows (name, tmdb_id) select 'Show ' || n, 1000 + n from generate_series(1, 50) n`,
    );
    await own.owner(`insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
      select id, tmdb_id, 'tmdb', 'poster', p, 'https://image.tmdb.org/t/p/original' || p, p from core.shows, lateral (select '/card' || tmdb_id || '.jpg' as p) x`);
    const posters = await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const pixels = Buffer.from(Array.from({ length: 40 * 60 * 3 }, (_value, i) => (i * 7919 * (n + 1)) % 256));
        return sharp(pixels, { raw: { width: 40, height: 60, channels: 3 } })
          .resize(600, 900)
          .jpeg()
          .toBuffer();
      }),
    );
    for (let n = 1; n <= 50; n++) simulator.images.set(`/card${1000 + n}.jpg`, posters[n % 10]);
    await harness.mirror();
    await harness.variants();
    const server = await appOver(own, media.store);
    const page = await server.inject({ method: 'GET', url: '/api/v1/shows?include=images' });
    const shows = page.json() as {
      poster: { variants: { size: number; format: string; bytes: number; url: string }[] };
    }[];
    expect(shows).toHaveLength(50);
    const cards = shows.map(
      ({ poster: { variants } }) =>
        variants.find(({ size, format }) => size === 200 && format === 'webp')?.bytes ?? Number.NaN,
    );
    expect(page.rawPayload.length + cards.reduce((a, b) => a + b, 0)).toBeLessThan(1_500_000);
    await server.close();
    await own.drop();
  });
});

it('V4: metrics by table and source', async () => {
  const text = await (await get('/metrics')).text();
  expect(text).toMatch(/trr_media_hosted_images\{table="show_images",source="tmdb"\} 4/);
  expect(text).toMatch(/trr_media_images\{table="show_images",source="imdb"\} 1/);
  expect(text).toMatch(/trr_media_bytes\{table="episodes",source="tmdb"\} [1-9]/);
  expect(text).toMatch(/trr_media_store_bytes\{what="smaller"\} [1-9]/);
});

describe('V3: rights', () => {
  it("IMDb's images are metadata only: neither fetched, nor listed, nor served", async () => {
    const [rows] = await world.database.owner(
      `select count(*)::int as n from media.images where source = 'imdb' and hosted_key is not null`,
    );
    expect(rows).toEqual({ n: 0 });
    const photos: { source: string }[] = await json(`/people/${ANA}/photos`);
    expect(photos.map(({ source }) => source)).toEqual(['fandom']);
  });

  it('a file is served only while something that shows it is published', async () => {
    const [row] = await world.database.owner('select hosted_key from core.cast_photos where id = $1', [FANDOM_PHOTO]);
    const path = `/media/${row?.['hosted_key']}`;
    expect((await get(path)).status).toBe(200);
    await world.database.owner(`update core.cast_photos set provenance = '{"url":{"licence":"imdb"}}' where id = $1`, [
      FANDOM_PHOTO,
    ]);
    expect((await get(path)).status).toBe(404);
    await world.database.owner(`update core.cast_photos set provenance = '{}' where id = $1`, [FANDOM_PHOTO]);
    expect((await get(path)).status).toBe(404);
    await world.database.owner(
      `update core.cast_photos set provenance = '{"url":{"licence":"cc-by-sa"}}', archived_at = now() where id = $1`,
      [FANDOM_PHOTO],
    );
    expect((await get(path)).status).toBe(404);
    await world.database.owner(`update core.cast_photos set archived_at = null where id = $1`, [FANDOM_PHOTO]);
    expect((await get(path)).status).toBe(200);
  });

  it('what was taken down is gone at once, with its smaller versions and older names', async () => {
    const sha256 = hash('sha256', await pictureFor('/ben.jpg'), 'hex');
    const paths = [
      `sha256/${sha256.slice(0, 2)}/${sha256}.jpg`,
      `sha256/${sha256.slice(0, 2)}/${sha256}-200.webp`,
      `people/${BEN}/photos/tmdb/${sha256}.jpg`,
    ].map((key) => `/media/images/${key}`);
    for (const path of paths) expect((await get(path)).status).toBe(200);
    await takeDown(
      world.media.deps,
      { contents: [sha256], keys: [], addresses: [], images: [] },
      { reason: 'asked', actor: 'test', dryRun: false },
    );
    for (const path of paths) expect((await get(path)).status).toBe(404);
    expect(await json(`/people/${BEN}/photos`)).toEqual([]);
  });

  it('C9: with another base every address is another, and no row was written', async () => {
    const config = { ...TEST_CONFIG, media: { s3: null, folder: '/nowhere', cdnBaseUrl: 'https://cdn.example.test' } };
    const server = await appOver(world.database, world.media.store, config);
    const show = (await server.inject({ method: 'GET', url: `/api/v1/shows/${SHOW}?include=images` })).json() as {
      images: { url: string; variants: { url: string }[] }[];
      tmdb_networks: unknown;
    };
    for (const { url, variants } of show.images) {
      expect(url).toMatch(/^https:\/\/cdn\.example\.test\/images\//);
      for (const variant of variants) expect(variant.url).toMatch(/^https:\/\/cdn\.example\.test\/images\//);
    }
    await server.close();
  });
});
