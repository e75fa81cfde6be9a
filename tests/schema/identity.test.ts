import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrange, type Session, session } from './session.ts';

let database: TestDatabase;
const check = (fn: (s: Session) => Promise<void>) => () => session(database, fn);

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const add = async (s: Session, name: string, premiere: string | null = null) =>
  String(await s.value('insert into core.shows (name, premiere_date) values ($1, $2) returning id', [name, premiere]));
const current = (s: Session, show: string) =>
  s.value('select slug from core.show_slugs where show_id = $1 and is_current', [show]);

describe('slugs', () => {
  it(
    'come from the name, then its year, then a number',
    check((s) =>
      s.as('service_role', async () => {
        expect(await current(s, await add(s, 'The Traitors (US)', '2023-01-12'))).toBe('the-traitors-us');
        expect(await current(s, await add(s, 'The Traitors: US', '2024-01-12'))).toBe('the-traitors-us-2024');
        expect(await current(s, await add(s, 'the traitors us', '2024-06-01'))).toBe('the-traitors-us-2024-2');
        expect(await current(s, await add(s, 'The Traitors US'))).toBe('the-traitors-us-2');
      }),
    ),
  );

  it(
    'are plain ASCII whatever the name is',
    check(async (s) => {
      const made: Record<string, string> = {
        'Élite Ærø & Co’s Größe!': 'elite-aero-and-cos-grosse',
        'İstanbul Łódź': 'istanbul-lodz',
        サバイバー: 'show',
        '  --  ': 'show-2',
        '90 Day Fiancé': '90-day-fiance',
      };
      for (const [name, slug] of Object.entries(made)) {
        expect(await current(s, await add(s, name))).toBe(slug);
      }
    }),
  );

  it(
    'stay with a show: an old one resolves, returns when the name does, and never goes to another',
    check(async (s) => {
      const show = await add(s, 'First Name');
      await s.sql("update core.shows set name = 'Second Name' where id = $1", [show]);
      expect(await current(s, show)).toBe('second-name');
      expect(await s.value("select show_id from core.show_slugs where slug = 'first-name'")).toBe(show);
      const other = await add(s, 'First Name', '2020-05-05');
      expect(await current(s, other)).toBe('first-name-2020');
      await s.sql("update core.shows set name = 'First Name' where id = $1", [show]);
      expect(await current(s, show)).toBe('first-name');
      await s.sql("update core.shows set description = 'x', premiere_date = '1999-01-01' where id = $1", [show]);
      expect(await current(s, show)).toBe('first-name');
    }),
  );

  it(
    'are one per show and unique, for any history of names',
    check(async (s) => {
      const name = fc.constantFrom('A', 'a!', 'A 2020', 'Ä', 'b', 'A-2', '', '???', '2020');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(3), name, fc.option(fc.constantFrom('2020-01-01', '2021-01-01'))), {
            maxLength: 12,
          }),
          async (steps) => {
            await s.sql('delete from core.shows');
            const shows = new Map<number, string>();
            const seen = new Map<string, string>();
            for (const [place, label, date] of steps) {
              const known = shows.get(place);
              if (known === undefined) shows.set(place, await add(s, label, date));
              else await s.sql('update core.shows set name = $2 where id = $1', [known, label]);
              for (const row of await s.sql('select slug, show_id from core.show_slugs')) {
                const owner = seen.get(String(row.slug));
                expect(owner ?? row.show_id).toBe(row.show_id);
                seen.set(String(row.slug), String(row.show_id));
              }
            }
            const counts = await s.sql(
              'select count(*) filter (where g.is_current)::int as n from core.shows w left join core.show_slugs g on g.show_id = w.id group by w.id',
            );
            expect(counts.every(({ n }) => n === 1)).toBe(true);
          },
        ),
        { numRuns: 30 },
      );
    }),
  );

  it('survive two writers adding the same name at once', async () => {
    const names = await Promise.all(
      Array.from({ length: 4 }, () =>
        database.owner<{ id: string }>("insert into core.shows (name) values ('Same Name At Once') returning id"),
      ),
    );
    const ids = names.map(([row]) => row?.id);
    const slugs = await database.owner<{ slug: string }>(
      'select slug from core.show_slugs where show_id = any ($1) order by 1',
      [ids],
    );
    expect(new Set(slugs.map(({ slug }) => slug)).size).toBe(4);
    await database.owner('delete from core.shows where id = any ($1)', [ids]);
  });
});

describe('external ids', () => {
  it(
    'belong to exactly one row, are unique per kind of entity, and go with it',
    check(async (s) => {
      const { show, otherShow, season, person } = await arrange(s);
      const put =
        'insert into core.external_ids (show_id, season_id, person_id, scheme, value) values ($1, $2, $3, $4, $5)';
      expect(await s.refusal(put, [show, null, null, 'tvdb', '7'])).toBe('accepted');
      expect(await s.refusal(put, [otherShow, null, null, 'tvdb', '7'])).toBe('23505');
      expect(await s.refusal(put, [null, season, null, 'tvdb', '7'])).toBe('accepted');
      expect(await s.refusal(put, [null, null, person, 'tvdb', '7'])).toBe('accepted');
      expect(await s.refusal(put, [show, season, null, 'tvdb', '8'])).toBe('23514');
      expect(await s.refusal(put, [null, null, null, 'tvdb', '8'])).toBe('23514');
      expect(await s.refusal(put, [show, null, null, 'TVDB', '8'])).toBe('23514');
      expect(await s.refusal(put, [show, null, null, 'tvdb', ' 8'])).toBe('23514');
      const find = "select show_id from core.external_ids where scheme = 'tvdb' and value = $1 and show_id is not null";
      expect(await s.plan(find, ['7'])).toContain('external_ids_show_value_key');
      await s.sql('delete from core.shows where id = $1', [show]);
      expect(await s.value('select count(*)::int from core.external_ids')).toBe(1);
    }),
  );
});

describe('overrides', () => {
  it(
    'are one per field of a row, and go with it',
    check(async (s) => {
      const { show } = await arrange(s);
      const put =
        "insert into core.overrides (table_name, row_key, field, value, actor) values ('shows', $1, 'name', '\"X\"', 'me')";
      await s.as('service_role', async () => {
        expect(await s.refusal(put, [show])).toBe('accepted');
        expect(await s.refusal(put, [show])).toBe('23505');
        await s.sql('delete from core.shows where id = $1', [show]);
        expect(await s.value('select count(*)::int from core.overrides')).toBe(0);
      });
    }),
  );
});

describe('alternative names', () => {
  it(
    'are stored once, with and without a country',
    check(async (s) => {
      const { show } = await arrange(s);
      const put =
        "insert into core.alternative_names (show_id, name, country, source) values ($1, 'Other', $2, 'tmdb')";
      for (const country of ['SE', null]) {
        expect(await s.refusal(put, [show, country])).toBe('accepted');
        expect(await s.refusal(put, [show, country])).toBe('23505');
      }
    }),
  );
});
