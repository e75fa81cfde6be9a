import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrangeShow, atOnce, type Community, community, refusal } from './community.ts';
import { createBaselineDatabase } from './databases.ts';
import { session } from './session.ts';

const PLATFORM = 'https://project.example/auth/v1';
const RESOLVE = 'select identity.resolve_user($1, $2, $3, $4)';

let database: TestDatabase;
let c: Community;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 40 });
  c = community(database);
});

afterAll(() => database.drop());

const onPlatform = async () => {
  const id = randomUUID();
  await database.owner('insert into auth.users (id, email) values ($1, $2)', [id, `${id}@example.org`]);
  return id;
};
const exists = (id: string) => c.value('select exists (select 1 from identity.users where id = $1)', [id]);

describe('first sight', () => {
  it('makes one user per account, twenty at once', async () => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, () =>
        c.service(RESOLVE, ['https://securetoken.example/app', 'Xq81-firebase', null, null]),
      ),
    );
    expect(new Set(seen).size).toBe(1);
    expect(await c.value("select count(*)::int from identity.accounts where subject = 'Xq81-firebase'")).toBe(1);
    expect(await c.value('select count(*)::int from identity.users where id = $1', [seen[0]])).toBe(1);
  });

  it('keeps the id of somebody of the hosted platform, twenty at once', async () => {
    const id = await onPlatform();
    expect(await atOnce(20, () => c.service(RESOLVE, [PLATFORM, id, `${id}@example.org`, id]))).toEqual({
      accepted: 20,
    });
    expect(await database.owner('select id, supabase_user_id from identity.users where id = $1', [id])).toEqual([
      { id, supabase_user_id: id },
    ]);
  });

  it('does not join people of different issuers by subject or address', async () => {
    const ids = await Promise.all(
      ['https://one.example', 'https://two.example'].map((issuer) =>
        c.service(RESOLVE, [issuer, 'same', 'a@example.org', null]),
      ),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('follows a changed address, and forgets none for lack of one', async () => {
    const id = await c.service(RESOLVE, ['https://one.example', 'moves', 'old@example.org', null]);
    await c.service(RESOLVE, ['https://one.example', 'moves', 'new@example.org', null]);
    await c.service(RESOLVE, ['https://one.example', 'moves', null, null]);
    expect(await c.value('select email from identity.users where id = $1', [id])).toBe('new@example.org');
  });

  it('believes the younger of two tokens about the address, whichever comes last', async () => {
    const seen = (email: string, minutesAgo: number) =>
      c.service(
        "select identity.resolve_user('https://one.example', 'two devices', $1, null, now() - make_interval(mins => $2))",
        [email, minutesAgo],
      );
    const id = await seen('old@example.org', 50);
    await seen('new@example.org', 10);
    await seen('old@example.org', 50);
    const address = () => c.value('select email from identity.users where id = $1', [id]);
    expect(await address()).toBe('new@example.org');
    // A token from the future, as of a clock that is fast, does not decide for ever.
    await seen('fast@example.org', -600);
    await seen('newest@example.org', 0);
    expect(await address()).toBe('newest@example.org');
  });

  it('is for the service role alone', async () => {
    const user = await c.user('curious');
    const call = "select identity.resolve_user('https://one.example', 'somebody')";
    expect(await refusal(c.call(user, call))).toBe('42501');
    expect(await refusal(database.db.public.raw(call))).toBe('42501');
    expect(await refusal(c.service(RESOLVE, ['', 'x', null, null]))).toBe('TR001');
  });
});

describe('answers kept for repeated writes', () => {
  it('go with the person', async () => {
    const [ann, bob] = [await c.user('ann who repeats'), await c.user('bob who repeats')];
    for (const id of [ann, bob]) {
      await c.call(id, "select (identity.claim_idempotency_key('x', 'createPost', 'k', 'f')).mine");
    }
    await database.owner('delete from identity.users where id = $1', [ann]);
    expect(
      await database.owner('select scope from identity.idempotency_keys where scope = any($1) order by 1', [
        [`user ${ann}`, `user ${bob}`],
      ]),
    ).toEqual([{ scope: `user ${bob}` }]);
  });
});

describe('the caller', () => {
  it('is nobody when the subject is no uuid, instead of an error', async () => {
    for (const sub of ['Xq81-firebase', '', 'a'.repeat(36)]) {
      expect(await c.call(sub, 'select identity.uid()')).toBeNull();
      expect(await c.call(sub, 'select identity.is_admin()')).toBe(false);
      expect(await c.call(sub, 'select count(*)::int from social.reactions')).toBe(0);
    }
  });

  it('reads the own row of identity.users and no other', async () => {
    const [ann, bob] = [await c.user('reads-own'), await c.user('reads-other')];
    expect(await c.as(ann, (tx) => tx.raw('select id from identity.users'))).toEqual([{ id: ann }]);
    expect(await refusal(c.call(ann, 'update identity.users set email = null'))).toBe('42501');
    expect(await refusal(c.call(bob, 'select 1 from identity.accounts'))).toBe('42501');
    expect(await refusal(c.call(bob, 'select 1 from identity.admins'))).toBe('42501');
  });

  it('of the hosted platform may write without having met the program', async () => {
    const { episode } = await arrangeShow(c, 'Direct');
    const id = await onPlatform();
    await c.call(
      id,
      "insert into social.threads (episode_id, title, type, created_by) values ($1, 'T', 'general', $2)",
      [episode, id],
    );
    expect(await exists(id)).toBe(true);
    const stranger = randomUUID();
    const put = c.call(stranger, "insert into social.profiles (user_id, handle) values ($1, 'stranger')", [stranger]);
    expect(await refusal(put)).toBe('TR001');
  });
});

describe('deletion', () => {
  /** One of everything a person can leave behind. */
  async function trail(user: string, other: string, name: string) {
    const { show, episode } = await arrangeShow(c, name);
    const thread = await c.call(
      user,
      "insert into social.threads (episode_id, title, type, created_by) values ($1, 'T', 'general', $2) returning id",
      [episode, user],
    );
    const post = await c.call(
      user,
      "insert into social.posts (thread_id, user_id, body) values ($1, $2, 'stays') returning id",
      [thread, user],
    );
    await c.call(user, "update social.posts set body = 'stays, edited' where id = $1", [post]);
    await c.call(user, "select social.set_reaction($1, 'heart')", [post]);
    await c.call(user, 'insert into social.profiles (user_id, handle) values ($1, $2)', [
      user,
      name.replaceAll(' ', '_'),
    ]);
    await c.call(user, 'insert into social.blocks (blocker_id, blocked_id) values ($1, $2)', [
      user,
      await c.user(`${name} x`),
    ]);
    const talk = await c.call(user, 'select social.get_or_create_direct_conversation($1)', [other]);
    await c.call(user, "insert into social.dm_messages (conversation_id, sender_id, body) values ($1, $2, 'stays')", [
      talk,
      user,
    ]);
    const survey = await c.value(
      "insert into surveys.surveys (show_id, title, status) values ($1, 'S', 'published') returning id",
      [show],
    );
    const question = await c.value(
      "insert into surveys.questions (survey_id, question_order, prompt, question_type) values ($1, 1, 'Q', 'numeric') returning id",
      [survey],
    );
    await c.call(user, 'select surveys.submit_response($1, $2)', [
      survey,
      JSON.stringify([{ question_id: question, answer: 5 }]),
    ]);
    const game = await c.value(
      "insert into games.games (show_id, title, game_type, status) values ($1, 'G', 'quiz', 'published') returning id",
      [show],
    );
    await c.call(user, 'select games.start_session($1)', [game]);
    return { thread, post, talk, survey, question, game };
  }

  async function expectGone(user: string, t: Awaited<ReturnType<typeof trail>>) {
    expect(await exists(user)).toBe(false);
    const [left] = await database.owner(
      `select (select created_by from social.threads where id = $1) as thread_author,
         (select title from social.threads where id = $1) as thread,
         (select body || coalesce(user_id::text, '') from social.posts where id = $2) as post,
         (select string_agg(body || coalesce(sender_id::text, ''), ',') from social.dm_messages where conversation_id = $3) as messages,
         (select count(*)::int from social.reactions where user_id = $4) as reactions,
         (select count(*)::int from social.dm_members where user_id = $4) as memberships,
         (select count(*)::int from social.dm_read_receipts where user_id = $4) as receipts,
         (select count(*)::int from surveys.responses where survey_id = $5) as responses,
         (select count(*)::int from games.sessions where game_id = $6) as sessions,
         (select count(*)::int from social.profiles where user_id = $4) as profiles,
         (select count(*)::int from social.blocks where blocker_id = $4) as blocks,
         (select count(*)::int from social.post_revisions where post_id = $2) as revisions,
         (select (aggregate -> 'total_responses')::int from surveys.aggregates where question_id = $7) as counted`,
      [t.thread, t.post, t.talk, user, t.survey, t.game, t.question],
    );
    expect(left).toEqual({
      thread_author: null,
      thread: 'T',
      post: 'stays, edited',
      messages: 'stays',
      reactions: 0,
      memberships: 0,
      receipts: 0,
      responses: 0,
      sessions: 0,
      profiles: 0,
      blocks: 0,
      revisions: 0,
      counted: 0,
    });
    expect(await database.owner('select * from surveys.recount($1)', [t.survey])).toEqual([]);
  }

  it('in auth.users reaches everything, and a token that is still valid brings nothing back', async () => {
    const id = await onPlatform();
    await c.service(RESOLVE, [PLATFORM, id, null, id]);
    const left = await trail(id, await c.user('friend one'), 'Leaves platform');
    await database.owner('delete from auth.users where id = $1', [id]);
    await expectGone(id, left);
    expect(await refusal(c.service(RESOLVE, [PLATFORM, id, null, id]))).toBe('TR004');
    expect(await refusal(c.call(id, "select social.set_reaction($1, 'heart')", [left.post]))).toBe('TR001');
  });

  it('of somebody of another issuer does the same', async () => {
    const id = await c.user('Fb-uid-1');
    const left = await trail(id, await c.user('friend two'), 'Leaves issuer');
    await c.service('delete from identity.users where id = $1', [id]);
    await expectGone(id, left);
  });
});

describe('administrators', () => {
  it('are made and unmade on the record', async () => {
    const root = await c.user('root');
    expect(await c.service('select identity.set_admin($1, true, $2)', [root, 'first of all'])).toBe(true);
    expect(await c.service('select identity.set_admin($1, true)', [root])).toBe(false);
    expect(await c.call(root, 'select identity.is_admin()')).toBe(true);
    const plain = await c.user('plain');
    expect(await refusal(c.call(plain, 'select identity.set_admin($1, true)', [plain]))).toBe('TR002');
    expect(await c.service('select identity.set_admin($1, false)', [root])).toBe(true);
    expect(await c.call(root, 'select identity.is_admin()')).toBe(false);
    expect(
      await database.owner(
        'select actor, action, target_type, before, after, reason from identity.audit_log where target_id = $1 order by id',
        [root],
      ),
    ).toEqual([
      {
        actor: 'service_role: test',
        action: 'admin.grant',
        target_type: 'user',
        before: { admin: false },
        after: { admin: true },
        reason: 'first of all',
      },
      {
        actor: 'service_role: test',
        action: 'admin.revoke',
        target_type: 'user',
        before: { admin: true },
        after: { admin: false },
        reason: null,
      },
    ]);
    expect(await refusal(c.service('select identity.set_admin($1, true)', [randomUUID()]))).toBe('TR032');
  });

  it('cannot touch the record, nor can its owner', async () => {
    for (const text of ["update identity.audit_log set reason = ''", 'delete from identity.audit_log']) {
      expect(await refusal(c.service(text))).toBe('42501');
      expect(await refusal(database.owner(text))).toBe('TR005');
    }
    expect(await refusal(database.owner('truncate identity.audit_log'))).toBe('TR005');
  });
});

it('an adopted database keeps its users and what they own', async () => {
  const { migrate } = await import('../../src/platform/db/migrate/migrate.ts');
  const adopted = await createBaselineDatabase();
  try {
    await adopted.owner(`
      insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000a', 'ann@example.org'), ('00000000-0000-4000-8000-00000000000b', null);
      insert into core.shows (id, name) values ('00000000-0000-4000-8000-000000000001', 'Show');
      insert into surveys.surveys (id, show_id, title, status) values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'S', 'published');
      insert into surveys.questions (id, survey_id, question_order, prompt, question_type)
        values ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002', 1, 'Q', 'multiple_choice');
      insert into surveys.responses (survey_id, user_id, created_at) values
        ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000a', '2024-01-01'),
        ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000a', '2024-01-02'),
        ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000b', '2024-01-03');
      insert into surveys.answers (survey_id, response_id, question_id, answer)
        select survey_id, id, '00000000-0000-4000-8000-000000000003',
          case when created_at = '2024-01-02' then '{"value": "late"}' else '{"value": ["x", null, "invented"]}' end::jsonb
        from surveys.responses;
      insert into games.games (id, show_id, title, game_type) values ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000001', 'G', 'quiz');
      insert into games.sessions (game_id, user_id, status, started_at) values
        ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-00000000000a', 'in_progress', '2024-01-01'),
        ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-00000000000a', 'submitted', '2024-01-02');
      insert into core.seasons (id, show_id, season_number) values ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000001', 1);
      insert into core.episodes (id, show_id, season_id, season_number, episode_number)
        values ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000005', 1, 1);
      insert into social.threads (id, episode_id, title, type) values ('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000006', '', 'general');
      insert into social.posts (id, thread_id, body) values ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000007', '');
      insert into social.reactions (post_id, user_id, reaction, created_at) values
        ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000a', 'upvote', '2024-01-01'),
        ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000a', 'downvote', '2024-01-02'),
        ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000a', 'fire', '2024-01-01'),
        ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-00000000000b', 'upvote', '2024-01-01')`);
    await migrate({ url: adopted.url });
    const [state] = await adopted.owner(`select
      (select count(*)::int from identity.users where supabase_user_id = id) as users,
      (select count(*)::int from surveys.responses) as responses,
      (select answers -> 0 -> 'answer' ->> 'value' from surveys.superseded_responses) as superseded,
      (select aggregate - 'signed_in' - 'anonymous' from surveys.aggregates) as results,
      (select string_agg(status, ' ' order by started_at) from games.sessions) as sessions,
      (select string_agg(reaction, ' ' order by user_id, reaction) from social.reactions) as reactions,
      (select count(*)::int from social.posts where body = '') as blank_posts`);
    expect(state).toEqual({
      users: 2,
      responses: 2,
      superseded: 'late',
      results: { total_responses: 2, distribution: { x: 2, invented: 2 }, percentages: { x: 100, invented: 100 } },
      sessions: 'abandoned submitted',
      reactions: 'downvote fire upvote',
      blank_posts: 1,
    });
    expect(await adopted.owner('select * from surveys.recount()')).toEqual([]);
    await session(adopted, async (s) => {
      await s.sql('delete from auth.users');
      expect(await s.value('select count(*)::int from surveys.responses')).toBe(0);
    });
  } finally {
    await adopted.drop();
  }
});
