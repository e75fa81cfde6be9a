import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

const SHOWS = 2;
let simulator: Simulator;
let database: TestDatabase;
let trr: Trr;
let folder: string;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 1, castPerShow: 20 }) });
  folder = mkdtempSync(path.join(os.tmpdir(), 'trr-wishes-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await simulator.close();
});

beforeEach(async () => {
  simulator.reset();
  database = await createTestDatabase();
  trr = createTrr(database, simulator, { TRR_NIGHTLY: 'off', LOG_LEVEL: 'warn' });
  await addShows(
    database,
    Array.from({ length: SHOWS }, (_, index) => ({ tmdbId: generatedShowId(index + 1), name: `Show ${index + 1}` })),
  );
  return async () => {
    trr.close();
    await database.drop();
  };
});

const count = async (table: string) =>
  Number((await database.owner(`select count(*)::int as n from ${table}`))[0]?.['n']);

describe('what a person asks of a run beside its stages', () => {
  it.each([[['--local']], [['--queue']]])(
    'limits hold wherever the run is carried out: %j',
    async (where) => {
      expect(await trr.run('sync', ...where, '--galleries', '--limit-cast', '2', '--gallery-limit', '1')).toMatchObject(
        {
          code: 0,
        },
      );
      if (where[0] === '--queue') expect(await trr.run('worker', '--once')).toMatchObject({ code: 0 });
      expect(await database.owner('select status, mode from pipeline.runs')).toEqual([
        { status: 'succeeded', mode: where[0] === '--queue' ? 'workers' : 'process' },
      ]);
      // Pages of people are asked for because of --galleries; photos are those of at most two people for each show, one each.
      expect(simulator.requests().some(({ path: asked }) => asked.includes('/person/'))).toBe(true);
      const photos = await count('core.cast_photos');
      expect(photos).toBeGreaterThan(0);
      expect(photos).toBeLessThanOrEqual(SHOWS * 2);
    },
    60_000,
  );

  it('without limits everybody has photos, and nobody is asked for', async () => {
    await trr.run('sync', '--queue');
    expect(await trr.run('worker', '--once')).toMatchObject({ code: 0 });
    expect(simulator.requests().some(({ path: asked }) => asked.includes('/person/'))).toBe(false);
    expect(await count('core.cast_photos')).toBeGreaterThan(SHOWS * 2);
  }, 60_000);

  it('the stage mirror is carried out by workers when it is named, and only then', async () => {
    await trr.run('sync', '--queue');
    expect(await trr.run('worker', '--once')).toMatchObject({ code: 0 });
    expect(await count(`core.sync_state where table_name = 'mirror'`)).toBe(0);
    await trr.run('sync', 'mirror', '--queue');
    const worker = await trr.run('worker', '--once');
    expect(worker, worker.stderr).toMatchObject({ code: 0 });
    expect(await database.owner('select status, mode from pipeline.runs order by created_at')).toEqual([
      { status: 'succeeded', mode: 'workers' },
      { status: 'succeeded', mode: 'workers' },
    ]);
    expect(await database.owner(`select status from core.sync_state where table_name = 'mirror'`)).toEqual(
      Array.from({ length: SHOWS }, () => ({ status: 'success' })),
    );
    expect(await count('core.show_images where hosted_key is null')).toBe(0);
    const stored = readdirSync(path.join(trr.env['TRR_DATA_DIR'] ?? '', 'media/images'), { recursive: true });
    expect(stored.length).toBeGreaterThan(0);
    // The validators of the first run stand: pictures say nothing about what is stored of the shows.
    expect(await count('pipeline.show_checks')).toBe(SHOWS);
  }, 60_000);

  it('what only this machine has stays here: a sheet in a file is not queued, one at an address is', async () => {
    const sheet = path.join(folder, 'sheet.csv');
    writeFileSync(sheet, 'IMDb Series ID,Override\n');
    expect(await trr.run('sync', 'cast', '--queue', '--imdb-cast-overrides-url', sheet)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--queue cannot hand over an override sheet that is a file of this machine'),
    });
    expect(await trr.run('sync', 'details', '--imdb-cast-overrides-url', sheet)).toMatchObject({ code: 0 });
    const address = 'https://sheets.example.org/pub?output=csv';
    expect(await trr.run('sync', 'cast', '--queue', '--imdb-cast-overrides-url', address)).toMatchObject({ code: 0 });
    expect(await database.owner(`select params ->> 'sheet' as sheet from pipeline.runs order by created_at`)).toEqual([
      { sheet },
      { sheet: address },
    ]);
    expect(
      await trr.run('sync', 'cast', '--queue', '--imdb-cast-overrides-url', 'http://sheets.example.org/'),
    ).toMatchObject({ code: 2, stderr: expect.stringContaining('--imdb-cast-overrides-url must be an https URL') });
  }, 60_000);
});
