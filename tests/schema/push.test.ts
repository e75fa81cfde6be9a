import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { differences, lineOf } from '../../src/platform/db/catalogue/compare.ts';
import { factsOf } from '../../src/platform/db/catalogue/facts.ts';
import { readCatalogueOf } from '../../src/platform/db/catalogue/read.ts';
import { readMigrations } from '../../src/platform/db/migrate/files.ts';
import { MIGRATIONS_FOLDER, migrate, SEED_FILE } from '../../src/platform/db/migrate/migrate.ts';
import { readSql } from '../../src/platform/db/sql/run.ts';
import { guardDatabase } from '../../src/platform/db/verify/guard.ts';
import { verifyDatabase } from '../../src/platform/db/verify/verify.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { splitStatements } from '../helpers/sql-statements.ts';

/**
 * `supabase db push` without the tool: it takes `<digits>_<name>.sql` in the order of their names, leaves out the versions in
 * the history, sends each file's statements one by one in a transaction, and adds a row of its own to the history. It runs as
 * `postgres`, which on the hosted platform owns the database and is no superuser.
 */
async function push(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
      alter table supabase_migrations.schema_migrations add column if not exists statements text[];
      alter table supabase_migrations.schema_migrations add column if not exists name text`);
    const { rows } = await client.query('select version from supabase_migrations.schema_migrations order by version');
    const done = new Set(rows.map(({ version }) => version));
    const applied: string[] = [];
    for (const file of (await readdir(MIGRATIONS_FOLDER)).sort()) {
      const [, version = '', name = ''] = /^(\d+)_(.*)\.sql$/.exec(file) ?? [];
      if (version === '' || done.has(version)) continue;
      const statements = splitStatements(await readFile(path.join(MIGRATIONS_FOLDER, file), 'utf8'));
      await client.query('begin');
      for (const statement of statements) {
        await client.query(statement).catch((error: unknown) => {
          throw new Error(`${file}: ${statement.slice(0, 200)}`, { cause: error });
        });
      }
      await client.query(
        'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
        [version, name, statements],
      );
      await client.query('commit');
      applied.push(version);
    }
    return applied;
  } finally {
    await client.end();
  }
}

let hosted: TestDatabase;
let ownerUrl: string;
const owner = `trr_test_owner_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  hosted = await createTestDatabase({ migrated: false });
  const bootstrap = await readFile(path.join(PROJECT_ROOT, 'src/platform/db/bootstrap.sql'), 'utf8');
  await hosted.owner(bootstrap);
  const [{ database } = { database: '' }] = await hosted.owner<{ database: string }>(
    'select current_database() as database',
  );
  await hosted.owner(`
    create role ${owner} login createrole bypassrls password ${pg.escapeLiteral(decodeURIComponent(new URL(hosted.url).password))};
    grant anon, authenticated, service_role, authenticator, trr_reader to ${owner} with admin option;
    alter database "${database}" owner to ${owner};
    grant usage on schema auth to ${owner};
    grant all on auth.users to ${owner} with grant option`);
  const url = new URL(hosted.url);
  url.username = owner;
  ownerUrl = url.toString();
});

afterAll(async () => {
  await hosted.owner(`reassign owned by ${owner} to current_user; drop owned by ${owner}; drop role ${owner}`);
  await hosted.drop();
});

describe('supabase db push', () => {
  it('sees the files in the order trr db migrate takes them', async () => {
    const files = await readMigrations(MIGRATIONS_FOLDER);
    const versions = files.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort());
    expect([...versions].sort((a, b) => Number(a) - Number(b))).toEqual(versions);
    const inDatabase = await hosted.owner<{ version: string }>(
      'select version from unnest($1::text[]) as v (version) order by version',
      [[...versions].reverse()],
    );
    expect(inDatabase.map(({ version }) => version)).toEqual(versions);
  });

  it('ends, as an owner without superuser rights, in the same structure, which trr db migrate finds complete', async () => {
    const fresh = await createTestDatabase();
    try {
      const files = await readMigrations(MIGRATIONS_FOLDER);
      expect(await push(ownerUrl)).toEqual(files.map(({ version }) => version));
      // No hash is recorded yet, and still it is one of ours: no guard may stand in the way.
      expect(await guardDatabase(ownerUrl)).toMatchObject({ status: 'PASS' });
      expect(await migrate({ url: ownerUrl })).toEqual([]);
      const [one, other] = await Promise.all([readCatalogueOf(fresh.url), readCatalogueOf(hosted.url)]);
      expect(differences(factsOf(one, { detail: 'full' }), factsOf(other, { detail: 'full' })).map(lineOf)).toEqual([]);
      const checks = await verifyDatabase({ url: ownerUrl });
      expect(checks.find(({ name }) => name === 'migrations')).toMatchObject({ status: 'PASS' });
    } finally {
      await fresh.drop();
    }
  });

  it('finds nothing to do after trr db migrate', async () => {
    const migrated = await createTestDatabase();
    try {
      expect(await push(migrated.url)).toEqual([]);
    } finally {
      await migrated.drop();
    }
  });

  it('leaves an owner without superuser rights able to read as trr_reader', async () => {
    await hosted.owner('alter role trr_reader nologin');
    expect((await readSql(ownerUrl, 'select session_user::text, count(*)::int from core.shows')).rows).toEqual([
      ['trr_reader', 0],
    ]);
  });

  it('can run the seed, twice', async () => {
    const statements = splitStatements(await readFile(SEED_FILE, 'utf8'));
    expect(statements.length).toBeGreaterThan(5);
    for (const statement of [...statements, ...statements]) await hosted.owner(statement);
    expect(await hosted.owner('select name from core.shows')).toEqual([{ name: 'TRR Sample Show' }]);
  });
});
