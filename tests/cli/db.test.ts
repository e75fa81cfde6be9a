import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createPredecessorDatabase } from '../helpers/predecessor-database.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';

let database: TestDatabase;
let trr: Trr;
let target: string;
let password: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner("insert into core.shows (name) values ('One'), (E'Two\\nlines')");
  trr = createTrr(database, null);
  const url = new URL(database.url);
  target = `${url.hostname}${url.pathname}`;
  password = decodeURIComponent(url.password);
});
afterAll(async () => {
  trr.close();
  await database.drop();
});

describe('trr db status', () => {
  it('shows the masked URL and the variable it came from', async () => {
    const { code, stdout } = await trr.run('db', 'status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^url {9}postgres(ql)?:\/\/\w+:\*\*\*@.*\/trr_test_\w+ \(from DATABASE_URL\)\n/);
    expect(stdout).not.toContain(password);
  });
});

describe('trr db sql', () => {
  it('prints a table, or JSON', async () => {
    const table = await trr.run('db', 'sql', 'select name, null as nothing, 12 as n from core.shows order by name');
    expect(table.stdout).toBe(
      'name       nothing  n\n---------  -------  --\nOne        NULL     12\nTwo⏎lines  NULL     12\n(2 rows)\n',
    );
    const file = path.join(trr.env.HOME ?? '', 'count.sql');
    await writeFile(file, '-- how many\nselect count(*) from core.shows;\n');
    const json = await trr.run('db', 'sql', '--json', '--file', file);
    expect(JSON.parse(json.stdout)).toEqual({
      command: 'SELECT',
      rowCount: 1,
      rows: [{ count: '2' }],
      truncated: false,
    });
  });

  it.each([
    [['delete from core.shows'], 1, /^trr: .*read-only transaction \(25006\): .*--write --confirm HOST\/DATABASE\n$/m],
    [['select 1; select 2'], 1, /^trr: .*\(42601\): one statement at a time\n$/m],
    [['select * from games.answer_keys'], 1, /^trr: permission denied for table answer_keys \(42501\)/m],
    [[], 2, /^trr: give one statement/m],
    [['select 1', '--confirm', 'x/y'], 2, /^trr: --confirm goes with --write\n$/m],
    [['--file', 'nowhere.sql'], 2, /^trr: --file nowhere\.sql cannot be read \(ENOENT\)\n$/m],
    [
      ['--write', 'delete from core.shows'],
      2,
      /^trr: --write may change .*: say --confirm .* if you mean that database\n$/m,
    ],
    [['--write', '--confirm', 'other/db', 'delete from core.shows'], 2, /^trr: --write may change/m],
  ])('refuses %j', async (words, code, message) => {
    const finished = await trr.run('db', 'sql', ...words);
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: '' });
    expect(finished.stderr).toMatch(message);
    expect(await database.owner('select count(*)::int as n from core.shows')).toEqual([{ n: 2 }]);
  });

  it('says first which database it is and where that comes from, without the password', async () => {
    const { stderr } = await trr.run('db', 'sql', 'select 1');
    expect(stderr).toMatch(/^trr: postgres(ql)?:\/\/\w+:\*\*\*@\S+\/trr_test_\w+ \(from DATABASE_URL\)\n$/);
    expect(stderr).not.toContain(password);
  });

  it('warns of a database on another machine, before it is asked', async () => {
    const away = createTrr(null, null, { DATABASE_URL: 'postgresql://u:hunter2@db.invalid/prod?options=hunter3' });
    const { code, stderr } = await away.run('db', 'sql', 'select 1');
    away.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^trr: postgresql:\/\/u:\*\*\*@db\.invalid\/prod \(from DATABASE_URL\), on another machine\n/,
    );
    expect(stderr).not.toMatch(/hunter/);
  });

  it('finds the database in the documented order, and refuses two', async () => {
    const elsewhere = 'postgresql://u:hunter2@127.0.0.1:1/elsewhere';
    const asked = async (extra: Record<string, string>) => {
      const other = createTrr(null, null, extra);
      const { code, stderr } = await other.run('db', 'sql', 'select 1');
      other.close();
      expect(stderr).not.toContain('hunter2');
      return { code, stderr };
    };
    for (const name of ['DATABASE_URL', 'SUPABASE_DB_URL', 'TRR_DB_URL']) {
      expect((await asked({ [name]: elsewhere })).stderr).toContain(`(from ${name})`);
    }
    const parts = { PGHOST: '127.0.0.1', PGPORT: '1', PGUSER: 'u', PGPASSWORD: 'hunter2', PGDATABASE: 'elsewhere' };
    expect((await asked(parts)).stderr).toContain('(from PGHOST)');
    const same = await asked({ ...parts, TRR_DB_URL: elsewhere, DATABASE_URL: elsewhere });
    expect(same.stderr).toContain('(from DATABASE_URL)');
    const two = await asked({ DATABASE_URL: elsewhere, TRR_DB_URL: `${elsewhere}2` });
    expect(two).toMatchObject({ code: 2, stderr: expect.stringMatching(/DATABASE_URL and TRR_DB_URL name different/) });
  });

  it('takes a dry run back', async () => {
    const dry = ['db', 'sql', '--write', '--confirm', target, '--dry-run'];
    const { code, stdout, stderr } = await trr.run(...dry, 'delete from core.shows');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'DELETE 2\n' });
    expect(stderr).toContain('dry run: all of it was taken back');
    await trr.run(...dry, 'commit');
    expect(await trr.run(...dry, 'vacuum core.shows')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('25001'),
    });
    expect(await database.owner('select count(*)::int as n from core.shows')).toEqual([{ n: 2 }]);
    expect(await trr.run('db', 'sql', '--dry-run', 'select 1')).toMatchObject({ code: 2 });
  });

  it('writes when host and database are named', async () => {
    const { code, stdout } = await trr.run(
      'db',
      'sql',
      '--write',
      '--confirm',
      target,
      "delete from core.shows where name = 'One'",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'DELETE 1\n' });
  });
});

describe('trr db guard', () => {
  it('passes a database of this program and stops at any other, as dangerous commands do', async () => {
    expect(await trr.run('db', 'guard')).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nPASS {2}/) });
    const foreign = await createTestDatabase({ migrated: false });
    await foreign.owner('create schema core; create table core.theirs (id int); insert into core.theirs values (1)');
    const there = createTrr(foreign, null);
    try {
      const guarded = await there.run('db', 'guard', '--json');
      expect({ code: guarded.code, ...JSON.parse(guarded.stdout) }).toMatchObject({
        code: 1,
        status: 'FAIL',
        text: expect.stringContaining('core without shows'),
      });
      const url = new URL(foreign.url);
      for (const words of [
        ['db', 'reset', '--yes'],
        ['db', 'seed'],
        ['db', 'migrate'],
        ['db', 'sql', '--write', '--confirm', `${url.hostname}${url.pathname}`, 'delete from core.theirs'],
      ]) {
        const refused = await there.run(...words);
        expect({ words, code: refused.code, stdout: refused.stdout }).toEqual({ words, code: 1, stdout: '' });
      }
      expect(await foreign.owner('select * from core.theirs')).toEqual([{ id: 1 }]);
    } finally {
      there.close();
      await foreign.drop();
    }
  });
});

describe('trr db verify', () => {
  it('exits 1 and says what is wrong', async () => {
    await database.owner('alter table core.networks disable row level security');
    const { code, stdout } = await trr.run('db', 'verify');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^PASS {2}database: /m);
    expect(stdout).toMatch(/^FAIL {2}row security: off on core\.networks$/m);
    expect(stdout).not.toContain(password);
  });
});

describe('trr db adopt', () => {
  it('explains, refuses, adopts and upgrades', async () => {
    const predecessor = await createPredecessorDatabase();
    const there = createTrr(predecessor, null);
    try {
      const refused = await there.run('db', 'adopt');
      expect(refused.code).toBe(1);
      expect(refused.stdout).toMatch(
        /^DIFFERS {3}changed function core\.merge_shows\(uuid,uuid\): .* - 0052 replaces/m,
      );
      expect(refused.stdout).toContain("--accept 'function:core.merge_shows(uuid,uuid)'");
      expect((await there.run('db', 'migrate')).stderr).toMatch(/trr db adopt/);
      const dry = await there.run('db', 'adopt', '--accept-all', '--dry-run', '--json');
      expect({ code: dry.code, outcome: JSON.parse(dry.stdout).outcome }).toEqual({ code: 0, outcome: 'ready' });
      const adopted = await there.run('db', 'adopt', '--accept-all', '--migrate');
      expect(adopted.code).toBe(0);
      expect(adopted.stdout).toMatch(/\nadopted: 51 rows.*\napplied \d+ migration\(s\)\n$/);
      expect(await there.run('db', 'status')).toMatchObject({ code: 0 });
      expect(await there.run('db', 'adopt')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^already adopted/),
      });
    } finally {
      there.close();
      await predecessor.drop();
    }
  });
});
