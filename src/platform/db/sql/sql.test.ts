import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/helpers/database.ts';
import { confirmationFor, readSql, writeSql } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner("insert into core.shows (name) values ('One'), ('Two')");
});
afterAll(() => database.drop());

const read = (statement: string, maxRows?: number) =>
  readSql(database.url, statement, maxRows === undefined ? {} : { maxRows });
const count = async () => (await database.owner('select count(*)::int as n from core.shows'))[0]?.n;

describe('reading', () => {
  it('answers with columns and rows, past row security', async () => {
    expect(await read('select name, session_user::text as who from core.shows order by 1')).toEqual({
      command: 'SELECT',
      rowCount: 2,
      columns: ['name', 'who'],
      rows: [
        ['One', 'trr_reader'],
        ['Two', 'trr_reader'],
      ],
      truncated: false,
    });
    expect((await read('select count(*)::int from core.sync_state')).rows).toEqual([[0]]);
  });

  it('stops at the row limit', async () => {
    expect(await read('select * from generate_series(1, 100000) as n', 3)).toMatchObject({
      rows: [[1], [2], [3]],
      truncated: true,
    });
  });

  it.each([
    ['delete from core.shows', '25006'],
    ['select 1; delete from core.shows', '42601'],
    ['with gone as (delete from core.shows returning 1) select * from gone', '25006'],
    ['create temp table x (id int)', '25006'],
    ["do $$ begin execute 'reset role'; delete from core.shows; end $$", '25006'],
    ["do $$ begin execute 'set role postgres'; end $$", '42501'],
    ["do $$ begin execute 'set session authorization postgres'; end $$", '42501'],
    ["do $$ begin set transaction read write; execute 'delete from core.shows'; end $$", '25001'],
    ["select set_config('role', 'postgres', false)", '42501'],
    ["copy (select 1) to program 'true'", '42501'],
    ["select pg_read_file('postgresql.conf')", '42501'],
    ['select core.merge_rights_nobody_has()', '42883'],
    ['select * from games.answer_keys', '42501'],
    ['select body from social.dm_messages', '42501'],
    ['select * from auth.users', '42501'],
  ])('refuses %s', async (statement, code) => {
    await expect(read(statement)).rejects.toMatchObject({ code });
    expect(await count()).toBe(2);
  });

  it('leaves nothing behind even when a statement ends its transaction', async () => {
    await read('commit');
    await expect(read('delete from core.shows')).rejects.toMatchObject({ code: '25006' });
    expect(await count()).toBe(2);
  });

  it('is held by the role itself, not by the read-only session', async () => {
    await database.owner('alter role trr_reader set default_transaction_read_only = off');
    const asReader = 'set role trr_reader; set transaction read write; delete from core.shows';
    await expect(database.owner(asReader)).rejects.toMatchObject({ code: '42501' });
    await database.owner('alter role trr_reader reset default_transaction_read_only');
  });

  it('logs in once the role has another password', async () => {
    await database.owner("alter role trr_reader password 'something else'");
    expect((await read('select 1 as one')).rows).toEqual([[1]]);
    await expect(readSql(database.url.replace(/:[^:@/]+@/, '@'), 'select 1')).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
    });
  });
});

describe('what the reader may read', () => {
  it('is every table and view but those named here, each with its policy', async () => {
    const hidden = await database.owner<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('core', 'games', 'identity', 'live', 'media', 'pipeline', 'social', 'surveys') and c.relkind in ('r', 'p', 'v')
         and not (has_any_column_privilege('trr_reader', c.oid, 'select') and (c.relkind = 'v' or exists (
           select from pg_policy p where p.polrelid = c.oid and p.polroles = array['trr_reader'::regrole::oid] and p.polcmd = 'r')))
       order by 1`,
    );
    const names = hidden.map(({ name }) => name);
    const allowed = new Set([
      'games.answer_keys',
      'identity.accounts',
      'identity.deleted_accounts',
      'identity.idempotency_keys',
      'live.events',
      'live.outbox',
      'live.stale',
      'social.blocks',
      'social.dm_conversations',
      'social.dm_members',
      'social.dm_messages',
      'social.dm_read_receipts',
      'social.reports',
    ]);
    expect(names.filter((name) => !allowed.has(name))).toEqual([]);
    expect(names).toContain('social.dm_messages');
  });

  it('can be read: no view or policy needs a right it lacks', async () => {
    const readable = await database.owner<{ name: string; columns: string }>(
      `select c.oid::regclass::text as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where n.nspname in ('core', 'games', 'identity', 'live', 'media', 'pipeline', 'social', 'surveys') and c.relkind in ('r', 'p', 'v')
         and has_column_privilege('trr_reader', c.oid, a.attnum, 'select')
       group by 1`,
    );
    expect(readable.length).toBeGreaterThan(40);
    for (const { name, columns } of readable) {
      await database.owner(`set role trr_reader; select ${columns} from ${name}; reset role`);
    }
  });

  it('is nothing it could change or call with somebody else’s rights', async () => {
    const rights = await database.owner(
      `select c.oid::regclass::text as name from pg_class c cross join unnest(array['insert', 'update', 'delete', 'truncate']) verb
       where c.relkind in ('r', 'p', 'v') and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
         and has_table_privilege('trr_reader', c.oid, verb)
       union all
       select p.oid::regprocedure::text from pg_proc p
       where p.prosecdef and p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)' and has_function_privilege('trr_reader', p.oid, 'execute')
       union all
       select r.rolname from pg_roles r where r.rolname = 'trr_reader' and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb)
       union all
       select 'member of ' || m.roleid::regrole from pg_auth_members m where m.member = 'trr_reader'::regrole`,
    );
    expect(rights).toEqual([]);
  });
});

describe('writing', () => {
  it('runs one statement as the owner', async () => {
    expect(await writeSql(database.url, "update core.shows set name = 'Uno' where name = 'One'")).toMatchObject({
      command: 'UPDATE',
      rowCount: 1,
    });
    await expect(writeSql(database.url, 'select 1; select 2')).rejects.toMatchObject({ code: '42601' });
  });

  it('wants the host and database confirmed', () => {
    expect(confirmationFor('postgresql://u:p@db.example:6543/prod?sslmode=require')).toBe('db.example/prod');
    expect(confirmationFor('postgresql://u:p@localhost/trr?host=/run/pg')).toBe('/run/pg/trr');
  });
});
