import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrange, type Session, session } from './session.ts';

let database: TestDatabase;
const check = (fn: (s: Session) => Promise<void>) => () => session(database, (s) => s.as('service_role', () => fn(s)));

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Report {
  readonly merge_id: string;
  readonly already_merged: boolean;
  readonly conflicts: readonly { table: string; field?: string; why: string }[];
}

const add = async (s: Session, name: string, columns = 'name', ...values: unknown[]) =>
  String(
    await s.value(
      `insert into core.shows (${columns}) values (${[name, ...values].map((_, n) => `$${n + 1}`).join(', ')}) returning id`,
      [name, ...values],
    ),
  );
const merge = async (s: Session, source: string, target: string, kind = 'shows') =>
  (await s.value(`select core.merge_${kind}($1, $2, 'ann', 'same')`, [source, target])) as Report;
const split = async (s: Session, merged: Report, kind = 'shows') =>
  (await s.value(`select core.split_${kind}($1, 'bob')`, [merged.merge_id])) as Report;

/** The name of the rule that refuses the statement. */
async function rule(s: Session, text: string, values: unknown[]): Promise<string | undefined> {
  await s.sql('savepoint rule');
  try {
    await s.sql(text, values);
    return undefined;
  } catch (error) {
    await s.sql('rollback to savepoint rule');
    return (error as { constraint?: string }).constraint;
  }
}

describe('the rules of merging', () => {
  it('name every column that refers to something that can be merged', async () => {
    const columns = await database.owner<{ name: string }>(
      `select distinct c.oid::regclass::text || '.' || a.attname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|auth|supabase)' and not a.attisdropped
         and c.relname not in ('merges', 'merge_changes')
         and (a.attname in ('show_id', 'season_id', 'episode_id', 'person_id', 'cast_membership_id')
           or exists (
             select 1 from pg_constraint k
             where k.contype = 'f' and k.conrelid = c.oid and k.confrelid in (select parent::regclass from core.merge_rules)
               and a.attnum = k.conkey[array_position(k.confkey, (select attnum from pg_attribute
                 where attrelid = k.confrelid and attname = 'id'))]))
       order by 1`,
    );
    const ruled = await database.owner<{ name: string }>(
      "select distinct relation || '.' || column_name as name from core.merge_rules order by 1",
    );
    expect(ruled).toEqual(columns);
    expect(columns.length).toBeGreaterThan(30);
  });

  it('unite where a unique key could collide', async () => {
    const colliding = await database.owner<{ name: string; key: string }>(
      `select distinct r.relation || '.' || r.column_name as name, i.indexrelid::regclass::text as key
       from core.merge_rules r
       join pg_attribute a on a.attrelid = r.relation::regclass and a.attname = r.column_name
       join pg_index i on i.indrelid = a.attrelid and i.indisunique and a.attnum = any (i.indkey::int2[])
       where r.rule = 'move'
         and not exists (select 1 from unnest(i.indkey::int2[]) k join pg_attribute x on x.attrelid = i.indrelid and x.attnum = k
           where x.attname = 'id') order by 1`,
    );
    // A moved slug is no longer the current one.
    expect(colliding).toEqual([{ name: 'core.show_slugs.show_id', key: 'core.show_slugs_current_key' }]);
  });

  it('are asked for when a table has none: nothing is lost with the source', async () => {
    await session(database, async (s) => {
      const { show, otherShow } = await arrange(s);
      await s.sql('create table core.notes_of_tomorrow (show_id uuid references core.shows (id) on delete cascade)');
      await s.sql('insert into core.notes_of_tomorrow values ($1)', [show]);
      await s.sql('grant select on core.notes_of_tomorrow to service_role');
      await s.as('service_role', async () =>
        expect(await rule(s, "select core.merge_shows($1, $2, 'x')", [show, otherShow])).toBe('merge_rule_missing'),
      );
    });
  });
});

describe('a merge', () => {
  it(
    'is refused by name when it makes no sense',
    check(async (s) => {
      const [a, b, c] = [await add(s, 'A'), await add(s, 'B'), await add(s, 'C')];
      const tell = (source: string | null, target: string | null, actor = 'ann') =>
        rule(s, 'select core.merge_shows($1, $2, $3)', [source, target, actor]);
      const nobody = '00000000-0000-4000-8000-000000000000';
      expect(await tell(null, b)).toBe('merge_needs_two');
      expect(await tell(a, a)).toBe('merge_same');
      expect(await tell(a, b, ' ')).toBe('merge_needs_actor');
      expect(await tell(nobody, b)).toBe('show_not_found');
      expect(await tell(a, nobody)).toBe('show_not_found');
      await s.sql('update core.shows set retired_at = now() where id = $1', [c]);
      expect(await tell(a, c)).toBe('target_retired');
      await merge(s, a, b);
      expect(await tell(b, a)).toBe('merged_away');
      expect(await tell(c, a)).toBe('merged_away');
      expect(await tell(a, c)).toBe('merged_away');
    }),
  );

  it(
    'of merged shows is followed through the chain, and undone from its end',
    check(async (s) => {
      const [a, b, c] = [await add(s, 'A'), await add(s, 'B'), await add(s, 'C')];
      const first = await merge(s, a, b);
      const second = await merge(s, b, c);
      expect(await merge(s, a, c)).toMatchObject({ merge_id: first.merge_id, already_merged: true });
      expect(await rule(s, "select core.split_shows($1, 'x')", [first.merge_id])).toBe('merge_target_gone');
      await split(s, second);
      await split(s, first);
      expect(await rule(s, "select core.split_shows($1, 'x')", [first.merge_id])).toBe('merge_undone');
      expect(await s.sql('select name from core.shows order by 1')).toEqual([
        { name: 'A' },
        { name: 'B' },
        { name: 'C' },
      ]);
      expect((await merge(s, b, a)).already_merged).toBe(false);
    }),
  );

  it(
    'keeps the addresses and the name of the source, and who asked for it',
    check(async (s) => {
      const [a, b] = [await add(s, 'Big Brother'), await add(s, 'Big Brother US')];
      const merged = await merge(s, a, b);
      expect(await s.sql('select slug, show_id, is_current from core.show_slugs order by 1')).toEqual([
        { slug: 'big-brother', show_id: b, is_current: false },
        { slug: 'big-brother-us', show_id: b, is_current: true },
      ]);
      expect(await s.sql('select show_id, name, source from core.alternative_names')).toEqual([
        { show_id: b, name: 'Big Brother', source: 'merge' },
      ]);
      await split(s, merged);
      expect(await s.sql('select slug, show_id, is_current from core.show_slugs order by 1')).toEqual([
        { slug: 'big-brother', show_id: a, is_current: true },
        { slug: 'big-brother-us', show_id: b, is_current: true },
      ]);
      expect(
        await s.sql(
          'select source_name, target_name, actor, reason, undone_by, undone_at is not null as undone from core.merges',
        ),
      ).toEqual([
        {
          source_name: 'Big Brother',
          target_name: 'Big Brother US',
          actor: 'ann',
          reason: 'same',
          undone_by: 'bob',
          undone: true,
        },
      ]);
    }),
  );

  it(
    'unites fields: the target wins, gaps are filled, lists are united with their sources, metas keep both',
    check(async (s) => {
      const claim = (values: string[]) => JSON.stringify({ genres: { source: 'tmdb', values: { tmdb: values } } });
      const columns =
        'name, description, tmdb_status, genres, provenance, tmdb_meta, needs_imdb_resolution, needs_tmdb_resolution';
      const a = await add(
        s,
        'A',
        columns,
        'from a',
        'Ended',
        ['B', 'C', 'D'],
        claim(['B', 'D']),
        '{"x": 1, "y": 1}',
        true,
        false,
      );
      const b = await add(s, 'B', columns, '', 'Running', ['A', 'B'], claim(['A']), '{"x": null, "y": 2}', true, true);
      await merge(s, a, b);
      const [row] = await s.sql(
        'select description, tmdb_status, genres, provenance, tmdb_meta, needs_imdb_resolution as i, needs_tmdb_resolution as t from core.shows',
      );
      expect(row).toEqual({
        description: 'from a',
        tmdb_status: 'Running',
        genres: ['A', 'B', 'C', 'D'],
        // B was nobody's on one side: no source may withdraw it.
        provenance: { genres: { source: 'tmdb', values: { tmdb: ['A', 'D'] } } },
        tmdb_meta: { x: 1, y: 2 },
        i: true,
        t: false,
      });
    }),
  );

  it(
    'keeps what people decided: the target’s decision before the source’s, and either before the sources',
    check(async (s) => {
      const a = await add(s, 'A', 'name, description, tags', 'mine', ['a']);
      const b = await add(s, 'B', 'name, description, tags', 'theirs', ['b']);
      for (const [show, field, value] of [
        [a, 'description', 'mine'],
        [a, 'tags', ['a']],
        [b, 'tags', ['b']],
      ] as const)
        await s.sql(
          "insert into core.overrides (table_name, row_key, field, value, actor) values ('shows', $1, $2, $3, 'ann')",
          [show, field, JSON.stringify(value)],
        );
      await merge(s, a, b);
      expect(await s.sql('select description, tags from core.shows')).toEqual([{ description: 'mine', tags: ['b'] }]);
      expect(await s.sql('select row_key, field, value from core.overrides order by field')).toEqual([
        { row_key: b, field: 'description', value: 'mine' },
        { row_key: b, field: 'tags', value: ['b'] },
      ]);
    }),
  );
});

describe('a split', () => {
  it(
    'leaves later changes with the target and tells them',
    check(async (s) => {
      const f = await arrange(s);
      await s.sql("update core.shows set description = 'old', genres = '{A}' where id = $1", [f.show]);
      await s.sql("update core.shows set genres = '{B}' where id = $1", [f.otherShow]);
      await s.sql('insert into core.seasons (show_id, season_number) values ($1, 2)', [f.show]);
      const merged = await merge(s, f.show, f.otherShow);

      await s.sql("update core.shows set description = 'new', genres = genres || '{C}' where id = $1", [f.otherShow]);
      await s.sql("insert into social.threads (episode_id, title, type) values ($1, 'later', 'general')", [
        f.otherEpisode,
      ]);
      await s.sql(
        "insert into surveys.surveys (show_id, season_id, title) select show_id, id, 'later' from core.seasons where season_number = 2",
      );
      // Somebody else has the source's id by now.
      await s.sql("update core.external_ids set value = 'tt999' where value = 'tt101'");
      await add(s, 'Third', 'name, imdb_id', 'tt101');

      const report = await split(s, merged);
      expect(report.conflicts.map(({ table, field, why }) => [table, field ?? null, why])).toEqual([
        ['core.external_ids', null, 'changed since the merge'],
        ['core.shows', 'description', 'changed since the merge'],
        ['core.shows', 'genres', 'changed since the merge'],
        ['core.shows', null, 'the value is in use elsewhere'],
      ]);
      expect(await s.sql('select name, description, genres, imdb_id from core.shows order by 1')).toEqual([
        { name: 'First', description: 'old', genres: ['A'], imdb_id: null },
        { name: 'Second', description: 'new', genres: ['B', 'C'], imdb_id: 'tt102' },
        { name: 'Third', description: null, genres: null, imdb_id: 'tt101' },
      ]);
      // The later thread stays where it was written; the later survey follows the season it is about.
      expect(await s.value('select episode_id from social.threads')).toBe(f.otherEpisode);
      expect(await s.value('select show_id from surveys.surveys')).toBe(f.show);
    }),
  );

  it(
    'takes along a survey that was pointed at a moved episode, and leaves one pointed away',
    check(async (s) => {
      const f = await arrange(s);
      const moved = String(
        await s.value(
          'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 2) returning id',
          [f.show, f.season],
        ),
      );
      const survey = async (show: string, season: string, episode: string, title: string) =>
        s.sql('insert into surveys.surveys (show_id, season_id, episode_id, title) values ($1, $2, $3, $4)', [
          show,
          season,
          episode,
          title,
        ]);
      await survey(f.show, f.season, moved, 'away');
      const merged = await merge(s, f.show, f.otherShow);
      await s.sql("update surveys.surveys set episode_id = $1 where title = 'away'", [f.otherEpisode]);
      await survey(f.otherShow, f.otherSeason, moved, 'along');
      await split(s, merged);
      expect(await s.sql('select title, show_id, season_id, episode_id from surveys.surveys order by 1')).toEqual([
        { title: 'along', show_id: f.show, season_id: f.season, episode_id: moved },
        { title: 'away', show_id: f.otherShow, season_id: f.otherSeason, episode_id: f.otherEpisode },
      ]);
    }),
  );

  it(
    'of people gives the credits back to each',
    check(async (s) => {
      const f = await arrange(s);
      const other = String(
        await s.value(
          'insert into core.people (full_name, external_ids) values (\'Ann B\', \'{"imdb": "nm1"}\') returning id',
        ),
      );
      const cast = 'insert into core.show_cast (show_id, person_id, billing_order) values ($1, $2, $3)';
      await s.sql(cast, [f.show, f.person, 1]);
      await s.sql(cast, [f.show, other, null]);
      await s.sql(cast, [f.otherShow, f.person, 2]);
      const merged = await merge(s, f.person, other, 'people');
      expect(
        await s.sql('select show_id, person_id, billing_order, cast_member_name from core.show_cast order by 3'),
      ).toEqual([
        { show_id: f.show, person_id: other, billing_order: 1, cast_member_name: 'Ann B' },
        { show_id: f.otherShow, person_id: other, billing_order: 2, cast_member_name: 'Ann B' },
      ]);
      expect(await rule(s, "select core.split_shows($1, 'x')", [merged.merge_id])).toBe('merge_not_found');
      expect((await split(s, merged, 'people')).conflicts).toEqual([]);
      expect(
        await s.sql('select person_id, billing_order, cast_member_name from core.show_cast order by 2 nulls last'),
      ).toEqual([
        { person_id: f.person, billing_order: 1, cast_member_name: 'Ann' },
        { person_id: f.person, billing_order: 2, cast_member_name: 'Ann' },
        { person_id: other, billing_order: null, cast_member_name: 'Ann B' },
      ]);
    }),
  );
});

// Last: its rows stay.
describe('merges at once', () => {
  it('of the same two, either way around, are one merge; a thread written meanwhile is not lost', async () => {
    const made = await database.owner<{ id: string }>(
      "insert into core.shows (name) values ('Once'), ('Twice') returning id",
    );
    const [a = '', b = ''] = made.map(({ id }) => id);
    const [season] = await database.owner<{ id: string }>(
      'insert into core.seasons (show_id, season_number) values ($1, 1) returning id',
      [a],
    );
    const [episode] = await database.owner<{ id: string }>(
      'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 1) returning id',
      [a, season?.id],
    );
    const call = (source: string, target: string) =>
      database.db.asService('race', (tx) => tx.raw("select core.merge_shows($1, $2, 'x')", [source, target]));
    const write = () =>
      database.owner("insert into social.threads (episode_id, title, type) values ($1, 'T', 'general')", [episode?.id]);
    const ended = await Promise.allSettled([call(a, b), write(), call(b, a), call(a, b), write()]);
    const threads = await database.owner<{ n: number }>('select count(*)::int as n from social.threads');
    expect(threads[0]?.n).toBe([ended[1], ended[4]].filter((end) => end?.status === 'fulfilled').length);
    expect(await database.owner('select count(*)::int as n from core.merges')).toEqual([{ n: 1 }]);
    expect(await database.owner("select count(*)::int as n from core.shows where name in ('Once', 'Twice')")).toEqual([
      { n: 1 },
    ]);
  });
});
