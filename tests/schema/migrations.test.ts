import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMigrations } from '../../src/platform/db/migrate/files.ts';
import { MIGRATIONS_FOLDER, migrate } from '../../src/platform/db/migrate/migrate.ts';
import { seedDatabase } from '../../src/platform/db/migrate/reset.ts';
import { withOwner } from '../../src/platform/db/owner.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { liveFacts } from './catalogue.ts';
import { createBaselineDatabase, FIRST_OWN_VERSION } from './databases.ts';
import { PREDECESSOR_ROWS } from './predecessor.ts';

/** Everything but tables: functions, triggers, policies and grants, as lines. */
const BEHAVIOUR = `
with owned as (select oid from pg_namespace where nspname in ('core', 'games', 'identity', 'pipeline', 'social', 'surveys'))
select p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid)) || ' ' || coalesce(p.proacl::text, '') as fact
from pg_proc p where p.pronamespace in (select oid from owned)
union all
select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace in (select oid from owned)
union all
select schemaname || '.' || tablename || ' ' || policyname || ' ' || cmd || ' ' || roles::text || ' ' || coalesce(qual, '') || ' '
  || coalesce(with_check, '') from pg_policies
union all
select c.oid::regclass || ' ' || c.relrowsecurity || ' ' || coalesce(c.reloptions::text, '') || ' '
  || coalesce((select string_agg(acl::text, ',' order by acl::text) from unnest(c.relacl) acl), '')
from pg_class c where c.relnamespace in (select oid from owned) and c.relkind in ('r', 'v')
union all
select 'pipeline ' || table_name || '.' || column_name || ' ' || data_type from information_schema.columns where table_schema = 'pipeline'
order by 1`;

async function everything(database: TestDatabase): Promise<string[]> {
  const behaviour = await database.owner<{ fact: string }>(BEHAVIOUR);
  return [...(await liveFacts(database.owner, { positions: false })), ...behaviour.map(({ fact }) => fact)].sort();
}

async function runOwnFiles(database: TestDatabase): Promise<void> {
  const files = await readMigrations(MIGRATIONS_FOLDER);
  for (const file of files.filter(({ version }) => version >= FIRST_OWN_VERSION)) {
    await withOwner(database.url, async (client) => {
      await client.query('begin');
      await client.query(file.text);
      await client.query('commit');
    });
  }
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describe('migrations', () => {
  it('have nothing to do the second time', async () => {
    expect(await migrate({ url: database.url })).toEqual([]);
  });

  it('from 0052 on may run twice, alone and together, and change nothing', async () => {
    await seedDatabase(database.url);
    const before = await everything(database);
    const rows = async () =>
      database.owner(
        'select id, updated_at, xmin::text from core.shows union all select id, updated_at, xmin::text from core.episodes order by 1',
      );
    const rowsBefore = await rows();
    await runOwnFiles(database);
    expect(await everything(database)).toEqual(before);
    expect(await rows()).toEqual(rowsBefore);
  });

  it('bring a database with the predecessor’s code and contradictory rows to the same structure', async () => {
    const adopted = await createBaselineDatabase();
    const fresh = await createTestDatabase();
    try {
      await adopted.owner(PREDECESSOR_ROWS);
      await migrate({ url: adopted.url });
      expect(await everything(adopted)).toEqual(await everything(fresh));
      const [state] = await adopted.owner(`select
        (select imdb_id from core.shows where name = 'Padded') as trimmed,
        (select imdb_id from core.shows where name = 'Blank') as blank,
        (select string_agg(slug, ' ' order by slug) from core.show_slugs) as slugs,
        (select external_ids from core.people where full_name = 'Ann') as ids,
        (select count(*)::int from core.cast_photos) as photos,
        (select hosted_key from core.cast_photos) as photo,
        (select season_number from core.episodes) as episode_season,
        (select parent_post_id from social.posts where body = 'reply elsewhere') as parent,
        (select season_id from surveys.surveys) as survey_season,
        (select primary_poster_image_id from core.shows where name = 'Padded') as poster`);
      expect(state).toEqual({
        trimmed: 'tt900',
        blank: null,
        slugs: 'blank padded',
        ids: { imdb: 'nm9', tmdb: '9' },
        photos: 1,
        photo: 'stored',
        episode_season: 1,
        parent: null,
        survey_season: null,
        poster: null,
      });
    } finally {
      await adopted.drop();
      await fresh.drop();
    }
  });
});

describe('the seed', () => {
  it('changes nothing when it runs again', async () => {
    await seedDatabase(database.url);
    const count = `select (select count(*)::int from core.people) as people, (select count(*)::int from core.cast_memberships) as memberships,
      (select count(*)::int from core.episode_cast) as links, (select count(*)::int from surveys.options) as survey_options,
      (select count(*)::int from games.options) as game_options, (select count(*)::int from games.stats) as stats,
      (select count(*)::int from surveys.aggregates) as aggregates, (select count(*)::int from social.posts) as posts,
      (select string_agg(slug, ',') from core.show_slugs) as slugs`;
    const [first] = await database.owner(count);
    expect(first).toEqual({
      people: 5,
      memberships: 5,
      links: 10,
      survey_options: 8,
      game_options: 8,
      stats: 3,
      aggregates: 3,
      posts: 3,
      slugs: 'trr-sample-show',
    });
    await seedDatabase(database.url);
    expect(await database.owner(count)).toEqual([first]);
  });
});
