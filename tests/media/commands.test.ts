import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { s3Environment } from '../helpers/media.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { type S3Server, startS3Server } from '../s3/server.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';
import { EPISODE, MIRRORED, POSTER, SHOW, seedImages } from './catalogue.ts';

/** What Fandom and IMDb would answer is not asked for here: only TMDb is live. */
const OF_TMDB = MIRRORED - 1;

let simulator: Simulator;
let server: S3Server;
let database: TestDatabase;
let trr: Trr;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }) });
  server = await startS3Server();
  database = await createTestDatabase();
  await seedImages(database);
  trr = createTrr(database, simulator, s3Environment(server));
});
afterAll(async () => {
  trr.close();
  await database.drop();
  await server.close();
  await simulator.close();
});

const lines = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('trr media', () => {
  it('S6: a dry run says what would be mirrored', async () => {
    const { code, stdout } = await trr.run('media', 'mirror', '--dry-run', '--json', '--prune');
    expect(code).toBe(0);
    expect(lines(stdout).at(-2)).toMatchObject({ event: 'mirror', dry_run: true, planned: OF_TMDB, mirrored: 0 });
    expect(simulator.counts().total).toBe(0);
    expect(server.requests.filter(({ operation }) => operation !== 'ListObjectsV2')).toEqual([]);
  });

  it('C4: an id nobody has is misuse and touches nobody', async () => {
    for (const flag of [
      ['--imdb-id', 'tt404'],
      ['--show-id', POSTER],
      ['--tmdb-id', '404'],
      ['--imdb-person-id', 'nm404'],
      ['--person-id', POSTER],
    ]) {
      const { code, stderr } = await trr.run('media', 'mirror', ...flag);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/no stored (show|person) has/)]);
    }
    expect(simulator.counts().total).toBe(0);
  });

  it('V6, P2: mirrors into a bucket: one request per new file, none for what is known; exit 0', async () => {
    const { code, stdout, stderr } = await trr.run('media', 'mirror', '--no-variants', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout).at(-1)).toMatchObject({ mirrored: OF_TMDB, failed: 0, files: OF_TMDB });
    expect(server.count('PutObject')).toBe(OF_TMDB);
    expect(server.requests.filter(({ operation }) => !['PutObject', 'ListObjectsV2'].includes(operation))).toEqual([]);
    const before = server.requests.length;
    expect((await trr.run('media', 'mirror', '--no-variants', '--force')).code).toBe(0);
    expect(server.requests.length).toBe(before);
  });

  it('P3: smaller versions are made once', async () => {
    expect((await trr.run('media', 'mirror')).code).toBe(0);
    const files = server.objects.size;
    expect(files).toBeGreaterThan(OF_TMDB * 3);
    const before = server.requests.length;
    expect((await trr.run('media', 'mirror')).code).toBe(0);
    expect(server.requests.length).toBe(before);
  });

  it('V1, V4: usage says what is stored and why the rest is not', async () => {
    const said = JSON.parse((await trr.run('media', 'usage', '--json')).stdout) as {
      states: Record<string, unknown>[];
      totals: Record<string, unknown>;
    };
    expect(said.totals).toMatchObject({ files: OF_TMDB });
    expect(said.states).toContainEqual(
      expect.objectContaining({ table_name: 'cast_photos', state: 'skipped', reason: 'unlicensed', images: 1 }),
    );
    expect(said.states).toContainEqual(
      expect.objectContaining({ table_name: 'cast_photos', state: 'skipped', reason: 'source_off', images: 1 }),
    );
    expect((await trr.run('media', 'usage')).stdout).toContain('skipped (source_off): 1');
  });

  it('C9, V2: rebuild-urls, prune and reconcile say what they did', async () => {
    await database.owner('delete from core.season_images');
    server.plant('images/shows/nobody/x.jpg', Buffer.from('x'));
    server.objects.delete([...server.objects.keys()].find((key) => /\/[0-9a-f]{64}\.png$/.test(key)) ?? '');
    const other = createTrr(database, simulator, s3Environment(server, 'https://other.example.test'));
    const rebuilt = lines((await other.run('media', 'rebuild-urls', '--json')).stdout);
    expect(rebuilt.find(({ table }) => table === 'networks')).toMatchObject({ scanned: 1, updated: 1 });
    other.close();
    const found = await trr.run('media', 'reconcile', '--json');
    expect(found.code).toBe(0);
    expect(lines(found.stdout)[0]).toMatchObject({
      event: 'reconcile',
      strays: 1,
      unreferenced: 1,
      deleted: 0,
      requeued: 1,
    });
    expect((await trr.run('media', 'prune', '--grace-hours', '1')).code).toBe(2);
    server.setFaults([{ on: 'DeleteObjects:key', key: /nobody/, fault: { status: 403, code: 'AccessDenied' } }]);
    const kept = await trr.run('media', 'prune', '--grace-hours', '0', '--force', '--json');
    server.setFaults([]);
    expect(kept.code).toBe(1);
    expect(lines(kept.stdout)[0]).toMatchObject({
      failed: [{ key: 'images/shows/nobody/x.jpg', error: expect.stringContaining('AccessDenied') }],
    });
    expect((await trr.run('media', 'prune')).code).toBe(0);
    expect(server.objects.has('images/shows/nobody/x.jpg')).toBe(false);
  });

  it('V3: takedown names what caches may still hold', async () => {
    const still = ['--image', `episodes:${EPISODE}`, '--reason', 'asked'];
    // The file and four smaller versions; its older name is no file.
    const dry = await trr.run('media', 'takedown', ...still, '--dry-run');
    expect(dry.stdout).toContain('5 files would be deleted');
    const { code, stdout } = await trr.run('media', 'takedown', ...still, '--json');
    expect(code).toBe(0);
    expect(lines(stdout)[0]).toMatchObject({
      images: [{ table_name: 'episodes', row_key: EPISODE }],
      files: 5,
      deleted: 5,
      purge: expect.arrayContaining([
        expect.stringMatching(/^https:\/\/cdn\.example\.test\/images\/episodes\/tt9876543\//),
      ]),
    });
    expect(
      (await trr.run('media', 'takedown', '--lift', '--url', 'https://image.tmdb.org/t/p/original/still.jpg')).stdout,
    ).toContain('lifted 1');
  });

  it('V1: 3 when some images failed, 1 when all did', async () => {
    simulator.images.set('/poster.jpg', null);
    const poster = ['media', 'mirror', '--force', '--no-variants', '--table', 'show_images'];
    expect((await trr.run(...poster)).code).toBe(3);
    expect((await trr.run(...poster, '--show-id', SHOW, '--kind', 'poster')).code).toBe(1);
    simulator.images.set('/poster.jpg', undefined);
  });

  it('the store refused: images wait, the command says so', async () => {
    await database.owner(
      `insert into core.networks (id, name, tmdb_logo_path) values (500, 'New', '/logo-500-30x30.png')`,
    );
    server.setFaults([{ on: 'PutObject', fault: { status: 403, code: 'AccessDenied' } }]);
    const { code, stdout } = await trr.run('media', 'mirror', '--table', 'networks', '--no-variants');
    server.setFaults([]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('store_error')]);
  });

  it.each([
    [['mirror', '--limit', 'x'], '--limit'],
    [['mirror', '--source', 'flickr'], '--source'],
    [['mirror', '--table', 'cats'], '--table'],
    [['mirror', '--kind', 'cats'], '--kind'],
    [['mirror', '--show-id', 'one'], '--show-id'],
    [['mirror', '--imdb-person-id', 'tt1'], '--imdb-person-id'],
    [['mirror', '--unknown'], '--unknown'],
    [['prune', '--grace-hours', '-1'], '--grace-hours'],
    [['takedown', '--sha256', 'abc', '--reason', 'x'], '--sha256'],
    [['takedown', '--key', '../etc/passwd', '--reason', 'x'], '--key'],
    [['takedown', '--url', 'x', '--reason', 'x'], '--url'],
    [['takedown', '--image', 'cats:1', '--reason', 'x'], '--image'],
    [['takedown', '--reason', 'x'], 'name what is to go'],
    [['takedown', '--url', 'https://x/y'], '--reason'],
    [['nonsense'], 'nonsense'],
  ])('misuse: %j', async (command, named) => {
    const { code, stderr } = await trr.run('media', ...command);
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toContain(named);
  });
});

it('V6: without a bucket images are kept in a folder, and served', async () => {
  const own = await createTestDatabase();
  await seedImages(own);
  const program = createTrr(own, simulator);
  const { code, stdout } = await program.run('media', 'mirror', '--no-variants');
  expect([code, stdout]).toEqual([0, expect.stringContaining(`mirrored ${OF_TMDB}`)]);
  const files = readdirSync(path.join(program.env['TRR_DATA_DIR'] ?? '', 'media/images'), {
    recursive: true,
    withFileTypes: true,
  });
  expect(files.filter((entry) => entry.isFile()).length).toBe(OF_TMDB);
  program.close();
  await own.drop();
});

it('V5: trr sync mirror: a stage like others, only when named; stills and main posters get copies too', async () => {
  const own = await createTestDatabase();
  const program = createTrr(own, simulator);
  simulator.reset();
  expect((await program.run('import', '--tmdb-id', String(generatedShowId(1)))).code).toBe(0);
  expect(simulator.counts().byTemplate['/t/p/original/{file}'] ?? 0).toBe(0);
  const { code, stdout } = await program.run('sync', 'mirror');
  expect([code, stdout]).toEqual([0, expect.stringContaining('1')]);
  const [state] = await own.owner(
    `select status, (select count(*)::int from core.show_images where hosted_key is null) as left from core.sync_state where table_name = 'mirror'`,
  );
  expect(state).toEqual({ status: 'success', left: 0 });
  const [pictures] = await own.owner(
    `select count(*)::int as stills, count(e.hosted_key)::int as hosted,
       count(*) filter (where exists (select from media.aliases a where a.sha256 = e.hosted_sha256 and a.key like 'images/episodes/%'))::int as named,
       (select count(*)::int from core.seasons where poster_path is not null and hosted_key is null) as posters_left
     from core.episodes e where e.still_path is not null`,
  );
  expect(pictures?.['stills']).toBeGreaterThan(0);
  const { stills } = pictures ?? {};
  expect(pictures).toEqual({ stills, hosted: stills, named: stills, posters_left: 0 });
  expect((await program.run('sync', 'mirror', '--offline', '--snapshots', '/nowhere')).code).toBe(2);
  program.close();
  await own.drop();
});
