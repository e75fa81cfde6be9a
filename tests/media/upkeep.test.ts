import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { objectKey } from '../../src/media/keys.ts';
import { GRACE_HOURS, prune, type ReconcileRequest, reconcile } from '../../src/media/upkeep/prune.ts';
import { rebuildUrls } from '../../src/media/upkeep/rebuild-urls.ts';
import { liftTakedown, takeDown } from '../../src/media/upkeep/takedown.ts';
import { usage } from '../../src/media/upkeep/usage.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createMediaHarness, type MediaHarness, s3Store } from '../helpers/media.ts';
import { type S3Server, startS3Server } from '../s3/server.ts';
import { generatedWorld, pictureFor, type Simulator, startSimulator } from '../simulator/index.ts';
import { brokenRows, EPISODE, MIRRORED, POSTER, SHOW, seedImages, stateOf } from './catalogue.ts';

let simulator: Simulator;
let server: S3Server;
let database: TestDatabase;
let media: MediaHarness;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }), auth: 'none' });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  database = await createTestDatabase();
  await seedImages(database);
  server = await startS3Server({ pageSize: 7 });
  media = createMediaHarness(database, simulator.imageBaseUrl, {
    store: s3Store(server),
    base: 'https://cdn.example.test',
  });
  await media.mirror();
  simulator.reset();
});
afterEach(async () => {
  await media.close();
  await database.drop();
  await server.close();
});

const request = (over: Partial<ReconcileRequest> = {}): ReconcileRequest => ({
  graceHours: GRACE_HOURS,
  force: false,
  dryRun: false,
  verify: false,
  ...over,
});
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const keyOf = async (path: string) => objectKey(hash('sha256', await pictureFor(path), 'hex'), '.jpg');

describe('pruning in two phases (S5, V2)', () => {
  it('marks first, deletes after the time of grace, with the smaller versions', async () => {
    await media.variants();
    await database.owner('delete from core.episodes where id = $1', [EPISODE]);
    const still = await keyOf('/still.jpg');
    const before = server.objects.size;
    expect(await prune(media.deps, request())).toMatchObject({ unreferenced: 1, marked: 1, found: [], deleted: 0 });
    expect(server.objects.size).toBe(before);
    expect(await prune(media.deps, request({ now: hoursFromNow(23) }))).toMatchObject({
      marked: 0,
      found: [],
      deleted: 0,
    });
    const report = await prune(media.deps, request({ now: hoursFromNow(25) }));
    expect(report.found[0]).toMatch(/-200\.avif$/);
    expect(report.found).toContain(still);
    expect(report).toMatchObject({ deleted: report.found.length, failed: [], stopped: null });
    expect(server.objects.has(still)).toBe(false);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('what is referred to again is spared', async () => {
    const [row] = await database.owner('select * from core.episodes where id = $1', [EPISODE]);
    await database.owner('update core.episodes set hosted_key = null, hosted_sha256 = null where id = $1', [EPISODE]);
    await prune(media.deps, request());
    await database.owner('update core.episodes set hosted_key = $2, hosted_sha256 = $3 where id = $1', [
      EPISODE,
      row?.['hosted_key'],
      row?.['hosted_sha256'],
    ]);
    expect(await prune(media.deps, request({ now: hoursFromNow(25) }))).toMatchObject({ unreferenced: 0, deleted: 0 });
    const [marked] = await database.owner(
      'select count(*)::int as n from media.objects where condemned_at is not null',
    );
    expect(marked).toEqual({ n: 0 });
  });

  it('stops when more than a fifth would go, unless told', async () => {
    await database.owner(
      'delete from core.show_images; delete from core.season_images; delete from core.cast_photos; delete from core.episodes',
    );
    await prune(media.deps, request());
    const stopped = await prune(media.deps, request({ now: hoursFromNow(25) }));
    expect(stopped).toMatchObject({
      deleted: 0,
      stopped: expect.stringMatching(/of \d+ files under images\/sha256\/ would go, more than a fifth/),
    });
    expect(await prune(media.deps, request({ now: hoursFromNow(25), force: true }))).toMatchObject({
      stopped: null,
      deleted: stopped.found.length,
    });
  });

  it('reports what the store keeps, and tries it again (V2)', async () => {
    await database.owner('delete from core.episodes where id = $1', [EPISODE]);
    await prune(media.deps, request());
    const still = await keyOf('/still.jpg');
    server.setFaults([
      { on: 'DeleteObjects:key', key: /[0-9a-f]{64}\.jpg$/, times: 1, fault: { status: 403, code: 'AccessDenied' } },
    ]);
    const report = await prune(media.deps, request({ now: hoursFromNow(25) }));
    expect(report.failed).toEqual([{ key: still, error: expect.stringContaining('AccessDenied') }]);
    expect(report.deleted).toBe(report.found.length - 1);
    expect(await prune(media.deps, request())).toMatchObject({ deleted: 1, failed: [] });
    expect(server.objects.has(still)).toBe(false);
    const [open] = await database.owner('select count(*)::int as n from media.removals where done_at is null');
    expect(open).toEqual({ n: 0 });
  });

  it('a picture that returns while its file is on the way out is fetched again afterwards', async () => {
    await database.owner('update core.episodes set hosted_key = null, hosted_sha256 = null where id = $1', [EPISODE]);
    await prune(media.deps, request());
    server.setFaults([{ on: 'DeleteObjects', times: 4, fault: { status: 400, code: 'InvalidRequest' } }]);
    expect((await prune(media.deps, request({ now: hoursFromNow(25) }))).failed.length).toBeGreaterThan(0);
    server.setFaults([]);
    expect((await media.mirror({ filter: { tables: ['episodes'] } })).reasons).toEqual({ being_removed: 1 });
    await prune(media.deps, request());
    await database.owner(`update media.fetch_state set next_attempt_at = now()`);
    expect(await media.mirror({ filter: { tables: ['episodes'] } })).toMatchObject({ mirrored: 1, files: 1 });
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });
});

describe('reconciliation (C7, C13)', () => {
  it('finds nothing to do in an orderly store', async () => {
    expect(await reconcile(media.deps, request())).toMatchObject({
      missing: [],
      damaged: [],
      strays: 0,
      unreferenced: 0,
      requeued: 0,
      remade: 0,
    });
  });

  it('missing files are fetched again, also by another table that shows them', async () => {
    const key = await keyOf('/still.jpg');
    server.objects.delete(key);
    const report = await reconcile(media.deps, request());
    expect(report).toMatchObject({ missing: [key], damaged: [], requeued: 1 });
    expect(await stateOf(database, EPISODE)).toMatchObject({ state: 'pending', reason: 'missing_in_store' });
    expect(await media.mirror()).toMatchObject({ scanned: 1, mirrored: 1 });
    await media.variants();
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('C7: a corrupted file is found by its checksum and replaced', async () => {
    const key = await keyOf('/poster.jpg');
    const good = server.objects.get(key);
    const bad = Buffer.from(good?.body ?? '');
    bad[100] = (bad[100] ?? 0) ^ 1;
    server.plant(key, bad);
    expect(await reconcile(media.deps, request())).toMatchObject({ damaged: [key], requeued: 1 });
    expect(await media.mirror()).toMatchObject({ mirrored: 1 });
    expect(server.objects.get(key)?.body.equals(good?.body ?? Buffer.alloc(0))).toBe(true);
    expect(await reconcile(media.deps, request())).toMatchObject({ damaged: [], missing: [] });
  });

  it('C7: in a folder it takes reading the files', async () => {
    const own = createMediaHarness(database, simulator.imageBaseUrl);
    await database.owner(
      'truncate media.fetch_state; delete from media.objects; update core.show_images set hosted_key = null, hosted_sha256 = null',
    );
    await database.owner(`update core.episodes set hosted_key = null, hosted_sha256 = null; update core.seasons set hosted_key = null, hosted_sha256 = null;
      update core.season_images set hosted_key = null, hosted_sha256 = null; update core.cast_photos set hosted_key = null, hosted_sha256 = null;
      update core.networks set hosted_logo_key = null, hosted_logo_sha256 = null; update core.production_companies set hosted_logo_key = null, hosted_logo_sha256 = null;
      update core.watch_providers set hosted_logo_key = null, hosted_logo_sha256 = null`);
    await own.mirror();
    const key = await keyOf('/poster.jpg');
    const bytes = Buffer.from(await pictureFor('/poster.jpg'));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await own.store.put(key, bytes, {
      contentType: 'image/jpeg',
      sha256: hash('sha256', bytes, 'hex'),
      overwrite: true,
    });
    expect(await reconcile(own.deps, request())).toMatchObject({ damaged: [] });
    expect(await reconcile(own.deps, request({ verify: true }))).toMatchObject({ damaged: [key], requeued: 1 });
    await own.mirror();
    expect(await reconcile(own.deps, request({ verify: true }))).toMatchObject({ damaged: [] });
    await own.close();
  });

  it('damaged or missing smaller versions are made again', async () => {
    await media.variants();
    const [variant, other] = [...server.objects.keys()].filter((key) => /-200\.webp$/.test(key));
    if (variant === undefined || other === undefined) throw new Error('no smaller versions');
    const good = server.objects.get(variant)?.body;
    server.plant(variant, Buffer.from('short'));
    server.objects.delete(other);
    expect(await reconcile(media.deps, request())).toMatchObject({
      damaged: [variant],
      missing: [other],
      remade: 2,
      requeued: 0,
    });
    await media.variants();
    expect(server.objects.get(variant)?.body.equals(good ?? Buffer.alloc(0))).toBe(true);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('C13: files of shows that are gone, and files nobody knows, are found; they go after a day', async () => {
    await database.owner(`delete from core.shows where id = '0a000000-0000-4000-8000-000000000002'`);
    const stray = 'images/people/nm1/photos/fandom/abc.jpg';
    server.plant(stray, Buffer.from('x'), { modifiedAt: new Date(0) });
    expect(await reconcile(media.deps, request())).toMatchObject({ strays: 1, unreferenced: 1, deleted: 0 });
    const fresh = 'images/people/nm1/photos/fandom/def.jpg';
    server.plant(fresh, Buffer.from('x'));
    const report = await reconcile(media.deps, request({ now: hoursFromNow(25), force: true }));
    expect(report.found).toContain(stray);
    expect(report.found).not.toContain(fresh);
    expect(server.objects.has(stray)).toBe(false);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('copies of the predecessor stay, and are noticed when they are gone', async () => {
    const old = `images/shows/tt1234567/poster/tmdb/${'a'.repeat(64)}.jpg`;
    server.plant(old, Buffer.from('old'), { modifiedAt: new Date(0) });
    await database.owner(
      'update core.show_images set hosted_key = $2, hosted_sha256 = $3, hosted_bytes = 3 where id = $1',
      [POSTER, old, 'a'.repeat(64)],
    );
    expect(await reconcile(media.deps, request({ now: hoursFromNow(25) }))).toMatchObject({
      missing: [],
      damaged: [],
      strays: 0,
    });
    server.objects.delete(old);
    expect(await reconcile(media.deps, request())).toMatchObject({ missing: [old], requeued: 1 });
    expect(await media.mirror()).toMatchObject({ mirrored: 1 });
  });

  it('a dry run changes nothing', async () => {
    server.objects.delete(await keyOf('/poster.jpg'));
    server.plant('images/shows/x/y.jpg', Buffer.from('x'));
    await database.owner('delete from core.episodes');
    const state = async () =>
      JSON.stringify([
        await database.owner('select * from media.objects order by key'),
        await database.owner('select * from media.strays'),
        await database.owner('select * from media.fetch_state order by 1, 2'),
        [...server.objects.keys()],
      ]);
    const before = await state();
    const report = await reconcile(media.deps, request({ dryRun: true }));
    expect(report).toMatchObject({ strays: 1, unreferenced: 1, deleted: 0 });
    expect(report.missing.length).toBe(1);
    expect(await state()).toBe(before);
  });
});

describe('V3: takedown', () => {
  const target = { contents: [], keys: [], addresses: [], images: [] };
  const why = { reason: 'asked by the photographer', actor: 'test', dryRun: false };

  it('removes row, file, smaller versions and other names, and blocks both address and content', async () => {
    await media.variants();
    const key = await keyOf('/poster.jpg');
    const sha256 = hash('sha256', await pictureFor('/poster.jpg'), 'hex');
    const plan = await takeDown(media.deps, { ...target, images: [`show_images:${POSTER}`] }, { ...why, dryRun: true });
    expect(plan.images).toMatchObject([{ table_name: 'show_images', row_key: POSTER }]);
    expect(server.objects.has(key)).toBe(true);
    const report = await takeDown(media.deps, { ...target, images: [`show_images:${POSTER}`] }, why);
    expect(report).toMatchObject({
      contents: [sha256],
      addresses: ['https://image.tmdb.org/t/p/original/poster.jpg'],
      failed: [],
    });
    expect(report.keys).toContain(`images/shows/tt1234567/poster/tmdb/${sha256}.jpg`);
    expect([...server.objects.keys()].filter((one) => one.includes(sha256))).toEqual([]);
    const [row] = await database.owner(
      'select archived_at is not null as hidden, hosted_key from core.show_images where id = $1',
      [POSTER],
    );
    expect(row).toEqual({ hidden: true, hosted_key: null });
    // By address: the row comes back as a sync would bring it.
    await database.owner('update core.show_images set archived_at = null where id = $1', [POSTER]);
    expect(
      await media.mirror({ force: true, filter: { tables: ['show_images'], showIds: [SHOW], kinds: ['poster'] } }),
    ).toMatchObject({ scanned: 0 });
    // By content: the same picture under another address, at another show.
    simulator.images.set('/copy.jpg', await pictureFor('/poster.jpg'));
    await database.owner(
      `update core.show_images set url = 'https://image.tmdb.org/t/p/original/copy.jpg', file_path = '/copy.jpg' where source_image_id = '/poster2.webp'`,
    );
    expect((await media.mirror()).reasons).toMatchObject({ taken_down: 1 });
    expect([...server.objects.keys()].filter((one) => one.includes(sha256))).toEqual([]);
    simulator.images.set('/copy.jpg', undefined);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('a still, a poster of a season and a logo are set to none by hand, which a sync keeps', async () => {
    const addresses = ['/still.jpg', '/season3.jpg', '/logo-net-60x40.png'].map(
      (path) => `https://image.tmdb.org/t/p/original${path}`,
    );
    const report = await takeDown(media.deps, { ...target, addresses }, why);
    expect(report.images.map(({ table_name: table }) => table)).toEqual(['episodes', 'networks', 'seasons']);
    const [row] = await database.owner(
      `select (select still_path from core.episodes where id = $1) as still, (select tmdb_logo_path from core.networks where id = 123) as logo,
        (select poster_path from core.seasons limit 1) as poster, (select count(*)::int from core.overrides where value = 'null') as overrides`,
      [EPISODE],
    );
    expect(row).toEqual({ still: null, logo: null, poster: null, overrides: 3 });
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('what nobody has yet is blocked all the same; lifting opens it again', async () => {
    const sha256 = hash('sha256', await pictureFor('/later.jpg'), 'hex');
    await takeDown(media.deps, { ...target, contents: [sha256] }, why);
    await database.owner(`update core.episodes set still_path = '/later.jpg'`);
    expect((await media.mirror()).reasons).toMatchObject({ taken_down: 1 });
    expect(await liftTakedown(media.deps, { contents: [sha256], addresses: [] }, false)).toBe(1);
    expect(await media.mirror()).toMatchObject({ mirrored: 1 });
  });
});

describe('V4, C9: accounting and addresses', () => {
  it('V4: images, files and bytes by table and source', async () => {
    await media.variants();
    const { images, totals } = await usage(database.db);
    const posters = images.find((row) => row.table_name === 'show_images' && row.source === 'tmdb');
    expect(posters).toMatchObject({ images: 4, hosted: 4, files: 4 });
    const sizes = [...server.objects].filter(([key]) => !/-\d+\.\w+$/.test(key)).map(([, { body }]) => body.length);
    expect(totals).toMatchObject({
      files: MIRRORED,
      file_bytes: String(sizes.reduce((a, b) => a + b, 0)),
      strays: 0,
      condemned: 0,
    });
    expect(totals.files + totals.variants).toBe(server.objects.size);
    const imdb = images.find((row) => row.table_name === 'show_images' && row.source === 'imdb');
    expect(imdb).toMatchObject({ images: 1, hosted: 0, files: 0, bytes: '0' });
  });

  it('C9: a new base needs no job for the API, and one command for readers of the tables, logos included', async () => {
    const base = 'https://new_cdn%.example.test';
    const tables = ['show_images', 'networks', 'watch_providers', 'episodes'] as const;
    const plan = await rebuildUrls(database.db, { tables, showIds: [], personIds: [], base, batch: 2, dryRun: true });
    expect(plan.map(({ scanned, updated }) => [scanned, updated])).toEqual([
      [4, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    await rebuildUrls(database.db, { tables, showIds: [SHOW], personIds: [], base, batch: 2, dryRun: false });
    const done = await rebuildUrls(database.db, { tables, showIds: [], personIds: [], base, batch: 2, dryRun: false });
    expect(done.map(({ updated }) => updated)).toEqual([1, 1, 1, 0]);
    const [row] = await database.owner('select hosted_logo_url, hosted_logo_key from core.networks where id = 123');
    expect(row?.['hosted_logo_url']).toBe(`${base}/${row?.['hosted_logo_key']}`);
  });
});
