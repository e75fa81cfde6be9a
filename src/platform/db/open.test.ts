import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { NO_LIMITS } from '../config/limits.ts';
import { DEFAULT_REALTIME } from '../config/realtime.ts';
import type { Config } from '../config/types.ts';
import { stopEmbedded } from './embedded/index.ts';
import { diagnoseDatabase, openDatabase } from './open.ts';
import { withOwner } from './owner.ts';
import { withDatabase } from './url.ts';

let folder: string;
let base: TestDatabase;
let empty: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'trr-open-'));
  await chmod(folder, 0o711); // a closed folder would send root's data to the system folder
  base = await createTestDatabase();
  empty = await createTestDatabase({ migrated: false });
});
afterAll(async () => {
  await stopEmbedded({ dataDir: path.join(folder, '.trr') });
  await rm(folder, { recursive: true });
  await Promise.all([base.drop(), empty.drop()]);
});

/** The parts of the configuration that the database reads. */
function configured(database: Config['database']): Config {
  return {
    dataDir: path.join(folder, '.trr'),
    database,
    auth: { supabase: null, issuers: [], internalSecrets: [], secret: null },
    limits: NO_LIMITS,
    realtime: DEFAULT_REALTIME,
    server: { host: '127.0.0.1', port: 0, publicUrl: null, trustProxy: [], corsAllowOrigins: null },
    tmdb: { bearer: null, apiKey: null, rate: 1, apiBaseUrl: '', imageBaseUrl: '', listIds: [] },
    imdbDatasets: { baseUrl: '', folder: null },
    imdb: { baseUrl: null, extraHeaders: {}, listUrl: null, queryHashes: {} },
    fandom: { wikis: [], baseUrl: null },
    sheet: null,
    sources: { live: new Set(), publishLicences: new Set(), contactUrl: null },
    media: { s3: null, folder: '/nowhere', cdnBaseUrl: null },
    pipeline: { nightly: null, keepRunsDays: 0, keepChangesDays: 0 },
    logLevel: 'silent',
    production: false,
  };
}

const given = (url: string) => configured({ kind: 'url', url, variable: 'DATABASE_URL', poolMax: 4 });
const applicationName = 'trr test';

test('without a URL the embedded database appears, migrated, and is found again', async () => {
  const config = configured({ kind: 'embedded', poolMax: 4 });
  const seen: string[] = [];
  const first = await openDatabase(config, { applicationName, onMigration: (file) => seen.push(file.version) });
  expect(first.embedded).toBe(true);
  expect(seen.length).toBeGreaterThan(5);
  expect(await first.db.asService('look', (tx) => tx.raw('select count(*) as n from core.shows'))).toHaveLength(1);
  await first.close();
  const diagnosis = await diagnoseDatabase(config);
  expect(diagnosis).toMatchObject({ embedded: true, server: { major: 18, database: 'trr' } });
  expect(diagnosis.migrations).toEqual({
    applied: seen.length,
    latest: seen.at(-1),
    pending: [],
    unknown: [],
    changed: [],
    gaps: [],
  });
});

test('a new password of the embedded database is enough for the pools too', async () => {
  const config = configured({ kind: 'embedded', poolMax: 4 });
  const first = await openDatabase(config, { applicationName });
  await withOwner(first.ownerUrl, (client) => client.query("alter role postgres password 'another'"));
  await writeFile(path.join(folder, '.trr', 'postgres', 'cluster', 'password'), 'another\n');
  await first.close();
  const second = await openDatabase(config, { applicationName });
  expect(await second.db.public.raw('select 1 as one')).toEqual([{ one: 1 }]);
  await second.close();
});

test("a migrated database of somebody else's is used as it is", async () => {
  const opened = await openDatabase(given(base.url), { applicationName });
  expect(opened).toMatchObject({ embedded: false, ownerUrl: base.url });
  expect(await opened.db.public.raw('select current_user::text as who')).toEqual([{ who: 'anon' }]);
  await opened.close();
});

test("an empty database of somebody else's is not touched unless asked", async () => {
  const config = given(empty.url);
  await expect(openDatabase(config, { applicationName })).rejects.toMatchObject({ reason: 'pending' });
  const before = await diagnoseDatabase(config);
  expect(before.migrations.applied).toBe(0);
  expect(await empty.owner("select to_regnamespace('core') as core")).toEqual([{ core: null }]);
  await (await openDatabase(config, { applicationName, migrate: true })).close();
  expect((await diagnoseDatabase(config)).migrations.pending).toEqual([]);
});

test('a database newer than the program is refused, migrating or not', async () => {
  await base.owner("insert into supabase_migrations.schema_migrations values ('9999', '{}', 'future')");
  for (const migrate of [true, false]) {
    await expect(openDatabase(given(base.url), { applicationName, migrate })).rejects.toMatchObject({
      reason: 'newer',
      versions: ['9999'],
    });
  }
  expect((await diagnoseDatabase(given(base.url))).migrations.unknown).toEqual(['9999']);
});

test('a wrong database is one typed error', async () => {
  const config = given(withDatabase(base.url, 'nowhere'));
  await expect(openDatabase(config, { applicationName })).rejects.toMatchObject({ reason: 'no_database' });
});
