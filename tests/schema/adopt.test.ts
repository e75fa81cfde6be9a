import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdoptOptions, adoptDatabase } from '../../src/platform/db/adopt/adopt.ts';
import { differences, lineOf } from '../../src/platform/db/catalogue/compare.ts';
import { factsOf } from '../../src/platform/db/catalogue/facts.ts';
import { readCatalogueOf } from '../../src/platform/db/catalogue/read.ts';
import { readMigrations } from '../../src/platform/db/migrate/files.ts';
import { MIGRATIONS_FOLDER, migrate, migrationState } from '../../src/platform/db/migrate/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createPredecessorDatabase } from '../helpers/predecessor-database.ts';

let database: TestDatabase;
const adopt = (options: Partial<AdoptOptions> = {}) => adoptDatabase({ url: database.url, ...options });
const history = () =>
  database.owner<{ version: string }>('select version from supabase_migrations.schema_migrations order by 1');

const ROWS = `
insert into core.shows (id, name, imdb_id, tmdb_id) values ('00000000-0000-4000-8000-000000000001', 'Kept', ' TT900 ', 9);
insert into core.seasons (id, show_id, season_number) values
  ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 1);
insert into core.episodes (id, show_id, season_id, season_number, episode_number) values
  ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', 1, 1);
insert into core.people (id, full_name, external_ids) values ('00000000-0000-4000-8000-000000000004', 'Ann', '{"imdb": "nm9"}');
insert into core.show_cast (show_id, person_id) values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000004');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000a', 'a@example.org');
insert into social.threads (id, episode_id, title, type, created_by) values
  ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000003', 'T', 'general', '00000000-0000-4000-8000-00000000000a');
insert into social.posts (thread_id, user_id, body) values
  ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-00000000000a', 'hello');
insert into surveys.surveys (id, show_id, title, status) values
  ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000001', 'S', 'published');
insert into surveys.responses (id, survey_id, user_id) values
  ('00000000-0000-4000-8000-000000000011', '00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-00000000000a'),
  ('00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-00000000000a');
insert into surveys.questions (id, survey_id, question_order, prompt, question_type) values
  ('00000000-0000-4000-8000-000000000013', '00000000-0000-4000-8000-000000000006', 1, 'Who?', 'single_choice');
insert into surveys.options (question_id, option_order, label, value) values ('00000000-0000-4000-8000-000000000013', 1, 'A', 'a');
insert into surveys.answers (survey_id, response_id, question_id, answer) values
  ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000013', '{"value": "nobody"}');
insert into surveys.aggregates (survey_id, question_id, aggregate) values
  ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000013', '{"total": 9}');
insert into social.reactions (post_id, user_id, reaction)
  select id, '00000000-0000-4000-8000-00000000000a', unnest(array['upvote', 'downvote', 'fire']) from social.posts;
insert into social.posts (thread_id, body) values ('00000000-0000-4000-8000-000000000005', ' ');
insert into social.dm_conversations (id, direct_key) values ('00000000-0000-4000-8000-000000000007', 'made up'), (default, null);
insert into social.dm_members (conversation_id, user_id, role) values
  ('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-00000000000a', 'king');
insert into social.dm_messages (conversation_id, sender_id, body) values
  ('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-00000000000a', '');
insert into games.games (id, show_id, game_type, title, status) values
  ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000001', 'quiz', '', 'published');
insert into games.sessions (game_id, user_id, status, submitted_at) values
  ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000a', 'submitted', now()),
  ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000a', 'in_progress', null);
`;

beforeEach(async () => {
  database = await createPredecessorDatabase();
});
afterEach(() => database.drop());

describe('adopting the predecessor’s database', () => {
  it('finds nothing but the stand-in bodies of the test’s own functions', async () => {
    const { outcome, differences: found, problems } = await adopt({ dryRun: true });
    expect(found.filter(({ kind, how }) => kind !== 'function' || how !== 'changed')).toEqual([]);
    expect(found).toHaveLength(28);
    expect(found.find(({ id }) => id === 'function:core.merge_shows(uuid,uuid)')?.line).toMatch(
      /^changed function core\.merge_shows.* - 0052 replaces or drops it/,
    );
    expect({ outcome, problems }).toEqual({ outcome: 'refused', problems: [] });
  });

  it('ends, with rows in it, in the catalogue of a new database after migrate', async () => {
    const fresh = await createTestDatabase();
    try {
      await database.owner(ROWS);
      const before = await history();
      expect(await adopt({ acceptAll: true, rehearse: true })).toMatchObject({ outcome: 'ready', problems: [] });
      expect(await history()).toEqual(before);
      expect((await adopt({ acceptAll: true })).outcome).toBe('adopted');
      const later = (await readMigrations(MIGRATIONS_FOLDER)).filter(({ version }) => version > '0051');
      expect(await migrate({ url: database.url })).toEqual(later.map(({ version }) => version));
      const [one, other] = await Promise.all([readCatalogueOf(fresh.url), readCatalogueOf(database.url)]);
      expect(differences(factsOf(one, { detail: 'full' }), factsOf(other, { detail: 'full' })).map(lineOf)).toEqual([]);
      expect(other.tables.map(({ columns }) => columns)).toEqual(one.tables.map(({ columns }) => columns));
      expect(await migrationState(database.url)).toMatchObject({ pending: [], unknown: [], changed: [], gaps: [] });
      const [rows] = await database.owner(`select (select imdb_id from core.shows) as imdb_id,
        (select count(*)::int from social.posts) as posts, (select count(*)::int from identity.users) as users,
        (select count(*)::int from pipeline.adopted_migrations) as kept,
        (select statements[1] from pipeline.adopted_migrations where version = '0007') as statement`);
      expect(rows).toEqual({ imdb_id: 'tt900', posts: 2, users: 1, kept: 51, statement: 'select 7' });
    } finally {
      await fresh.drop();
    }
  });

  it('marks the baseline in one step, and says so when asked again', async () => {
    const before = await history();
    expect((await adopt()).outcome).toBe('refused');
    expect((await adopt({ acceptAll: true, dryRun: true })).outcome).toBe('ready');
    expect(await history()).toEqual(before);
    const adoption = await adopt({ acceptAll: true });
    expect(adoption.message).toMatch(/51 rows.*trr db migrate/);
    expect((await history()).map(({ version }) => version)).toEqual(adoption.baseline);
    expect(await adopt()).toMatchObject({ outcome: 'nothing', verdict: 'adopted' });
    await migrate({ url: database.url });
    expect(await adopt()).toMatchObject({ outcome: 'nothing', verdict: 'adopted' });
  });
});

describe('explained differences', () => {
  const accepted = async () => (await adopt({ dryRun: true })).differences.map(({ id }) => id);

  it('name every kind of change, and are accepted one by one', async () => {
    const standIns = await accepted();
    await database.owner(`
      alter table core.shows add column extra text;
      alter table core.people alter column known_for type varchar(10);
      alter table core.people alter column full_name set default 'x';
      alter table core.show_cast drop constraint show_cast_show_id_fkey;
      alter table games.games drop constraint games_status_check;
      drop index core.people_full_name_idx;
      alter policy posts_delete_own on social.posts using (true);
      grant select on social.dm_messages to authenticated;
      revoke select on core.shows from anon;
      create table social.notes (id int primary key);
      drop view core.v_cast_photos;
      create function social.helper() returns int language sql as 'select 1';
      alter table core.cast_photos enable row level security;
      drop trigger core_shows_set_updated_at on core.shows;
      delete from supabase_migrations.schema_migrations where version = '0033'`);
    const refused = await adopt({ accept: standIns });
    const open = refused.differences.filter((one) => !one.accepted);
    expect(open.map(({ how, id }) => `${how} ${id}`).sort()).toEqual([
      'changed column:core.people.full_name',
      'changed column:core.people.known_for',
      'changed policy:social.posts.posts_delete_own',
      'changed table:core.cast_photos',
      'extra column:core.shows.extra',
      'extra function:social.helper()',
      'extra grant:social.dm_messages.authenticated',
      'extra table:social.notes',
      'missing check:games.games.games_status_check',
      'missing foreign-key:core.show_cast.show_cast_show_id_fkey',
      'missing grant:core.shows.anon',
      'missing history:0033',
      'missing index:core.people.people_full_name_idx',
      'missing trigger:core.shows.core_shows_set_updated_at',
      'missing view:core.v_cast_photos',
    ]);
    expect(open.every(({ line }) => !line.includes('\n') && line.includes(' - '))).toBe(true);
    expect(open.find(({ id }) => id === 'column:core.people.known_for')?.line).toBe(
      'changed column core.people.known_for: expected text, found character varying(10) - it stays as it is; migrations and program expect the other',
    );
    expect((await adopt({ accept: [...standIns, ...open.slice(1).map(({ id }) => id)] })).outcome).toBe('refused');
    const all = await adopt({ accept: [...standIns, ...open.map(({ id }) => id), 'column:core.nowhere.x'] });
    expect(all).toMatchObject({ outcome: 'adopted', unknownAccepts: ['column:core.nowhere.x'] });
  });

  it('list rows the migrations would stop at, which nobody can accept', async () => {
    await database.owner(`
      insert into core.shows (name, imdb_id) values ('A', 'tt5'), ('B', ' TT5'), ('C', 'x1');
      insert into core.people (full_name, external_ids) values ('A', '{"tmdb": 7}'), ('B', '{"tmdb_id": "7"}')`);
    const { outcome, problems, message } = await adopt({ acceptAll: true });
    expect(problems.map(({ id, count, examples }) => ({ id, count, examples }))).toEqual([
      { id: 'rows:shows-imdb-id', count: 1, examples: ['tt5'] },
      { id: 'rows:shows-imdb-format', count: 1, examples: ["'x1'"] },
      { id: 'rows:people-tmdb-id', count: 1, examples: ['7'] },
    ]);
    await database.owner(`delete from core.shows; delete from core.people;
      create function core.sabotage() returns trigger language plpgsql as 'begin raise ''not this one''; end';
      insert into core.shows (name, imdb_id) values ('A', ' tt5');
      create trigger sabotage before update on core.shows for each row execute function core.sabotage()`);
    const rehearsal = await adopt({ acceptAll: true, rehearse: true });
    expect({ outcome: rehearsal.outcome, problems: rehearsal.problems }).toMatchObject({
      outcome: 'refused',
      problems: [{ id: 'rehearsal:0057', examples: ['not this one'] }],
    });
    expect({ outcome, message }).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('3 kind(s) of rows'),
    });
  });
});

describe('anything else', () => {
  let fresh: TestDatabase;
  beforeAll(async () => {
    fresh = await createTestDatabase();
  });
  afterAll(() => fresh.drop());

  it('is told in one line what it is', async () => {
    expect(await adoptDatabase({ url: fresh.url, acceptAll: true })).toMatchObject({
      outcome: 'nothing',
      verdict: 'new',
    });
    await database.owner("delete from supabase_migrations.schema_migrations where version > '0040'");
    expect(await adopt()).toMatchObject({ verdict: 'older', message: expect.stringContaining('0040') });
    await database.owner("insert into supabase_migrations.schema_migrations (version) values ('20240101000000')");
    expect(await adopt()).toMatchObject({ verdict: 'foreign', message: expect.stringContaining('20240101000000') });
    await database.owner('delete from supabase_migrations.schema_migrations');
    expect(await adopt()).toMatchObject({ outcome: 'nothing', verdict: 'foreign' });
    await database.owner('drop schema core, social, surveys, games, supabase_migrations cascade');
    expect(await adopt()).toMatchObject({ outcome: 'nothing', verdict: 'empty' });
  });
});
