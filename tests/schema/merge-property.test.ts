import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { build, items, show } from './merge-world.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

interface Merged {
  readonly merge_id: string;
  readonly already_merged: boolean;
}
interface Split {
  readonly conflicts: readonly unknown[];
}

async function call<T>(text: string, values: readonly unknown[]): Promise<T> {
  const [row] = await database.db.asService('test', (tx) => tx.raw<{ answer: T }>(`select ${text} as answer`, values));
  return row?.answer as T;
}
const mergeShows = (source: string, target: string) =>
  call<Merged>("core.merge_shows($1, $2, 'test')", [source, target]);
const mergePeople = (source: string, target: string) =>
  call<Merged>("core.merge_people($1, $2, 'test')", [source, target]);

/** The canonical dump without the records of merging, which a split keeps. */
async function dump(): Promise<string> {
  let table = '';
  const kept = (await canonicalDump(database.url)).split('\n').filter((line) => {
    if (/^[a-z_]+\.[a-z_]+$/.test(line)) table = line;
    return table !== 'core.merges' && table !== 'core.merge_changes';
  });
  return kept.join('\n');
}

/** Every row with its ids and times, but for the time of its last change and the history: what the canonical dump leaves out. */
async function exactly(): Promise<string[]> {
  const tables = await database.owner<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind = 'r' and c.relnamespace::regnamespace::text = any ('{core,social,surveys,games,pipeline}')
       and c.relname not in ('merges', 'merge_changes', 'changes') order by 1`,
  );
  const rows = await database.owner<{ line: string }>(
    tables
      .map(({ name }) => `select '${name} ' || (to_jsonb(t) - 'updated_at')::text as line from ${name} t`)
      .join(' union all '),
  );
  return rows.map(({ line }) => line).sort();
}

const DUPLICATE_FREE = (lines: readonly string[]) => [...new Set(lines)];

describe('merging two random shows', () => {
  it('keeps every distinct item of either exactly once; again changes nothing; splitting gives the state before (B3)', async () => {
    await fc.assert(
      fc.asyncProperty(show, show, async (left, right) => {
        const pair = await build(database, left, right);
        const before = await dump();
        const rows = await exactly();
        const distinct = DUPLICATE_FREE(await items(database, [pair.left, pair.right]));

        const merged = await mergeShows(pair.left, pair.right);
        expect(await items(database, [pair.right])).toEqual(distinct);
        expect(await items(database, [pair.left])).toEqual([]);

        const once = await exactly();
        expect(await mergeShows(pair.left, pair.right)).toMatchObject({
          merge_id: merged.merge_id,
          already_merged: true,
        });
        expect(await exactly()).toEqual(once);

        const split = await call<Split>("core.split_shows($1, 'test')", [merged.merge_id]);
        expect(split.conflicts).toEqual([]);
        expect(await exactly()).toEqual(rows);
        expect(await dump()).toBe(before);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

describe('merging two random people', () => {
  it('keeps their credits, photos and profiles; splitting gives the state before', async () => {
    const photos = fc.uniqueArray(fc.tuple(fc.nat({ max: 3 }), fc.boolean()), {
      maxLength: 4,
      selector: ([image]) => image,
    });
    const profile = fc.record({ photos, fandom: fc.boolean(), tmdb: fc.boolean(), imdb: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(show, show, profile, profile, async (left, right, one, other) => {
        const { people } = await build(database, left, right);
        const [source = '', target = ''] = people;
        for (const [side, [person, has]] of (
          [
            [source, one],
            [target, other],
          ] as const
        ).entries()) {
          await addProfile(person, side, has);
        }
        const before = await dump();
        const rows = await exactly();
        const distinct = DUPLICATE_FREE(await creditsOf([source, target]));
        const merged = await mergePeople(source, target);
        expect(await creditsOf([target])).toEqual(distinct);
        expect(await creditsOf([source])).toEqual([]);
        expect((await mergePeople(source, target)).already_merged).toBe(true);
        expect((await call<Split>("core.split_people($1, 'test')", [merged.merge_id])).conflicts).toEqual([]);
        expect(await exactly()).toEqual(rows);
        expect(await dump()).toBe(before);
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});

interface Profile {
  readonly photos: readonly (readonly [image: number, byAddress: boolean])[];
  readonly fandom: boolean;
  readonly tmdb: boolean;
  readonly imdb: boolean;
}

async function addProfile(person: string, side: number, has: Profile): Promise<void> {
  const ids = { ...(has.imdb ? { imdb: `nm${side}1` } : {}), [`side${side}`]: 'x' };
  await database.owner('update core.people set external_ids = $2 where id = $1', [person, JSON.stringify(ids)]);
  for (const [image, byAddress] of has.photos) {
    await database.owner(
      `insert into core.cast_photos (person_id, source, url, source_image_id, image_url_canonical, caption, title_names)
       values ($1, 'tmdb', $2, $3, $4, $5, $6)`,
      [
        person,
        `https://example.org/${side}/${image}`,
        byAddress ? null : `image-${image}`,
        `https://example.org/${image}`,
        side === 0 ? 'caption' : null,
        side === 0 ? ['A', 'B'] : null,
      ],
    );
  }
  if (has.fandom)
    await database.owner(
      "insert into core.cast_fandom (person_id, source, source_url, summary, romances) values ($1, 'fandom', 'u', $2, $3)",
      [person, side === 0 ? 'text' : null, [`r${side}`]],
    );
  if (has.tmdb)
    await database.owner('insert into core.cast_tmdb (person_id, tmdb_id, name) values ($1, $2, $3)', [
      person,
      side + 1,
      `Name ${side}`,
    ]);
}

async function creditsOf(people: readonly string[]): Promise<string[]> {
  const rows = await database.owner<{ line: string }>(
    `with p as (select * from core.people where id = any ($1::uuid[]))
     select concat_ws(' ', 'cast', show_id, credit_category) as line from core.show_cast where person_id in (select id from p)
     union all select concat_ws(' ', 'appears', show_id) from core.episode_appearances where person_id in (select id from p)
     union all select concat_ws(' ', 'appears', show_id, e) from core.episode_appearances
       cross join unnest(imdb_episode_title_ids) e where person_id in (select id from p)
     union all select concat_ws(' ', 'member', show_id, season_id, role) from core.cast_memberships where person_id in (select id from p)
     union all select concat_ws(' ', 'joined', c.episode_id, m.role) from core.episode_cast c
       join core.cast_memberships m on m.id = c.cast_membership_id where m.person_id in (select id from p)
     union all select concat_ws(' ', 'photo', source, image_url_canonical) from core.cast_photos where person_id in (select id from p)
     union all select concat_ws(' ', 'fandom', source) from core.cast_fandom where person_id in (select id from p)
     union all select concat_ws(' ', 'romance', r) from core.cast_fandom cross join unnest(romances) r where person_id in (select id from p)
     union all select concat_ws(' ', 'tmdb', v) from (
       select tmdb_id::text as v from core.cast_tmdb where person_id in (select id from p)
       union all select value from core.external_ids where person_id in (select id from p) and scheme = 'tmdb') t
     union all select concat_ws(' ', 'id', k, v) from (
       select e.key as k, e.value as v from p cross join jsonb_each_text(external_ids) e
       union all select scheme, value from core.external_ids where person_id in (select id from p) and scheme <> 'tmdb') ids
     order by 1`,
    [people],
  );
  return rows.map(({ line }) => line).sort();
}
