import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/helpers/database.ts';
import { readMigrations } from './files.ts';
import { migrate, migrationState } from './migrate.ts';
import { MigrationRefused } from './refused.ts';
import { resetDatabase, seedDatabase } from './reset.ts';

let base: TestDatabase;
let folder: string;

beforeEach(async () => {
  base = await createTestDatabase({ migrated: false });
  folder = await mkdtemp(path.join(os.tmpdir(), 'trr-migrations-'));
  await put('0001_first.sql', 'create schema core; create table core.things (id int primary key);');
  await put('0002_second.sql', 'alter table core.things add name text;');
});
afterEach(async () => {
  await base.drop();
  await rm(folder, { recursive: true });
});

const put = (name: string, text: string) => writeFile(path.join(folder, name), text);
const run = () => migrate({ url: base.url, folder });
const versions = async () =>
  (await base.owner('select version from supabase_migrations.schema_migrations order by 1')).map((row) => row.version);

/** The refusal of a run that must not succeed. */
async function refused(): Promise<MigrationRefused> {
  const error: unknown = await run().catch((thrown: unknown) => thrown);
  if (!(error instanceof MigrationRefused)) throw new Error(`not refused: ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error;
}

describe('migrate', () => {
  test('applies what is missing, in order, once, and records it as the platform does', async () => {
    expect(await run()).toEqual(['0001', '0002']);
    expect(await run()).toEqual([]);
    await put('0052_third.sql', 'create table core.others (id int);');
    expect(await run()).toEqual(['0052']);
    const rows = await base.owner('select * from supabase_migrations.schema_migrations order by version limit 1');
    const text = 'create schema core; create table core.things (id int primary key);';
    expect(rows).toEqual([{ version: '0001', statements: [text], name: 'first' }]);
  });

  test('makes the platform roles and auth functions first', async () => {
    await put(
      '0003_uses_auth.sql',
      'create table core.owned (id uuid references auth.users, by uuid default auth.uid());',
    );
    await run();
    const who = 'select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt';
    expect(await base.owner(who)).toEqual([{ uid: null, role: null, jwt: null }]);
    const claims = { sub: '00000000-0000-4000-8000-00000000000a', role: 'authenticated' as const };
    expect(await base.db.asUser(claims, (tx) => tx.raw(who))).toEqual([
      { uid: claims.sub, role: 'authenticated', jwt: claims },
    ]);
    // On that same connection the setting is now empty instead of null.
    expect(
      await base.db.asService('x', (tx) => tx.raw("select set_config('request.jwt.claims', '', true), auth.uid()")),
    ).toEqual([{ set_config: '', uid: null }]);
  });

  test("leaves the platform's own auth schema alone", async () => {
    await base.owner("create schema auth; create function auth.uid() returns uuid language sql as 'select null::uuid'");
    await run();
    expect(await base.owner("select to_regclass('auth.users') as users")).toEqual([{ users: null }]);
  });

  test('a failing file leaves nothing of itself and keeps those before it', async () => {
    await put('0003_bad.sql', 'create table core.half (id int);\nselect 1;\ninsert into core.nowhere values (1);\n');
    const error = await refused();
    expect(error).toMatchObject({ reason: 'failed', versions: ['0003'] });
    expect(error.message).toBe(
      'migration 0003_bad.sql failed at line 3: relation "core.nowhere" does not exist (42P01)',
    );
    expect(await versions()).toEqual(['0001', '0002']);
    expect(await base.owner("select to_regclass('core.half') as half")).toEqual([{ half: null }]);
    await put('0003_bad.sql', 'create table core.half (id int);');
    expect(await run()).toEqual(['0003']);
  });

  test('settings of one file do not reach the next', async () => {
    await put('0003_sets.sql', "set search_path = core; set role anon; set statement_timeout = '7s';");
    await put(
      '0004_after.sql',
      "create table public.made as select current_setting('search_path') as path, current_user::text as who, current_setting('statement_timeout') as ms;",
    );
    await run();
    expect(await base.owner('select * from public.made')).toEqual([
      { path: '"$user", public', who: 'postgres', ms: '10min' },
    ]);
  });

  test('several migrators at once: one applies, the others find it done', async () => {
    await put('0003_slow.sql', 'select pg_sleep(0.2);');
    const results = await Promise.all([run(), run(), run(), run()]);
    expect(results.filter((applied) => applied.length > 0)).toEqual([['0001', '0002', '0003']]);
  });

  test('refuses schemas of our names made by something else, and leaves nothing of its own there', async () => {
    await base.owner('create schema core; create table core.shows (x int)');
    const before = await base.owner('select nspname from pg_namespace order by 1');
    expect(await refused()).toMatchObject({ reason: 'foreign', message: expect.stringContaining('core') });
    expect(await base.owner('select nspname from pg_namespace order by 1')).toEqual(before);
  });

  test('a user without the rights it needs is told which, before the first file', async () => {
    await run();
    const name = `owner_${process.pid}`;
    await base.owner(`create role ${name} login password 'p'; grant create on database ${new URL(base.url).pathname.slice(1)} to ${name};
      drop schema core, supabase_migrations cascade`);
    const url = new URL(base.url);
    [url.username, url.password] = [name, 'p'];
    try {
      const refusal: unknown = await migrate({ url: url.toString(), folder }).catch((thrown: unknown) => thrown);
      if (!(refusal instanceof MigrationRefused)) throw new Error(`not refused: ${String(refusal)}`);
      const [, statements = ''] = /administrator run (.*)$/.exec(refusal.message) ?? [];
      expect(statements.split('; ')).toHaveLength(3);
      await base.owner(statements);
      expect(await migrate({ url: url.toString(), folder })).toEqual(['0001', '0002']);
    } finally {
      await base.owner(`drop owned by ${name}; drop role ${name}`);
    }
  });

  test('waits for another migrator only so long', async () => {
    await base.db.asService('warm', (tx) => tx.raw('select 1'));
    const [{ held } = {}] = await base.owner<{ held: boolean }>('select pg_try_advisory_lock(7461882) as held');
    expect(held).toBe(true);
    await expect(migrate({ url: base.url, folder, waitMs: 100 })).rejects.toMatchObject({ reason: 'busy' });
  });
});

describe('migrate refuses', () => {
  beforeEach(() => run());

  test('a database newer than the program', async () => {
    await base.owner(
      "insert into supabase_migrations.schema_migrations values ('0098', '{}', 'x'), ('0099', '{}', 'y')",
    );
    const error = await refused();
    expect(error).toMatchObject({ reason: 'newer', versions: ['0098', '0099'] });
    expect(error.message).toMatch(/newer than this program.*0098, 0099/);
  });

  test("the predecessor's database, and says how to adopt it", async () => {
    await base.owner("insert into supabase_migrations.schema_migrations values ('0021', '{}', 'x')");
    expect((await refused()).message).toMatch(/trr db adopt/);
  });

  test('a file that changed after it was applied, but not its line ends', async () => {
    await put('0002_second.sql', 'alter table core.things add title text;');
    expect(await refused()).toMatchObject({ reason: 'changed', versions: ['0002'] });
    await put('0002_second.sql', 'alter table core.things add name text;');
    expect(await run()).toEqual([]);
  });

  test('a gap', async () => {
    await put('0001_first.sql', 'create schema core; create table core.things (id int primary key);');
    await put('0004_later.sql', 'select 1;');
    await run();
    await put('0003_late.sql', 'select 1;');
    expect(await refused()).toMatchObject({ reason: 'gap', versions: ['0003'] });
  });

  test('bad files before touching the database', async () => {
    for (const [name, text, pattern] of [
      ['0003_tx.sql', 'begin;\nselect 1;\ncommit;', /begins or ends a transaction/],
      ['3_short.sql', 'select 1;', /must be called NNNN_name\.sql/],
      ['0002_twice.sql', 'select 1;', /two migrations have the number 0002/],
    ] as const) {
      await put(name, text);
      expect((await refused()).message).toMatch(pattern);
      await rm(path.join(folder, name));
    }
    await put(
      '0003_fn.sql',
      'create function core.f() returns int language plpgsql as $$\nbegin\n  return 1;\nend;\n$$;',
    );
    expect(await run()).toEqual(['0003']);
  });
});

test('state tells applied, pending and foreign versions and writes nothing', async () => {
  const empty = await migrationState(base.url, folder);
  expect(empty.pending.map((file) => file.file)).toEqual(['0001_first.sql', '0002_second.sql']);
  expect(await base.owner("select to_regnamespace('supabase_migrations') as made")).toEqual([{ made: null }]);
  await run();
  await put('0003_third.sql', 'select 1;');
  await base.owner("insert into supabase_migrations.schema_migrations values ('0077', '{}', 'x')");
  const state = await migrationState(base.url, folder);
  expect(state.applied.map((entry) => entry.version)).toEqual(['0001', '0002', '0077']);
  expect(state.unknown).toEqual(['0077']);
  expect(state.gaps).toEqual(['0003']);
});

test("a version the platform's tool pushed gets its hash at the next run", async () => {
  await run();
  await base.owner('delete from supabase_migrations.trr_file_hashes');
  expect(await run()).toEqual([]);
  const files = await readMigrations(folder);
  expect(await base.owner('select sha256 from supabase_migrations.trr_file_hashes order by version')).toEqual(
    files.map((file) => ({ sha256: file.hash })),
  );
});

describe('reset and seed', () => {
  const reset = (options: Partial<Parameters<typeof resetDatabase>[0]>) =>
    resetDatabase({
      url: base.url,
      folder,
      seedFile: path.join(folder, 'seed'),
      embedded: true,
      confirmed: false,
      production: false,
      ...options,
    });

  test('reset begins again, keeps what is not ours, and seeds', async () => {
    await run();
    await base.owner('insert into core.things values (1); create schema theirs; create table theirs.kept (id int)');
    await put('seed', "insert into core.things values (7, 'seeded') on conflict do nothing;");
    expect(await reset({})).toEqual(['0001', '0002']);
    expect(await base.owner('select * from core.things')).toEqual([{ id: 7, name: 'seeded' }]);
    expect(await base.owner("select to_regclass('theirs.kept') is not null as kept")).toEqual([{ kept: true }]);
    expect(await seedDatabase(base.url, path.join(folder, 'seed'))).toBe(true);
    expect(await base.owner('select count(*) as n from core.things')).toEqual([{ n: '1' }]);
    expect(await seedDatabase(base.url, path.join(folder, 'none'))).toBe(false);
  });

  test('resets at once do not meet, seed included', async () => {
    await run();
    await put('seed', 'select pg_sleep(0.1); insert into core.things values (7);');
    const all = await Promise.all([reset({}), reset({}), reset({})]);
    expect(all).toEqual([1, 2, 3].map(() => ['0001', '0002']));
    expect(await base.owner('select id from core.things')).toEqual([{ id: 7 }]);
  });

  test('reset is refused in production, and elsewhere without a yes', async () => {
    await run();
    await base.owner('insert into core.things values (1)');
    for (const options of [{ production: true, confirmed: true }, { embedded: false }]) {
      await expect(reset(options)).rejects.toMatchObject({ reason: 'not_allowed' });
    }
    expect(await base.owner('select id from core.things')).toEqual([{ id: 1 }]);
    expect(await reset({ embedded: false, confirmed: true })).toEqual(['0001', '0002']);
  });
});
