import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { session } from './session.ts';

let database: TestDatabase;

const SHOWS = [
  'Survivor',
  'Survivor: Island of the Idols',
  'The Real Housewives of Atlanta',
  'The Real Housewives of Miami',
  'Love Island USA',
  'Top Chef',
  'The Traitors',
  '90 Day Fiancé',
  'サバイバー',
  'Выживший',
];

beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner('insert into core.shows (name) select unnest($1::text[])', [SHOWS]);
  await database.owner(`insert into core.alternative_names (show_id, name, country, source)
    select id, 'Robinson', 'SE', 'tmdb' from core.shows where name = 'Survivor'`);
  await database.owner(
    `insert into core.people (full_name) values ('Jeff Probst'), ('Zoë Saldaña'), ('Jeffrey Other')`,
  );
  // Enough rows that an index is worth it.
  await database.owner(
    `insert into core.shows (name) select 'Filler ' || md5(i::text) from generate_series(1, 3000) i`,
  );
  await database.owner('analyze core.shows');
});

afterAll(() => database.drop());

/** Names found, best first, asked as an anonymous caller. */
const shows = (query: string, limit = 5): Promise<string[]> =>
  session(database, (s) =>
    s.as('anon', async () =>
      (
        await s.sql(
          'select w.name from core.search_shows($1, $2) with ordinality f join core.shows w on w.id = f.show_id order by f.ordinality',
          [query, limit],
        )
      ).map(({ name }) => String(name)),
    ),
  );

describe('show search', () => {
  it.each([
    ['survivor', 'Survivor'],
    ['surv', 'Survivor'],
    ['SURVIVOR IDOLS', 'Survivor: Island of the Idols'],
    ['isl idol', 'Survivor: Island of the Idols'],
    ['surviver', 'Survivor'],
    ['real housewifes miami', 'The Real Housewives of Miami'],
    ['tratiors', 'The Traitors'],
    ['90 day fiance', '90 Day Fiancé'],
    ['robinson', 'Survivor'],
    ['サバイバー', 'サバイバー'],
    ['выживший', 'Выживший'],
    ['love islnad', 'Love Island USA'],
  ])('finds %s', async (query, first) => {
    expect((await shows(query))[0]).toBe(first);
  });

  it('answers nothing to nothing, and to what resembles no name', async () => {
    for (const query of ['', '  ', '!!!', 'xqzzvk']) expect(await shows(query)).toEqual([]);
  });

  it('pages without repeating, and leaves retired shows out', async () => {
    const page = (skip: number) =>
      session(database, async (s) =>
        (await s.sql('select show_id from core.search_shows($1, 2, $2)', ['filler', skip])).map((r) => r.show_id),
      );
    const [first, second] = [await page(0), await page(2)];
    expect(new Set([...first, ...second]).size).toBe(4);
    await session(database, async (s) => {
      await s.sql("update core.shows set retired_at = now() where name = 'Survivor'");
      const found = await s.sql("select show_id from core.search_shows('robinson', 5)");
      expect(found).toEqual([]);
    });
  });

  it('finds its candidates by index, also under row security', () =>
    session(database, (s) =>
      s.as('anon', async () => {
        const plan = await s.plan('select id from core.shows where name_trigrams @> core.prefix_trigrams($1)', [
          'surv',
        ]);
        expect(plan).toContain('core_shows_name_trigrams_gin');
      }),
    ));
});

describe('people search', () => {
  it.each([
    ['probst', 'Jeff Probst'],
    ['jeff propst', 'Jeff Probst'],
    ['zoe saldana', 'Zoë Saldaña'],
  ])('finds %s', (query, name) =>
    session(database, (s) =>
      s.as('anon', async () => {
        const found = await s.sql(
          'select p.full_name from core.search_people($1, 1) f join core.people p on p.id = f.person_id',
          [query],
        );
        expect(found).toEqual([{ full_name: name }]);
      }),
    ),
  );
});
