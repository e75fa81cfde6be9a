import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';

let database: TestDatabase;
let program: Trr;
let shows: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  program = createTrr(database, null);
  const made = await database.owner<{ id: string; name: string }>(
    `insert into core.shows (name, imdb_id, tmdb_id) values ('Big Brother', null, 7), ('Big Brother US', 'tt7', null),
       ('Survivor', 'tt8', null), ('Survivor', null, 8), ('Elsewhere', null, null) returning id, name`,
  );
  shows = Object.fromEntries(made.map(({ id, name }) => [name, id]));
  await database.owner(`insert into core.people (full_name, external_ids) values
    ('Ann', '{"imdb": "nm1"}'), ('Ann B', '{"tmdb": "5"}')`);
});

afterAll(async () => {
  program.close();
  await database.drop();
});

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const names = async () => (await database.owner('select name from core.shows order by 1')).map(({ name }) => name);

describe('trr shows merge and split', () => {
  it('rehearses, merges, says so again, and takes it back', async () => {
    const before = await names();
    const rehearsed = await program.run('shows', 'merge', 'big-brother', 'tt7', '--dry-run', '--json');
    expect(rehearsed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rehearsed.stdout)).toMatchObject({
      dry_run: true,
      source: shows['Big Brother'],
      target: shows['Big Brother US'],
      already_merged: false,
      changes: { 'core.shows': { delete: 1, update: 1 }, 'core.show_slugs': { update: 1 } },
    });
    expect(await names()).toEqual(before);

    const merged = await program.run(
      'shows',
      'merge',
      'tmdb:7',
      'BIG BROTHER US',
      '--reason',
      'same',
      '--actor',
      'ann',
    );
    expect(merged).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('merged "Big Brother" into "Big Brother US"'),
    });
    expect(await names()).toEqual(['Big Brother US', 'Elsewhere', 'Survivor', 'Survivor']);
    const again = await program.run('shows', 'merge', 'Big Brother', 'tt7');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('merged already') });
    const listed = await program.run('shows', 'merges', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { source_name: 'Big Brother', actor: 'ann', reason: 'same', undone_at: null },
    ]);

    const split = await program.run('shows', 'split', 'Big Brother', '--json');
    expect(split.code).toBe(0);
    expect(JSON.parse(split.stdout)).toMatchObject({ dry_run: false, source: shows['Big Brother'], conflicts: [] });
    expect(await names()).toEqual(before);
  });

  it('ends with 3 when something could not go back', async () => {
    await program.run('shows', 'merge', 'big-brother', 'tt7');
    await database.owner("update core.shows set tmdb_id = 70 where imdb_id = 'tt7'");
    const split = await program.run('shows', 'split', 'Big Brother');
    expect(split.code).toBe(3);
    expect(split.stdout).toMatch(/stays with the target \(1\):\n {2}core\.shows .* tmdb_id: changed since the merge/);
  });

  it.each([
    [['merge', 'Survivor', 'Elsewhere'], 2, 'give an id'],
    [['merge', 'Elsewhere', 'Elsewhere'], 2, 'itself'],
    [['merge', 'nothing-like-it', 'Elsewhere'], 1, 'nothing-like-it'],
    [['merge', 'Elsewhere'], 2, 'TARGET'],
    [['split', 'Elsewhere'], 1, 'Elsewhere'],
    [['override', 'set', 'tt7', 'frobs', '1'], 2, 'frobs'],
    [['override', 'set', 'tt7', 'description'], 2, '--null'],
    [['override', 'set', 'tt7', 'imdb_id', 'nonsense'], 1, 'shows_imdb_id_check'],
    [['override', 'clear', 'tt7', 'description'], 1, 'description'],
  ])('trr shows %j: exit %i, one line that names it', async (args, code, named) => {
    const ran = await program.run('shows', ...args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(lines(ran.stderr)).toHaveLength(1);
    expect(ran.stderr).toContain(named);
  });
});

describe('trr people', () => {
  it('merges and splits people by their ids', async () => {
    const merged = await program.run('people', 'merge', 'nm1', 'tmdb:5');
    expect(merged).toMatchObject({ code: 0, stderr: '' });
    expect(await database.owner('select full_name, external_ids from core.people')).toEqual([
      { full_name: 'Ann B', external_ids: { imdb: 'nm1', tmdb: '5' } },
    ]);
    expect(await program.run('people', 'split', 'ann')).toMatchObject({ code: 0 });
    expect(await database.owner('select full_name from core.people order by 1')).toEqual([
      { full_name: 'Ann' },
      { full_name: 'Ann B' },
    ]);
    expect(await program.run('people', 'override', 'set', 'Ann', 'known_for', 'Hosting')).toMatchObject({ code: 0 });
    expect(await database.owner('select known_for from core.people where known_for is not null')).toEqual([
      { known_for: 'Hosting' },
    ]);
  });
});

describe('trr shows override', () => {
  it('types the value, applies it at once, says whose it is, and takes it back', async () => {
    const rehearsed = await program.run('shows', 'override', 'set', 'tt7', 'tags', 'house, live', '--dry-run');
    expect(rehearsed).toMatchObject({ code: 0, stdout: expect.stringContaining('would set tags') });
    expect(await database.owner('select 1 from core.overrides where table_name = $1', ['shows'])).toEqual([]);

    for (const [field, value] of [
      ['tags', 'house, live'],
      ['imdb_end_year', '2030'],
      ['imdb_rating_value', '7.5'],
      ['premiere_date', '2000-07-05'],
    ] as const)
      expect(await program.run('shows', 'override', 'set', 'tt7', field, value, '--actor', 'ann')).toMatchObject({
        code: 0,
      });
    expect(await program.run('shows', 'override', 'set', 'tt7', 'description', '--null')).toMatchObject({ code: 0 });
    const again = await program.run('shows', 'override', 'set', 'tt7', 'tags', '["house", "live"]', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, value: ['house', 'live'] });

    const [row] = await database.owner(
      `select tags, imdb_end_year, imdb_rating_value, premiere_date, description,
         (select array_agg(key order by key) from jsonb_each(provenance) where value ->> 'via' = 'override') as own,
         provenance -> 'tags' ->> 'at' = (select to_jsonb(updated_at) #>> '{}' from core.overrides where field = 'tags') as same_time
       from core.shows where imdb_id = 'tt7'`,
    );
    expect(row).toEqual({
      tags: ['house', 'live'],
      imdb_end_year: 2030,
      imdb_rating_value: '7.5',
      premiere_date: '2000-07-05',
      description: null,
      own: ['description', 'imdb_end_year', 'imdb_rating_value', 'premiere_date', 'tags'],
      same_time: true,
    });
    const listed = await program.run('shows', 'override', 'list', 'tt7', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { field: 'description', value: null },
      { field: 'imdb_end_year', value: 2030, actor: 'ann' },
      { field: 'imdb_rating_value', value: 7.5 },
      { field: 'premiere_date', value: '2000-07-05' },
      { field: 'tags', value: ['house', 'live'] },
    ]);
    expect(await program.run('shows', 'override', 'clear', 'tt7', 'tags')).toMatchObject({ code: 0 });
    expect(await database.owner("select 1 from core.overrides where field = 'tags'")).toEqual([]);
  });
});
