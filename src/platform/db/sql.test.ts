import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { runSql } from './sql.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase({ migrated: false });
  await base.owner('create table made (id int)');
});
afterAll(() => base.drop());

const count = async () => (await base.owner('select count(*)::int as n from made'))[0];

test('answers each statement and keeps what it wrote', async () => {
  expect(await runSql(base.url, 'insert into made values (1), (2); select id from made where id > 1')).toEqual([
    { command: 'INSERT', rowCount: 2, rows: [] },
    { command: 'SELECT', rowCount: 1, rows: [{ id: 2 }] },
  ]);
  expect(await runSql(base.url, 'select 1 as one')).toEqual([{ command: 'SELECT', rowCount: 1, rows: [{ one: 1 }] }]);
  expect(await count()).toEqual({ n: 2 });
});

test('stops at the first error and undoes all', async () => {
  const guarded = "insert into made values (3); do $$ begin raise 'guard'; end $$; insert into made values (4)";
  await expect(runSql(base.url, guarded)).rejects.toThrow('guard');
  expect(await count()).toEqual({ n: 2 });
});

test('refuses a text with a commit of its own, which no dry run could undo', async () => {
  for (const text of ['delete from made; commit; select 1', 'rollback;', 'START TRANSACTION;']) {
    await expect(runSql(base.url, text, { dryRun: true })).rejects.toMatchObject({ reason: 'bad_file' });
  }
  expect(await count()).toEqual({ n: 2 });
});

test('notices an end it did not see coming, and takes a CASE for none', async () => {
  await expect(runSql(base.url, 'select 1; end', { dryRun: true })).rejects.toMatchObject({ reason: 'failed' });
  expect(await runSql(base.url, 'select case\n when true then 1\nend;')).toMatchObject([{ rows: [{ case: 1 }] }]);
});

test('a dry run and a read-only run change nothing', async () => {
  expect(await runSql(base.url, 'delete from made', { dryRun: true })).toMatchObject([{ rowCount: 2 }]);
  await expect(runSql(base.url, 'delete from made', { readOnly: true })).rejects.toMatchObject({ code: '25006' });
  expect(await count()).toEqual({ n: 2 });
});
