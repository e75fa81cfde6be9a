import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { loadMatrix } from './matrix.ts';
import { broken, openToNewcomers, RULES, unspoken } from './meta.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

beforeEach(() => client.query('begin'));
afterEach(() => client.query('rollback'));

afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('in every schema of ours', () => {
  it.each(RULES)('$name', async (rule) => {
    expect(await broken(client, rule)).toEqual([]);
  });

  it('what a later migration makes is open to nobody but the service role', async () => {
    expect(await openToNewcomers(client, loadMatrix())).toEqual([]);
  });

  it('the matrix speaks about everything', async () => {
    expect(await unspoken(client, loadMatrix())).toEqual([]);
  });
});

/** Each rule finds what it is there for: the statement breaks it, and the line names the culprit. */
interface Breach {
  readonly sql: string;
  readonly line: RegExp;
}
const BREAKS: Record<string, Breach> = {
  'every table has row security': {
    sql: 'alter table core.shows disable row level security',
    line: /^core\.shows$/,
  },
  'no policy refers to its own table (it would recurse, W1)': {
    sql: 'create policy bad on core.shows for select to anon using (exists (select 1 from core.shows s where s.id = shows.id))',
    line: /^core\.shows bad$/,
  },
  'nothing is exposed that row security cannot guard': {
    sql: 'create materialized view core.bad as select 1 as n',
    line: /^core\.bad$/,
  },
  'no policy lets everybody write': {
    sql: 'create policy bad on core.shows for insert to authenticated with check (true)',
    line: /^core\.shows bad$/,
  },
  'policies name their roles': {
    sql: 'create policy bad on core.shows for select using (name is null)',
    line: /^core\.shows bad$/,
  },
  'every function has a fixed, empty search path': {
    sql: "create function core.bad() returns integer language sql as 'select 1'",
    line: /^core\.bad\(\)$/,
  },
  'no function is for PUBLIC': {
    sql: 'grant execute on function core.slugify(text) to public',
    line: /^core\.slugify\(text\)$/,
  },
  'trigger functions are called by triggers only': {
    sql: 'grant execute on function core.set_updated_at() to anon',
    line: /^core\.set_updated_at\(\) by anon$/,
  },
  'views answer with the rights of whoever asks': {
    sql: 'alter view core.imdb_series reset (security_invoker)',
    line: /^core\.imdb_series$/,
  },
  'anonymous callers write nothing': {
    sql: 'grant update (name) on core.shows to anon',
    line: /^core\.shows UPDATE$/,
  },
  'nobody truncates, refers to or puts triggers on a table': {
    sql: 'grant truncate on core.shows to service_role',
    line: /^service_role core\.shows TRUNCATE$/,
  },
  'PUBLIC has no right on a table, column or schema': {
    sql: 'grant select (name) on core.shows to public',
    line: /^core\.shows\.name$/,
  },
  'rights and policies come together: a client with a right on a table has a policy for it': {
    sql: 'grant select on core.overrides to anon',
    line: /^anon core\.overrides select$/,
  },
  'every foreign key has an index': {
    sql: 'drop index core.core_season_images_show_id_idx',
    line: /^core\.season_images season_images_show_id_fkey$/,
  },
  'every id a policy reads has an index of its own table that begins with it': {
    sql: `alter table core.shows add column watcher uuid;
      create policy bad on core.shows for update to authenticated using (watcher = auth.uid())`,
    line: /^core\.shows\.watcher \(bad\)$/,
  },
};

/** Other forms of the same mistakes. */
const MORE_BREAKS: readonly (Breach & { readonly rule: string })[] = [
  {
    rule: 'every table has row security',
    sql: 'create table surveys.forgotten (id integer primary key)',
    line: /^surveys\.forgotten$/,
  },
  {
    rule: 'every table has row security',
    sql: 'create table games.parts (id integer) partition by list (id)',
    line: /^games\.parts$/,
  },
  {
    rule: 'nothing is exposed that row security cannot guard',
    sql: 'create table public.forgotten (id integer primary key)',
    line: /^public\.forgotten$/,
  },
  ...[
    'exists (select from core.seasons x, core.shows s where s.id = x.show_id)',
    'id in (select s.id from core.shows as s)',
    'tmdb_id = (with all_of as (table core.shows) select max(tmdb_id) from all_of)',
  ].map((using) => ({
    rule: 'no policy refers to its own table (it would recurse, W1)',
    sql: `create policy bad on core.shows for select to anon using (${using})`,
    line: /^core\.shows bad$/,
  })),
  ...['', 'set search_path = core', 'set search_path = core, pg_temp', "set work_mem = '8MB'"].map((setting) => ({
    rule: 'every function has a fixed, empty search path',
    sql: `create function core.bad() returns integer language sql security definer ${setting} as 'select 1'`,
    line: /^core\.bad\(\)$/,
  })),
  {
    rule: 'every function has a fixed, empty search path',
    sql: 'create function core.bad() returns integer language sql security definer return 1',
    line: /^core\.bad\(\)$/,
  },
  ...['insert', 'delete', 'truncate'].map((right) => ({
    rule: 'anonymous callers write nothing',
    sql: `grant ${right} on surveys.responses to anon`,
    line: new RegExp(`^surveys\\.responses ${right.toUpperCase()}$`),
  })),
  {
    rule: 'anonymous callers write nothing',
    sql: 'grant truncate on surveys.responses to public',
    line: /^surveys\.responses TRUNCATE$/,
  },
  {
    rule: 'anonymous callers write nothing',
    sql: 'grant usage on sequence live.outbox_id_seq to anon',
    line: /^live\.outbox_id_seq USAGE$/,
  },
];

describe('the rules themselves', () => {
  it.each(RULES)('find a breach of "$name"', async (rule) => {
    const { sql, line } = BREAKS[rule.name] ?? { sql: 'select 1', line: /no breach is known for this rule/ };
    await client.query(sql);
    expect(await broken(client, rule)).toContainEqual(expect.stringMatching(line));
  });

  it.each(MORE_BREAKS)('find: $sql', async ({ rule, sql, line }) => {
    const found = RULES.find(({ name }) => name === rule);
    expect(found).toBeDefined();
    await client.query(sql);
    expect(found === undefined ? [] : await broken(client, found)).toContainEqual(expect.stringMatching(line));
  });

  it('let a policy name columns of its own table, and select from others', async () => {
    await client.query(
      'create policy fine on core.seasons for select to anon using (exists (select from core.shows s where s.id = show_id))',
    );
    const rule = RULES.find(({ name }) => name.startsWith('no policy refers'));
    expect(rule === undefined ? ['no rule'] : await broken(client, rule)).toEqual([]);
  });
});
