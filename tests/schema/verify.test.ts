import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../src/platform/db/verify/check.ts';
import { verifyDatabase } from '../../src/platform/db/verify/verify.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createPredecessorDatabase } from '../helpers/predecessor-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const verify = (url = database.url) => verifyDatabase({ url });
const failures = (checks: readonly Check[]) => checks.filter(({ status }) => status === 'FAIL');

/** What breaks a check, and what its line says then. */
const DAMAGE: readonly (readonly [sql: string, check: string, line: RegExp])[] = [
  [
    'alter table core.people drop column known_for cascade',
    'columns',
    /missing column core\.people\.known_for: expected text/,
  ],
  ['alter table core.shows alter column name set default 1', 'columns', /changed column core\.shows\.name/],
  ['drop index core.core_shows_name_idx', 'indexes', /missing index core\.shows\.core_shows_name_idx/],
  ['alter table core.show_cast drop constraint show_cast_show_id_fkey', 'constraints', /show_cast_show_id_fkey/],
  ['drop view core.v_cast_photos', 'views', /missing view core\.v_cast_photos/],
  [
    'alter view core.imdb_series reset (security_invoker)',
    'views',
    /imdb_series: expected the caller's, found the owner's/,
  ],
  [
    "create or replace function core.slugify(value text) returns text language sql set search_path = '' as 'select 1'",
    'functions',
    /changed function core\.slugify/,
  ],
  ["create function core.strange() returns int language sql as 'select 1'", 'search paths', /core\.strange\(\)/],
  ['grant execute on function core.slugify(text) to public', 'public execute', /core\.slugify\(text\)/],
  ['drop trigger core_shows_set_updated_at on core.shows', 'triggers', /core_shows_set_updated_at/],
  [
    'alter table core.seasons disable trigger core_seasons_set_show_name',
    'enabled triggers',
    /core_seasons_set_show_name/,
  ],
  [
    'drop policy core_shows_public_read on core.shows',
    'policies',
    /missing policy core\.shows\.core_shows_public_read/,
  ],
  [
    'grant insert on core.shows to anon',
    'grants',
    /changed grant core\.shows\.anon: expected SELECT, found INSERT,SELECT/,
  ],
  ['alter table core.networks disable row level security', 'row security', /off on core\.networks/],
  [
    'alter table core.people add constraint late check (full_name <> $$x$$) not valid',
    'validated constraints',
    /core\.people\.late/,
  ],
  [
    `drop index core.core_shows_tmdb_id_unique; insert into core.shows (name, tmdb_id) values ('A', 5), ('B', 5)`,
    'duplicates',
    /rows:shows-tmdb-id: 1 shows that share a TMDb id.*; 5/,
  ],
  ['drop schema games cascade', 'schemas', /missing schema games/],
  ["insert into supabase_migrations.schema_migrations (version) values ('9999')", 'migrations', /9999 is unknown here/],
  [
    'update pg_index set indisvalid = false where indexrelid = $$core.seasons_show_id_season_number_unique$$::regclass',
    'valid indexes',
    /seasons_show_id_season_number_unique/,
  ],
];

describe('verify', () => {
  it('passes a database the migrations made', async () => {
    const checks = await verify();
    expect(checks.filter(({ status }) => status !== 'PASS')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      ...['database', 'migrations', 'schemas', 'tables', 'columns', 'constraints', 'indexes', 'views', 'functions'],
      ...['triggers', 'policies', 'grants', 'row security', 'public execute', 'search paths', 'validated constraints'],
      ...['valid indexes', 'enabled triggers', 'duplicates'],
    ]);
  });

  it('only mentions what an operator added for themselves', async () => {
    const own = await createTestDatabase();
    try {
      await own.owner(`
        create table core.own_notes (id integer primary key);
        alter table core.own_notes enable row level security;
        create index own_index on core.shows (created_at)`);
      const checks = await verify(own.url);
      expect(failures(checks)).toEqual([]);
      expect(checks.filter(({ status }) => status === 'WARN').map(({ name, text }) => `${name}: ${text}`)).toEqual([
        'tables: extra table core.own_notes: row security on',
        'indexes: extra index core.shows.own_index: btree (created_at)',
      ]);
    } finally {
      await own.drop();
    }
  });

  it('names every damage under its check', async () => {
    const damaged = await createTestDatabase();
    try {
      for (const [sql] of DAMAGE) await damaged.owner(sql);
      const found = failures(await verify(damaged.url));
      for (const [, name, line] of DAMAGE) {
        const text = found
          .filter((check) => check.name === name)
          .map((check) => check.text)
          .join('\n');
        expect(`${name}: ${text}`).toMatch(line);
      }
      expect(found.every(({ text }) => !text.includes('\n'))).toBe(true);
    } finally {
      await damaged.drop();
    }
  });

  it('stops at a database that is not ours, and at one to adopt', async () => {
    const empty = await createTestDatabase({ migrated: false });
    const predecessor = await createPredecessorDatabase();
    try {
      expect(await verify(empty.url)).toEqual([
        { status: 'FAIL', name: 'database', text: expect.stringMatching(/no schema core.*nothing else was checked/) },
      ]);
      expect(await verify(predecessor.url)).toEqual([
        { status: 'FAIL', name: 'database', text: expect.stringContaining('trr db adopt') },
      ]);
    } finally {
      await empty.drop();
      await predecessor.drop();
    }
  });

  it('changes nothing', async () => {
    const count = () => database.owner('select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables');
    const before = await count();
    await verify();
    expect(await count()).toEqual(before);
  });
});
