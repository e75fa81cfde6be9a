import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mirrorCommand } from '../../src/cli/media/mirror.ts';
import { pruneCommand, reconcileCommand } from '../../src/cli/media/prune.ts';
import { rebuildUrlsCommand } from '../../src/cli/media/rebuild-urls.ts';
import { takedownCommand } from '../../src/cli/media/takedown.ts';
import { createFilesystemStore } from '../../src/media/stores/filesystem.ts';
import { takeDown } from '../../src/media/upkeep/takedown.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createMediaHarness, type MediaHarness, s3Environment, s3Store } from '../helpers/media.ts';
import { writeMark } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { type S3Server, startS3Server } from '../s3/server.ts';
import { generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';
import { BEN, EPISODE, POSTER, SHOW, seedImages } from './catalogue.ts';

/** Every command of `trr media` that writes, with each of its flags in use; `CONTENT` and `KEY` are of a stored file. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  mirror: [
    '',
    '--force',
    '--force --limit 0 --concurrency 2 --verbose --json',
    '--table episodes --table networks --no-variants',
    '--source tmdb --kind poster --force',
    `--show-id ${SHOW} --force`,
    '--imdb-id tt1234567 --force',
    '--tmdb-id 10 --force',
    `--person-id ${BEN} --force`,
    '--imdb-person-id nm11883948 --force',
    '--prune',
  ],
  prune: ['', '--grace-hours 48', '--grace-hours 0 --force', '--verbose --json'],
  reconcile: ['', '--verify', '--grace-hours 0 --force --verify', '--grace-hours 48 --verbose', '--json'],
  takedown: [
    `--image show_images:${POSTER} --reason asked`,
    `--image episodes:${EPISODE} --reason asked --actor somebody --json`,
    '--sha256 CONTENT --reason asked',
    '--key KEY --reason asked',
    '--url https://image.tmdb.org/t/p/original/still.jpg --reason asked',
    '--lift --url https://image.tmdb.org/t/p/original/ben.jpg',
    '--lift --sha256 HIDDEN',
  ],
  'rebuild-urls': [
    '',
    '--table networks --limit 1',
    `--show-id ${SHOW}`,
    '--imdb-id tt1234567 --json',
    '--tmdb-id 10',
    `--person-id ${BEN}`,
    '--imdb-person-id nm11883948',
  ],
};

describe('S6: the table below', () => {
  it.each([
    ['mirror', mirrorCommand],
    ['prune', pruneCommand],
    ['reconcile', reconcileCommand],
    ['takedown', takedownCommand],
    ['rebuild-urls', rebuildUrlsCommand],
  ])('has every flag of %s', (name, command) => {
    const lines = (COMMANDS[name] ?? []).map((line) => `${line} `);
    const flags = Object.entries(command.args as Record<string, { default?: unknown }>).map(
      ([flag, { default: on }]) => (on === true ? `--no-${flag}` : `--${flag}`),
    );
    expect(flags).toContain('--dry-run');
    expect(flags.filter((flag) => flag !== '--dry-run' && !lines.some((line) => line.includes(`${flag} `)))).toEqual(
      [],
    );
  });
});

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }) });
});
afterAll(() => simulator.close());

describe.each(['filesystem', 's3'] as const)(
  'S6: a dry run changes neither rows nor store, and fetches nothing: %s',
  (kind) => {
    let database: TestDatabase;
    let server: S3Server | undefined;
    let trr: Trr;
    let media: MediaHarness;
    let listing: () => string[];
    let words: Readonly<Record<string, string>>;

    /** Something to do for every command: images that are due, files nobody refers to or knows, one missing, one damaged, one taken down. */
    beforeAll(async () => {
      database = await createTestDatabase();
      await seedImages(database);
      server = kind === 's3' ? await startS3Server() : undefined;
      const cdn = 'https://cdn.example.test';
      trr = createTrr(
        database,
        simulator,
        server === undefined ? { AWS_CDN_BASE_URL: cdn } : s3Environment(server, cdn),
      );
      const folder = join(trr.env['TRR_DATA_DIR'] ?? '', 'media');
      media = createMediaHarness(database, simulator.imageBaseUrl, {
        store: server === undefined ? createFilesystemStore(folder) : s3Store(server),
        live: ['tmdb'],
      });
      await media.mirror();
      await media.variants();
      const [still] = await database.owner<{ sha: string; key: string }>(
        `select hosted_sha256 as sha, hosted_key as key from core.episodes`,
      );
      const [ben] = await database.owner<{ sha: string }>(
        `select hosted_sha256 as sha from core.cast_photos where person_id = $1`,
        [BEN],
      );
      words = { CONTENT: still?.sha ?? '', KEY: still?.key ?? '', HIDDEN: ben?.sha ?? '' };
      await takeDown(
        media.deps,
        { contents: [words['HIDDEN'] ?? ''], keys: [], addresses: [], images: [] },
        { reason: 'asked', actor: 'test', dryRun: false },
      );
      await database.owner(`delete from core.season_images;
      insert into core.networks (id, name, tmdb_logo_path) values (500, 'New', '/logo-500-30x30.png')`);
      const [logo, missing] = await database.owner<{ key: string }>(
        `select key from media.objects where content_type = 'image/png' order by key`,
      );
      if (server !== undefined) {
        const { objects } = server;
        server.plant('images/shows/nobody/x.jpg', Buffer.from('x'));
        server.plant(logo?.key ?? '', Buffer.from('rotten'));
        objects.delete(missing?.key ?? '');
        listing = () =>
          [...objects].map(([key, { etag, modifiedAt }]) => `${key} ${etag} ${modifiedAt.getTime()}`).sort();
      } else {
        mkdirSync(join(folder, 'images/shows/nobody'), { recursive: true });
        writeFileSync(join(folder, 'images/shows/nobody/x.jpg'), 'x');
        writeFileSync(join(folder, logo?.key ?? ''), 'rotten');
        rmSync(join(folder, missing?.key ?? ''));
        listing = () =>
          readdirSync(dirname(folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
            .map((path) => `${path} ${hash('md5', readFileSync(path), 'hex')}`)
            .sort();
      }
    });
    afterAll(async () => {
      await media.close();
      trr.close();
      await server?.close();
      await database.drop();
    });

    const state = async () => [await canonicalDump(database.url), await writeMark(database), listing()];

    it.each(Object.entries(COMMANDS))(
      'trr media %s',
      async (command, lines) => {
        simulator.reset();
        const before = await state();
        // What a flag asks for is the same over either store.
        for (const line of kind === 's3' ? lines : lines.slice(0, 2)) {
          const flags = line.split(' ').flatMap((word) => (word === '' ? [] : [words[word] ?? word]));
          const { code, stdout, stderr } = await trr.run('media', command, ...flags, '--dry-run');
          // Too much would go at once: that is said with exit code 1, dry or not.
          const stopped = /stopped: |"stopped":"/.test(stdout);
          expect([line, code, stderr]).toEqual([line, stopped ? 1 : 0, '']);
          expect(await state(), `${command} ${line}`).toEqual(before);
        }
        expect(simulator.counts().total).toBe(0);
      },
      120_000,
    );

    it('trr sync mirror', async () => {
      const before = await state();
      const { code, stderr } = await trr.run('sync', 'mirror', '--dry-run', '--force', '--show-id', SHOW);
      expect([code, stderr]).toEqual([0, '']);
      expect(await state()).toEqual(before);
    });
  },
);
