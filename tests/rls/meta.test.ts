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
const BREAKS: Record<string, { sql: string; line: RegExp }> = {
  'every table has row security': {
    sql: 'alter table core.shows disable row level security',
    line: /^core\.shows$/,
  },
  'no policy refers to its own table (it would recurse, W1)': {
    sql: 'create policy bad on core.shows for select to anon using (exists (select 1 from core.shows s where s.id = shows.id))',
    line: /^core\.shows bad$/,
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

describe('the rules themselves', () => {
  it.each(RULES)('find a breach of "$name"', async (rule) => {
    const { sql, line } = BREAKS[rule.name] ?? { sql: 'select 1', line: /no breach is known for this rule/ };
    await client.query(sql);
    expect(await broken(client, rule)).toContainEqual(expect.stringMatching(line));
  });
});
