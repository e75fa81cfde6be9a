import { hash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecorder } from '../../src/media/mirror/recorder.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createMediaHarness, type MediaHarness, s3Store } from '../helpers/media.ts';
import { startS3Server } from '../s3/server.ts';
import { generatedWorld, pictureFor, type Simulator, startSimulator } from '../simulator/index.ts';
import {
  ANA,
  BEN,
  brokenRows,
  EPISODE,
  FANDOM_PHOTO,
  IMDB_PHOTO,
  imageRows,
  MIRRORED,
  OTHER_SHOW,
  POSTER,
  SEASON,
  SHOW,
  seedImages,
  stateOf,
  TMDB_PHOTO,
} from './catalogue.ts';

let simulator: Simulator;
let database: TestDatabase;
let media: MediaHarness;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }), auth: 'none' });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  database = await createTestDatabase();
  await seedImages(database);
  media = createMediaHarness(database, simulator.imageBaseUrl);
  simulator.reset();
  simulator.setFaults([]);
});
afterEach(async () => {
  await media.close();
  await database.drop();
});

const asked = () => simulator.requests().map(({ path }) => path.replace('/t/p/original', ''));
/** Time passes for everything that waits. */
const later = (interval: string) =>
  database.owner(
    `update media.fetch_state set next_attempt_at = next_attempt_at - $1::interval, last_attempt_at = last_attempt_at - $1::interval`,
    [interval],
  );

describe('mirroring (spec/media.md 5)', () => {
  it('every table: the file is stored once by its content, the row shows it, older keys name it', async () => {
    const summary = await media.mirror();
    expect(summary).toMatchObject({ scanned: MIRRORED, mirrored: MIRRORED, failed: 0, skipped: 2, files: MIRRORED });
    expect(summary.reasons).toEqual({ unlicensed: 2 });
    const rows = await imageRows(database);
    for (const row of rows.filter(({ source_url }) => source_url?.includes('amazon') === false)) {
      expect(row.hosted_key).toBe(
        `images/sha256/${row.hosted_sha256?.slice(0, 2)}/${row.hosted_sha256}${/\.\w+$/.exec(row.hosted_key ?? '')?.[0]}`,
      );
    }
    expect((await media.keys()).length).toBe(MIRRORED);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
    const poster = hash('sha256', await pictureFor('/poster.jpg'), 'hex');
    const [row] = await database.owner('select * from core.show_images where id = $1', [POSTER]);
    expect(row).toMatchObject({
      hosted_key: `images/sha256/${poster.slice(0, 2)}/${poster}.jpg`,
      hosted_sha256: poster,
      hosted_content_type: 'image/jpeg',
      hosted_etag: hash('md5', await pictureFor('/poster.jpg'), 'hex'),
      hosted_bucket: null,
      hosted_url: null,
    });
    expect(Number(row?.['hosted_bytes'])).toBe((await pictureFor('/poster.jpg')).length);
    const [logo] = await database.owner('select * from core.networks where id = 123');
    expect(logo).toMatchObject({ hosted_logo_content_type: 'image/png', logo_path: logo?.['hosted_logo_key'] });
    const [company] = await database.owner('select * from core.production_companies where id = 7');
    expect(company?.['hosted_logo_key']).toMatch(/\.png$/);
    const aliases = await database.owner<{ key: string }>('select key from media.aliases order by key');
    const templates = aliases.map(({ key }) => key.replace(/[0-9a-f]{64}/, 'HASH'));
    expect(templates).toEqual([
      'images/episodes/tt9876543/tmdb/HASH.jpg',
      'images/logos/networks/123/HASH.png',
      'images/logos/production-companies/7/HASH.png',
      'images/logos/watch-providers/9/HASH.png',
      `images/people/${BEN}/photos/tmdb/HASH.jpg`,
      'images/people/nm11883948/photos/fandom/HASH.jpg',
      'images/seasons/tt1234567/season-3/tmdb/HASH.jpg',
      'images/seasons/tt1234567/season-3/tmdb/HASH.jpg',
      `images/shows/${OTHER_SHOW}/poster/tmdb/HASH.webp`,
      'images/shows/tt1234567/backdrop/tmdb/HASH.jpg',
      'images/shows/tt1234567/logo/tmdb/HASH.png',
      'images/shows/tt1234567/poster/tmdb/HASH.jpg',
    ]);
  });

  it('a second run asks for nothing and writes nothing', async () => {
    await media.mirror();
    simulator.reset();
    const before = await database.owner('select xmin::text, * from media.fetch_state order by table_name, row_key');
    expect(await media.mirror()).toMatchObject({ scanned: 0, mirrored: 0, failed: 0 });
    expect(simulator.counts().total).toBe(0);
    expect(await database.owner('select xmin::text, * from media.fetch_state order by table_name, row_key')).toEqual(
      before,
    );
  });

  it('with a base, readers of the tables find a whole address too; a row of the predecessor is left alone', async () => {
    await media.close();
    media = createMediaHarness(database, simulator.imageBaseUrl, { base: 'https://cdn.example.test' });
    await database.owner(
      `update core.show_images set hosted_key = 'images/shows/tt1234567/poster/tmdb/abc.jpg', hosted_url = 'https://old/x', hosted_sha256 = 'abc' where id = $1`,
      [POSTER],
    );
    expect(await media.mirror()).toMatchObject({ mirrored: MIRRORED - 1 });
    const [still] = await database.owner('select hosted_url, hosted_key from core.episodes where id = $1', [EPISODE]);
    expect(still?.['hosted_url']).toBe(`https://cdn.example.test/${still?.['hosted_key']}`);
    const [poster] = await database.owner('select hosted_url from core.show_images where id = $1', [POSTER]);
    expect(poster?.['hosted_url']).toBe('https://old/x');
  });

  it('force fetches again and finds the same', async () => {
    await media.mirror();
    simulator.reset();
    expect(await media.mirror({ force: true })).toMatchObject({ mirrored: MIRRORED, files: 0, failed: 0 });
    expect(simulator.counts().total).toBe(MIRRORED);
    expect((await media.keys()).length).toBe(MIRRORED);
  });

  it('the signal stops it between images, and what was done stays', async () => {
    const stop = new AbortController();
    simulator.setLatency(40);
    setTimeout(() => stop.abort(), 150);
    const summary = await media.mirror({ signal: stop.signal, concurrency: 1 });
    simulator.setLatency(0);
    expect(summary.cancelled).toBe(true);
    expect(summary.mirrored).toBeLessThan(MIRRORED);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
    expect(await media.mirror()).toMatchObject({ mirrored: MIRRORED - summary.mirrored });
  });
});

describe('correctness (spec/media.md 11.2)', () => {
  it('C2: a changed logo path and a changed address lead to the new picture; the old copy is shown until then', async () => {
    await media.mirror();
    const [before] = await database.owner('select hosted_logo_key from core.networks where id = 123');
    await database.owner(`update core.networks set tmdb_logo_path = '/logo-new-60x40.png' where id = 123`);
    await database.owner(
      `update core.show_images set url = 'https://image.tmdb.org/t/p/original/better.jpg', file_path = '/better.jpg' where id = $1`,
      [POSTER],
    );
    simulator.reset();
    expect(await media.mirror()).toMatchObject({ scanned: 2, mirrored: 2 });
    expect(asked().sort()).toEqual(['/better.jpg', '/logo-new-60x40.png']);
    const [after] = await database.owner('select hosted_logo_key from core.networks where id = 123');
    expect(after?.['hosted_logo_key']).not.toBe(before?.['hosted_logo_key']);
    expect(await brokenRows(database, await media.keys())).toEqual([]);
  });

  it('C2: after a month an unchanged picture costs a conditional request, a replaced one is fetched', async () => {
    await media.mirror();
    await later('31 days');
    simulator.images.set('/still.jpg', await pictureFor('/replaced.jpg'));
    simulator.reset();
    expect(await media.mirror()).toMatchObject({ scanned: MIRRORED, unchanged: MIRRORED - 1, mirrored: 1 });
    expect(simulator.counts()).toMatchObject({ conditional: MIRRORED, notModified: MIRRORED - 1 });
    const [still] = await database.owner('select hosted_sha256 from core.episodes where id = $1', [EPISODE]);
    expect(still?.['hosted_sha256']).toBe(hash('sha256', await pictureFor('/replaced.jpg'), 'hex'));
    simulator.images.set('/still.jpg', undefined);
    simulator.reset();
    expect(await media.mirror()).toMatchObject({ scanned: 0 });
  });

  it('C3: 200 dead addresses keep nobody waiting; they are tried less and less, then given up', async () => {
    await database.owner(`delete from core.show_images`);
    await database.owner(
      `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
       select $1, 10, 'tmdb', 'poster', p, 'https://image.tmdb.org/t/p/original' || p, p
       from (select '/dead' || n || '.jpg' as p from generate_series(1, 200) n union all select '/live' || n || '-20x30.jpg' from generate_series(1, 50) n) x`,
      [SHOW],
    );
    for (let n = 1; n <= 200; n++) simulator.images.set(`/dead${n}.jpg`, null);
    const filter = { tables: ['show_images' as const] };
    const first = await media.mirror({ limit: 200, filter });
    const second = await media.mirror({ limit: 200, filter });
    expect(first.scanned).toBe(200);
    expect(first.mirrored + second.mirrored).toBe(50);
    expect(first.failed + second.failed).toBe(200);
    const [dead] =
      await database.owner(`select count(*)::int as n, min(attempts) as attempts, min(next_attempt_at) > now() + interval '14 minutes' as waits
      from media.fetch_state where state = 'failed' and reason = 'not_found'`);
    expect(dead).toEqual({ n: 200, attempts: 1, waits: true });
    expect(await media.mirror({ filter })).toMatchObject({ scanned: 0 });
    await later('1 day');
    await media.mirror({ filter });
    await later('1 day');
    await media.mirror({ filter });
    expect(
      await database.owner(
        `select state, attempts, count(*)::int as n from media.fetch_state where reason is not null and table_name = 'show_images' group by 1, 2`,
      ),
    ).toEqual([{ state: 'gone', attempts: 3, n: 200 }]);
    await later('100 days');
    expect((await media.mirror({ filter })).failed).toBe(0);
    for (let n = 1; n <= 200; n++) simulator.images.set(`/dead${n}.jpg`, undefined);
  });

  it('C3: a host in trouble is tried eight times with longer and longer waits, then left alone; a new address begins anew', async () => {
    simulator.setFaults([{ on: /poster\.jpg/, fault: { kind: 'status', status: 500 } }]);
    const waits: number[] = [];
    for (let n = 1; n <= 8; n++) {
      await media.mirror({ filter: { showIds: [SHOW], kinds: ['poster'], tables: ['show_images'] } });
      const state = await stateOf(database, POSTER);
      expect(state).toMatchObject({
        reason: 'upstream_error',
        attempts: n,
        state: n < 8 ? 'failed' : 'parked',
        detail: 'the answer was 500',
      });
      waits.push(Math.round((Date.parse(String(state?.['next_attempt_at'])) - Date.now()) / 60_000));
      await later('8 days');
    }
    expect(waits.slice(0, 4)).toEqual([15, 60, 240, 960]);
    expect(Math.max(...waits)).toBe(7 * 24 * 60);
    expect(
      await media.mirror({ filter: { tables: ['show_images'], kinds: ['poster'], showIds: [SHOW] } }),
    ).toMatchObject({ scanned: 0 });
    await database.owner(
      `update core.show_images set url = 'https://image.tmdb.org/t/p/original/fresh.jpg', file_path = '/fresh.jpg' where id = $1`,
      [POSTER],
    );
    expect(
      await media.mirror({ filter: { tables: ['show_images'], kinds: ['poster'], showIds: [SHOW] } }),
    ).toMatchObject({ mirrored: 1 });
  });

  it('C4: a filter with one id touches only that show or person', async () => {
    await media.mirror({ filter: { showIds: [OTHER_SHOW] } });
    expect(asked()).toEqual(['/poster2.webp']);
    simulator.reset();
    await media.mirror({ filter: { personIds: [BEN] } });
    expect(asked()).toEqual(['/ben.jpg']);
    simulator.reset();
    await media.mirror({ filter: { sources: ['fandom'] } });
    expect(asked()).toEqual(['/ana1.jpg']);
    simulator.reset();
    await media.mirror({ filter: { tables: ['episodes', 'seasons'] } });
    expect(asked().sort()).toEqual(['/season3.jpg', '/still.jpg']);
  });

  it('C5: a thousand rows over a hundred pictures are a hundred files', async () => {
    await database.owner(
      `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
       select case when n % 2 = 0 then $1::uuid else $2::uuid end, 10, 'tmdb', 'backdrop', '/n' || n, 'https://image.tmdb.org/t/p/original/same' || n || '.jpg', '/same' || n || '.jpg'
       from generate_series(1, 1000) n`,
      [SHOW, OTHER_SHOW],
    );
    const pictures = await Promise.all(Array.from({ length: 100 }, (_, n) => pictureFor(`/picture${n}-20x30.jpg`)));
    for (let n = 1; n <= 1000; n++) simulator.images.set(`/same${n}.jpg`, pictures[n % 100] ?? null);
    const summary = await media.mirror({ filter: { kinds: ['backdrop'], tables: ['show_images'] } });
    expect(summary).toMatchObject({ mirrored: 1001, failed: 0, files: 101 });
    expect((await media.keys()).length).toBe(101);
    const [counted] = await database.owner(
      'select count(*)::int as rows, count(distinct hosted_key)::int as keys from core.show_images where hosted_key is not null',
    );
    expect(counted).toEqual({ rows: 1001, keys: 101 });
    for (let n = 1; n <= 1000; n++) simulator.images.set(`/same${n}.jpg`, undefined);
  });

  it('C8: a cut download is not stored and tried again', async () => {
    const whole = await pictureFor('/still.jpg');
    simulator.images.set('/still.jpg', whole.subarray(0, whole.length >> 1));
    simulator.setFaults([{ on: /ben\.jpg/, times: 1, fault: { kind: 'truncated' } }]);
    expect(await media.mirror()).toMatchObject({ failed: 2, mirrored: MIRRORED - 2 });
    expect(await stateOf(database, EPISODE)).toMatchObject({ state: 'failed', reason: 'truncated' });
    expect(await stateOf(database, TMDB_PHOTO)).toMatchObject({ state: 'failed', reason: 'network' });
    simulator.images.set('/still.jpg', undefined);
    await later('20 minutes');
    expect(await media.mirror()).toMatchObject({ mirrored: 2, failed: 0 });
  });

  it('C10: the real size is kept beside the claimed one, and a difference is flagged', async () => {
    await media.mirror();
    expect(await stateOf(database, POSTER)).toMatchObject({
      claimed_width: 240,
      claimed_height: 360,
      size_differs: false,
    });
    const [backdrop] = await database.owner(
      `select s.size_differs, o.width, o.height, o.bytes > 0 as sized, o.content_type from core.show_images i join media.fetch_state s on s.row_key = i.id::text
       join media.objects o on o.sha256 = i.hosted_sha256 where i.kind = 'backdrop'`,
    );
    expect(backdrop).toEqual({ size_differs: true, width: 640, height: 360, sized: true, content_type: 'image/jpeg' });
    const [unclaimed] = await database.owner(
      `select s.size_differs from core.show_images i join media.fetch_state s on s.row_key = i.id::text where i.kind = 'logo'`,
    );
    expect(unclaimed).toEqual({ size_differs: null });
  });

  it('C11: near-duplicates of one person are grouped; the best is chosen by size, bytes, source', async () => {
    const picture = await pictureFor('/ana1.jpg');
    const large = await sharp(picture).resize(480).jpeg().toBuffer();
    const small = await sharp(picture).resize(120).webp().toBuffer();
    simulator.images.set('/ana-large.jpg', large);
    simulator.images.set('/ana-small.webp', small);
    await database.owner(
      `insert into core.cast_photos (person_id, source, source_image_id, url) values
        ($1, 'tmdb', '/ana-large.jpg', 'https://image.tmdb.org/t/p/original/ana-large.jpg'),
        ($1, 'tmdb', '/ana-small.webp', 'https://image.tmdb.org/t/p/original/ana-small.webp'),
        ($1, 'tmdb', '/ana-other.jpg', 'https://image.tmdb.org/t/p/original/ana-other.jpg')`,
      [ANA],
    );
    await media.mirror();
    const groups = await database.owner(
      `select c.url, b.url as best from core.cast_photos c left join media.lookalikes l on l.row_key = c.id::text
       left join core.cast_photos b on b.id::text = l.best_key where c.person_id = $1 and c.hosted_key is not null order by c.url`,
      [ANA],
    );
    const best = 'https://image.tmdb.org/t/p/original/ana-large.jpg';
    expect(groups).toEqual([
      { url: best, best: null },
      { url: 'https://image.tmdb.org/t/p/original/ana-other.jpg', best: null },
      { url: 'https://image.tmdb.org/t/p/original/ana-small.webp', best },
      { url: 'https://static.wikia.nocookie.net/ana1.jpg', best },
    ]);
  });

  it('C11: the same address by both ways of writing photos is one row', async () => {
    const photo = {
      person_id: BEN,
      source: 'fandom',
      url: 'https://static.wikia.nocookie.net/Ben_S1.JPG',
      image_url_canonical: 'https://static.wikia.nocookie.net/Ben_S1.JPG',
    };
    await database.owner('select * from core.upsert_cast_photos_by_canonical($1::jsonb)', [
      JSON.stringify([{ ...photo, source_image_id: 'fandom-person-1' }]),
    ]);
    await database.owner('select * from core.upsert_cast_photos_by_identity($1::jsonb)', [
      JSON.stringify([{ ...photo, source_image_id: 'fandom-person-1' }]),
    ]);
    await database.owner('select * from core.upsert_cast_photos_by_canonical($1::jsonb)', [
      JSON.stringify([{ ...photo, source_image_id: 'fandom-gallery-1' }]),
    ]);
    const rows = await database.owner(`select url from core.cast_photos where person_id = $1 and source = 'fandom'`, [
      BEN,
    ]);
    expect(rows).toEqual([{ url: photo.url }]);
  });

  it('C6: of two runs at once each file goes to the store once, and the rows are right', async () => {
    const server = await startS3Server();
    const [one, two] = [0, 1].map(() =>
      createMediaHarness(database, simulator.imageBaseUrl, { store: s3Store(server) }),
    );
    const summaries = await Promise.all([one?.mirror(), two?.mirror()]);
    expect(summaries.map((summary) => summary?.reasons)).toEqual([{ unlicensed: 2 }, { unlicensed: 2 }]);
    const puts = server.requests.filter(({ operation, status }) => operation === 'PutObject' && status === 200);
    expect(puts.length).toBe(MIRRORED);
    expect(new Set(puts.map(({ key }) => key)).size).toBe(MIRRORED);
    expect(await brokenRows(database, [...server.objects.keys()])).toEqual([]);
    await one?.close();
    await two?.close();
    await server.close();
  });
});

describe('V5: stills and main posters', () => {
  it('have copies, under the reserved template too', async () => {
    await media.mirror();
    const still = hash('sha256', await pictureFor('/still.jpg'), 'hex');
    const [alias] = await database.owner('select sha256 from media.aliases where key = $1', [
      `images/episodes/tt9876543/tmdb/${still}.jpg`,
    ]);
    expect(alias).toEqual({ sha256: still });
    const [season] = await database.owner('select hosted_sha256 from core.seasons where id = $1', [SEASON]);
    expect(season).toEqual({ hosted_sha256: hash('sha256', await pictureFor('/season3.jpg'), 'hex') });
  });
});

describe('V1: every skip and failure has a reason', () => {
  it('and can be asked for', async () => {
    await database.owner(`update core.seasons set provenance = '{"poster_path":{"licence":"secret"}}'`);
    simulator.images.set('/still.jpg', Buffer.from('<html>'));
    simulator.images.set('/ben.jpg', null);
    const own = createMediaHarness(database, simulator.imageBaseUrl, { live: ['tmdb'] });
    await database.owner(
      `update core.show_images set url = 'https://evil.example/x.jpg', file_path = ' ' where id = $1`,
      [POSTER],
    );
    const summary = await own.mirror();
    await own.close();
    expect(summary.reasons).toEqual({
      unlicensed: 3,
      source_off: 1,
      not_an_image: 1,
      not_found: 1,
      host_not_allowed: 1,
    });
    const states = await database.owner(`select row_key, state, reason from media.fetch_state where state <> 'stored'`);
    const byRow = Object.fromEntries(states.map((row) => [row['row_key'], `${row['state']} ${row['reason']}`]));
    expect(byRow).toMatchObject({
      [SEASON]: 'skipped unlicensed',
      [IMDB_PHOTO]: 'skipped unlicensed',
      [FANDOM_PHOTO]: 'skipped source_off',
      [EPISODE]: 'refused not_an_image',
      [TMDB_PHOTO]: 'failed not_found',
      [POSTER]: 'refused host_not_allowed',
    });
    simulator.images.set('/still.jpg', undefined);
    simulator.images.set('/ben.jpg', undefined);
  });

  it('what was switched off is taken up when it is switched on', async () => {
    const own = createMediaHarness(database, simulator.imageBaseUrl, { live: ['tmdb'] });
    await own.mirror();
    await own.close();
    expect(await stateOf(database, FANDOM_PHOTO)).toMatchObject({ state: 'skipped' });
    await media.mirror();
    expect(await stateOf(database, FANDOM_PHOTO)).toMatchObject({ state: 'stored', reason: null });
  });

  it('a host that refuses is left alone after three refusals in a row, and nothing is held against the others', async () => {
    simulator.setFaults([{ on: '/t/p/original/{file}', fault: { kind: 'status', status: 403 } }]);
    const summary = await media.mirror({ concurrency: 1 });
    // Three of TMDb's, and Fandom's one.
    expect(simulator.counts().total).toBe(4);
    expect(summary.reasons).toEqual({ unlicensed: 2, host_stopped: MIRRORED - 4, forbidden: 4 });
    const [untried] = await database.owner(
      `select count(*)::int as n from media.fetch_state where reason = 'host_stopped'`,
    );
    expect(untried).toEqual({ n: 0 });
  });

  it('a host that asks for patience gets it', async () => {
    simulator.setFaults([{ on: /still\.jpg/, fault: { kind: 'status', status: 429, retryAfter: 7200 } }]);
    await media.mirror();
    const state = await stateOf(database, EPISODE);
    expect(state).toMatchObject({ reason: 'rate_limited' });
    expect(Date.parse(String(state?.['next_attempt_at'])) - Date.now()).toBeGreaterThan(7_000_000);
  });
});

it('P1: a host never has more requests than half of those in flight', async () => {
  await database.owner('delete from core.show_images');
  await database.owner(
    `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
     select $1, 10, 'tmdb', 'poster', p, 'https://image.tmdb.org/t/p/original' || p, p from generate_series(1, 300) n, lateral (select '/many' || n || '-20x30.jpg' as p) x`,
    [SHOW],
  );
  simulator.setLatency(30);
  const summary = await media.mirror({ filter: { tables: ['show_images'] }, concurrency: 24 });
  simulator.setLatency(0);
  expect(summary).toMatchObject({ mirrored: 300, failed: 0 });
  const { inFlightHighWater } = simulator.counts();
  expect(inFlightHighWater).toBeLessThanOrEqual(12);
  expect(inFlightHighWater).toBeGreaterThan(1);
});

it('P5: a hundred images are one statement', async () => {
  await database.owner('delete from core.show_images; delete from media.fetch_state');
  const rows = await database.owner<{ id: string; url: string }>(
    `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
     select $1, 10, 'tmdb', 'poster', p, 'https://image.tmdb.org/t/p/original' || p, p from generate_series(1, 250) n, lateral (select '/gone' || n || '.jpg' as p) x
     returning id, url`,
    [SHOW],
  );
  const recorder = createRecorder(database.db, null, null);
  const verdicts = rows.map(({ id, url }) =>
    recorder.add({
      table: 'show_images',
      rowKey: id,
      sourceUrl: url,
      state: 'failed',
      reason: 'not_found',
      detail: null,
      waitSeconds: 900,
      etag: null,
      lastModified: null,
      claimed: { width: null, height: null },
      file: null,
      sha256: null,
    }),
  );
  await recorder.flush();
  expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['failed']));
  const [written] = await database.owner(
    'select count(*)::int as images, count(distinct xmin::text)::int as transactions from media.fetch_state',
  );
  expect(written).toEqual({ images: 250, transactions: 3 });
});
