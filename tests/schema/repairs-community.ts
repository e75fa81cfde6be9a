import { expect } from 'vitest';
import { arrange, type Repair, type Session } from './session.ts';

/** Somebody of the hosted platform; with our migrations also known to the program. */
async function newUser(s: Session, name: string): Promise<string> {
  const id = String(await s.value('insert into auth.users (email) values ($1) returning id', [`${name}@example.org`]));
  if ((await s.value("select to_regclass('identity.users')")) !== null) {
    await s.sql("select identity.resolve_user('https://platform.example', $1::text, null, $1::uuid)", [id]);
  }
  return id;
}

async function newSurvey(s: Session, status = 'published'): Promise<{ survey: string; choice: string; text: string }> {
  const { show } = await arrange(s);
  const survey = String(
    await s.value("insert into surveys.surveys (show_id, title, status) values ($1, 'S', $2) returning id", [
      show,
      status,
    ]),
  );
  const question = async (order: number, type: string) =>
    String(
      await s.value(
        `insert into surveys.questions (survey_id, question_order, prompt, question_type) values ($1, $2, 'Q', $3) returning id`,
        [survey, order, type],
      ),
    );
  const choice = await question(1, 'single_choice');
  const text = await question(2, 'free_text');
  await s.sql(
    "insert into surveys.options (question_id, option_order, label, value) values ($1, 1, 'A', 'a'), ($1, 2, 'B', 'b')",
    [choice],
  );
  return { survey, choice, text };
}

async function newThread(s: Session): Promise<{ thread: string; episode: string }> {
  const { episode } = await arrange(s);
  const thread = await s.value(
    "insert into social.threads (episode_id, title, type) values ($1, 'T', 'general') returning id",
    [episode],
  );
  return { thread: String(thread), episode };
}

const newPost = async (s: Session, thread: string, user: string | null, parent: string | null = null) =>
  String(
    await s.value(
      "insert into social.posts (thread_id, user_id, parent_post_id, body) values ($1, $2, $3, 'text') returning id",
      [thread, user, parent],
    ),
  );

const SUBMIT = 'select surveys.submit_response($1, $2)';
const RESPOND = 'insert into surveys.responses (survey_id, user_id) values ($1, $2)';
const answers = (...list: [string, unknown][]) =>
  JSON.stringify(list.map(([question_id, answer]) => ({ question_id, answer })));

/** Repairs of what people write: surveys, discussions, direct messages, games. */
export const COMMUNITY_REPAIRS: readonly Repair[] = [
  {
    id: 'W1',
    title: 'members read and write their conversation, others and the anonymous do not',
    async check(s) {
      const [ann, bob, eve] = [await newUser(s, 'ann'), await newUser(s, 'bob'), await newUser(s, 'eve')];
      const talk = await s.as(
        'authenticated',
        () => s.value('select social.get_or_create_direct_conversation($1)', [bob]),
        ann,
      );
      const say = 'insert into social.dm_messages (conversation_id, sender_id, body) values ($1, $2, $3)';
      const all = `select (select count(*)::int from social.dm_conversations) as conversations, (select count(*)::int from social.dm_members) as members,
        (select count(*)::int from social.dm_messages) as messages, (select count(*)::int from social.dm_read_receipts) as receipts`;
      await s.as('authenticated', () => s.sql(say, [talk, ann, 'hello']), ann);
      await s.as(
        'authenticated',
        async () => {
          expect(await s.sql(all)).toEqual([{ conversations: 1, members: 2, messages: 1, receipts: 1 }]);
          expect(await s.refusal(say, [talk, ann, 'as Ann'])).toBe('42501');
          expect(await s.refusal(say, [talk, bob, 'hi'])).toBe('accepted');
        },
        bob,
      );
      await s.as(
        'authenticated',
        async () => {
          expect(await s.sql(all)).toEqual([{ conversations: 0, members: 0, messages: 0, receipts: 0 }]);
          expect(await s.refusal(say, [talk, eve, 'let me in'])).toBe('TR030');
        },
        eve,
      );
      for (const table of ['dm_conversations', 'dm_members', 'dm_messages', 'dm_read_receipts']) {
        await s.as('anon', async () => expect(await s.refusal(`select * from social.${table}`)).toBe('42501'));
      }
      await s.as('service_role', async () =>
        expect(await s.value('select count(*)::int from social.dm_messages')).toBe(2),
      );
    },
  },
  {
    id: 'W6',
    title: 'an answer has a user or an anonymous key, exactly one, and each answers once',
    async check(s) {
      const { survey } = await newSurvey(s);
      const ann = await newUser(s, 'ann');
      const put = 'insert into surveys.responses (survey_id, user_id, anonymous_key) values ($1, $2, $3)';
      expect(await s.refusal(put, [survey, null, 'k'.repeat(20)])).toBe('accepted');
      expect(await s.refusal(put, [survey, null, 'k'.repeat(20)])).toBe('23505');
      expect(await s.refusal(put, [survey, null, 'l'.repeat(20)])).toBe('accepted');
      expect(await s.refusal(put, [survey, ann, 'm'.repeat(20)])).toBe('23514');
      expect(await s.refusal(put, [survey, null, null])).toBe('23514');
    },
  },
  {
    id: 'W7',
    title: 'one response per user, only while open, at the time it is made, never changed',
    async check(s) {
      const { survey, choice } = await newSurvey(s);
      const ann = await newUser(s, 'ann');
      expect(await s.refusal(RESPOND, [survey, ann])).toBe('accepted');
      expect(await s.refusal(RESPOND, [survey, ann])).toBe('23505');
      const bob = await newUser(s, 'bob');
      for (const change of [
        "status = 'draft'",
        "status = 'archived'",
        "status = 'published', starts_at = now() + interval '1 hour'",
        "starts_at = null, ends_at = now() - interval '1 second'",
      ]) {
        await s.sql(`update surveys.surveys set ${change}`);
        expect(await s.refusal(RESPOND, [survey, bob])).toBe('TR011');
      }
      await s.sql('update surveys.surveys set ends_at = null');
      await s.sql(
        "insert into surveys.responses (survey_id, user_id, created_at, submitted_at) values ($1, $2, '2001-01-01', '2001-01-01')",
        [survey, bob],
      );
      expect(
        await s.value('select created_at = now() and submitted_at = now() from surveys.responses where user_id = $1', [
          bob,
        ]),
      ).toBe(true);
      await s.sql(
        `insert into surveys.answers (survey_id, response_id, question_id, answer)
         select survey_id, id, $1, '"a"' from surveys.responses where user_id = $2`,
        [choice, bob],
      );
      expect(await s.refusal('update surveys.answers set answer = \'{"value": "b"}\'')).toBe('TR017');
      expect(await s.refusal("update surveys.responses set created_at = '2001-01-01'")).toBe('TR017');
      await s.as(
        'authenticated',
        async () => {
          for (const text of [
            'update surveys.answers set answer = answer',
            'delete from surveys.answers',
            'delete from surveys.responses',
            'insert into surveys.responses (survey_id) values (gen_random_uuid())',
          ]) {
            expect(await s.refusal(text)).toBe('42501');
          }
        },
        bob,
      );
    },
  },
  {
    id: 'W7 (games)',
    title: 'one play-through per user, only while open, never changed once submitted',
    async check(s) {
      const { show } = await arrange(s);
      const game = await s.value(
        "insert into games.games (show_id, title, game_type, status) values ($1, 'G', 'quiz', 'published') returning id",
        [show],
      );
      const ann = await newUser(s, 'ann');
      const play = 'insert into games.sessions (game_id, user_id) values ($1, $2)';
      expect(await s.refusal(play, [game, ann])).toBe('accepted');
      expect(await s.refusal(play, [game, ann])).toBe('23505');
      await s.sql("update games.sessions set status = 'submitted'");
      expect(await s.value('select submitted_at = now() from games.sessions')).toBe(true);
      expect(await s.refusal("update games.sessions set status = 'in_progress'")).toBe('TR042');
      await s.sql("update games.games set status = 'archived'");
      expect(await s.refusal(play, [game, await newUser(s, 'bob')])).toBe('TR041');
    },
  },
  {
    id: 'W8',
    title: 'drafts are for administrators',
    async check(s) {
      const { survey } = await newSurvey(s, 'draft');
      const root = await newUser(s, 'root');
      await s.sql(
        `insert into games.games (show_id, title, game_type) select show_id, 'G', 'quiz' from surveys.surveys`,
      );
      await s.sql(
        "insert into games.questions (game_id, question_order, prompt, question_type) select id, 1, 'Q', 'numeric' from games.games",
      );
      // As the predecessor granted it.
      await s.sql(
        'grant select on all tables in schema surveys to anon; grant select on games.games, games.questions to anon',
      );
      const seen = `select (select count(*)::int from surveys.surveys) as surveys, (select count(*)::int from surveys.questions) as questions,
        (select count(*)::int from surveys.options) as options, (select count(*)::int from surveys.aggregates) as results,
        (select count(*)::int from games.games) as games, (select count(*)::int from games.questions) as game_questions`;
      const nothing = { surveys: 0, questions: 0, options: 0, results: 0, games: 0, game_questions: 0 };
      const everything = { surveys: 1, questions: 2, options: 2, results: 2, games: 1, game_questions: 1 };
      await s.as('anon', async () => expect(await s.sql(seen)).toEqual([nothing]));
      await s.as('authenticated', async () => expect(await s.sql(seen)).toEqual([nothing]), root);
      await s.sql('select identity.set_admin($1, true)', [root]);
      await s.as('authenticated', async () => expect(await s.sql(seen)).toEqual([everything]), root);
      await s.as('service_role', async () => expect(await s.sql(seen)).toEqual([everything]));
      await s.sql("update surveys.surveys set status = 'published' where id = $1", [survey]);
      await s.sql("update games.games set status = 'archived'");
      await s.as('anon', async () => expect(await s.sql(seen)).toEqual([everything]));
    },
  },
  {
    id: 'W9',
    title: 'a lock holds for posts, edits, moves, deletions and reactions',
    async check(s) {
      const { thread, episode } = await newThread(s);
      const ann = await newUser(s, 'ann');
      const open = await s.value(
        "insert into social.threads (episode_id, title, type, created_by) values ($1, 'Open', 'general', $2) returning id",
        [episode, ann],
      );
      const post = await newPost(s, thread, ann);
      const movable = await newPost(s, String(open), ann);
      // As the predecessor granted it, so that the lock has to hold by itself.
      await s.sql(
        'grant select, update on social.posts, social.threads to authenticated; grant select on social.reactions to authenticated',
      );
      await s.sql('update social.threads set is_locked = true where id = $1', [thread]);
      await s.as(
        'authenticated',
        async () => {
          const put = "insert into social.posts (thread_id, user_id, body) values ($1, $2, 'x')";
          expect(await s.refusal(put, [thread, ann])).toBe('TR021');
          expect(await s.refusal("update social.posts set body = 'changed' where id = $1", [post])).toBe('TR021');
          expect(await s.refusal("select social.set_reaction($1, 'fire')", [post])).toBe('TR021');
          expect(await s.refusal('select social.delete_post($1)', [post])).toBe('TR021');
          expect(await s.refusal(put, [open, ann])).toBe('accepted');
        },
        ann,
      );
      await s.sql(
        'revoke update on social.posts, social.threads from authenticated; grant update (body) on social.posts to authenticated',
      );
      await s.as(
        'authenticated',
        async () =>
          expect(await s.refusal('update social.posts set thread_id = $1 where id = $2', [thread, movable])).toBe(
            '42501',
          ),
        ann,
      );
      // Account deletion is no edit: it goes through, and the post stays.
      await s.sql('delete from auth.users where id = $1', [ann]);
      expect(await s.sql('select user_id, body, edited_at from social.posts where id = $1', [post])).toEqual([
        { user_id: null, body: 'text', edited_at: null },
      ]);
    },
  },
  {
    id: 'W10 (surveys and games)',
    title: 'a show with a survey or a game is not deleted from under them',
    async check(s) {
      const { survey } = await newSurvey(s);
      const show = await s.value('select show_id from surveys.surveys where id = $1', [survey]);
      await s.sql(RESPOND, [survey, await newUser(s, 'ann')]);
      expect(await s.refusal('delete from core.shows where id = $1', [show])).toBe('23503');
      const other = await s.value("insert into core.shows (name) values ('Third') returning id");
      await s.sql("insert into games.games (show_id, title, game_type) values ($1, 'G', 'quiz')", [other]);
      expect(await s.refusal('delete from core.shows where id = $1', [other])).toBe('23503');
    },
  },
  {
    id: 'W12',
    title: 'a conversation that exists is found, and a missing membership put back',
    async check(s) {
      const [ann, bob] = [await newUser(s, 'ann'), await newUser(s, 'bob')];
      const begin = (from: string, to: string) =>
        s.as('authenticated', () => s.value('select social.get_or_create_direct_conversation($1)', [to]), from);
      const talk = await begin(ann, bob);
      await s.sql('delete from social.dm_members where user_id = $1', [bob]);
      expect(await begin(bob, ann)).toBe(talk);
      await s.as(
        'authenticated',
        async () => expect(await s.value('select id from social.dm_conversations')).toBe(talk),
        bob,
      );
      expect(await s.value('select count(*)::int from social.dm_read_receipts')).toBe(2);
    },
  },
  {
    id: 'W13',
    title: 'results and reaction counts come from the database, whole, however many rows there are',
    async check(s) {
      const { survey, choice } = await newSurvey(s);
      await s.sql(
        `insert into surveys.responses (survey_id, user_id, anonymous_key) select $1, null, 'key number ' || lpad(n::text, 6, '0') from generate_series(1, 1500) n`,
        [survey],
      );
      await s.sql(
        `insert into surveys.answers (survey_id, response_id, question_id, answer)
         select $1, id, $2, case when right(anonymous_key, 1) < '4' then '"a"' else '"b"' end::jsonb from surveys.responses`,
        [survey, choice],
      );
      await s.as('anon', async () =>
        expect(await s.value('select aggregate from surveys.aggregates where question_id = $1', [choice])).toEqual({
          total_responses: 1500,
          distribution: { a: 600, b: 900 },
          percentages: { a: 40, b: 60 },
          signed_in: { total_responses: 0, distribution: {} },
          anonymous: { total_responses: 1500, distribution: { a: 600, b: 900 } },
        }),
      );
    },
  },
  {
    id: 'W19 (community)',
    title: 'pages of posts, replies, messages and threads follow (created_at, id) in an index',
    async check(s) {
      const any = '00000000-0000-4000-8000-000000000000';
      const at = '2024-01-01T00:00:00Z';
      const reads: [string, unknown[]][] = [
        [
          'select id from social.posts where thread_id = $1 and parent_post_id is null and (created_at, id) > ($2, $1) order by created_at, id limit 50',
          [any, at],
        ],
        [
          'select id from social.posts where parent_post_id = $1 and (created_at, id) > ($2, $1) order by created_at, id limit 50',
          [any, at],
        ],
        [
          'select id from social.dm_messages where conversation_id = $1 and (created_at, id) > ($2, $1) order by created_at, id limit 50',
          [any, at],
        ],
        [
          'select id from social.threads where episode_id = $1 and (created_at, id) < ($2, $1) order by created_at desc, id desc limit 50',
          [any, at],
        ],
      ];
      for (const [text, values] of reads) {
        const plan = await s.plan(text, values);
        expect(plan).toMatch(/Index Cond: .*ROW\(created_at, id\)/);
        expect(plan).not.toMatch(/Sort/);
      }
    },
  },
  {
    id: 'W20',
    title: 'clients set texts, nothing else',
    async check(s) {
      const settable = await s.sql(
        `select table_name || '.' || column_name || ' ' || lower(privilege_type) as name from information_schema.column_privileges
         where grantee = 'authenticated' and table_schema = 'social' and privilege_type in ('INSERT', 'UPDATE') order by 1`,
      );
      expect(settable.map(({ name }) => name)).toEqual([
        'blocks.blocked_id insert',
        'blocks.blocker_id insert',
        'dm_messages.body insert',
        'dm_messages.conversation_id insert',
        'dm_messages.sender_id insert',
        'posts.body insert',
        'posts.body update',
        'posts.parent_post_id insert',
        'posts.thread_id insert',
        'posts.user_id insert',
        'profiles.avatar_url insert',
        'profiles.avatar_url update',
        'profiles.display_name insert',
        'profiles.display_name update',
        'profiles.handle insert',
        'profiles.handle update',
        'profiles.user_id insert',
        'threads.created_by insert',
        'threads.episode_id insert',
        'threads.title insert',
        'threads.title update',
        'threads.type insert',
      ]);
    },
  },
  {
    id: 'W22',
    title: 'taking back a post, or deleting its row, leaves the replies of others',
    async check(s) {
      const { thread } = await newThread(s);
      const [ann, bob] = [await newUser(s, 'ann'), await newUser(s, 'bob')];
      const post = await newPost(s, thread, ann);
      const reply = await newPost(s, thread, bob, post);
      await s.sql('savepoint before');
      await s.sql('delete from social.posts where id = $1', [post]);
      expect(await s.sql('select id, parent_post_id from social.posts')).toEqual([{ id: reply, parent_post_id: null }]);
      await s.sql('rollback to savepoint before');
      await s.as('authenticated', () => s.sql('select social.delete_post($1)', [post]), ann);
      expect(
        await s.sql('select id, body, deleted_at is not null as deleted, edited_at from social.posts order by body'),
      ).toEqual([
        { id: post, body: '[deleted]', deleted: true, edited_at: null },
        { id: reply, body: 'text', deleted: false, edited_at: null },
      ]);
    },
  },
  {
    id: 'W28',
    title: 'reactions hide who reacted; up and down exclude each other',
    async check(s) {
      const { thread } = await newThread(s);
      const [ann, bob] = [await newUser(s, 'ann'), await newUser(s, 'bob')];
      const post = await newPost(s, thread, ann);
      const put = 'insert into social.reactions (post_id, user_id, reaction) values ($1, $2, $3)';
      expect(await s.refusal(put, [post, ann, 'upvote'])).toBe('accepted');
      expect(await s.refusal(put, [post, ann, 'downvote'])).toBe('23505');
      expect(await s.refusal(put, [post, ann, 'fire'])).toBe('accepted');
      const react = (reaction: string, wanted: boolean | null) =>
        s.value("select social.set_reaction($1, $2, $3) - 'post_id'", [post, reaction, wanted]);
      await s.as(
        'authenticated',
        async () => {
          expect(await s.value('select count(*)::int from social.reactions')).toBe(0);
          const done = { reaction: 'upvote', action: 'added', active: true, replaced: null };
          expect(await react('upvote', null)).toEqual(done);
          expect(await react('upvote', true)).toEqual({ ...done, action: 'unchanged' });
          expect(await react('downvote', null)).toEqual({ ...done, reaction: 'downvote', replaced: 'upvote' });
          expect(await react('downvote', null)).toEqual({
            ...done,
            reaction: 'downvote',
            action: 'removed',
            active: false,
          });
          expect(await s.refusal("select social.set_reaction($1, 'clap')", [post])).toBe('TR025');
        },
        bob,
      );
      await s.as('anon', async () => {
        expect(await s.refusal('select user_id from social.reactions')).toBe('42501');
        expect(await s.sql('select reaction, count::int from social.reaction_counts($1) order by 1', [[post]])).toEqual(
          [
            { reaction: 'fire', count: 1 },
            { reaction: 'upvote', count: 1 },
          ],
        );
      });
    },
  },
  {
    id: 'W31',
    title: 'texts are neither blank nor endless, and sets are sets',
    async check(s) {
      const { thread, episode } = await newThread(s);
      const talk = await s.value('insert into social.dm_conversations default values returning id');
      const bad = ['', '   ', 'x'.repeat(20_000)];
      for (const text of bad) {
        for (const [sql, values] of [
          ["insert into social.threads (episode_id, title, type) values ($1, $2, 'general')", [episode, text]],
          ['insert into social.posts (thread_id, body) values ($1, $2)', [thread, text]],
          ['insert into social.dm_messages (conversation_id, body) values ($1, $2)', [talk, text]],
          ['insert into surveys.surveys (show_id, title) select id, $1 from core.shows limit 1', [text]],
        ] as const) {
          expect(await s.refusal(sql, [...values])).toBe('23514');
        }
      }
      const role = "insert into social.dm_members (conversation_id, user_id, role) values ($1, $2, 'emperor')";
      expect(await s.refusal(role, [talk, await newUser(s, 'ann')])).toBe('23514');
    },
  },
  {
    id: 'W36',
    title: 'answers fit their question and its options, and are stored in one form',
    async check(s) {
      const { survey, choice, text } = await newSurvey(s);
      const option = String(await s.value("select id from surveys.options where value = 'b'"));
      const other = await newSurvey2(s, survey);
      const foreign = String(await s.value('select id from surveys.options where question_id = $1', [other.choice]));
      const ann = await newUser(s, 'ann');
      await s.as(
        'authenticated',
        async () => {
          for (const wrong of ['c', '', ['a'], { a: 1 }, foreign, 7, true]) {
            expect(await s.refusal(SUBMIT, [survey, answers([choice, wrong])]), JSON.stringify(wrong)).toBe('TR013');
          }
          for (const wrong of ['', '  ', 5, ['x'], 'x'.repeat(5001)]) {
            expect(await s.refusal(SUBMIT, [survey, answers([text, wrong])])).toBe('TR013');
          }
          expect(await s.refusal(SUBMIT, [survey, answers([other.choice, 'a'])])).toBe('TR014');
          expect(await s.refusal(SUBMIT, [survey, answers(['x', 'a'])])).toBe('TR014');
          expect(await s.refusal(SUBMIT, [survey, answers([choice, 'a'], [choice, 'b'])])).toBe('TR015');
          expect(await s.refusal(SUBMIT, [survey, answers()])).toBe('TR016');
          expect(await s.refusal(SUBMIT, [survey, answers([choice, null])])).toBe('TR016');
          expect(await s.refusal(SUBMIT, [survey, '{}'])).toBe('TR016');
          await s.sql(SUBMIT, [survey, answers([choice, { value: option }], [text, 'fine'])]);
          expect(await s.sql('select answer from surveys.answers order by question_id = $1 desc', [choice])).toEqual([
            { answer: { value: 'b' } },
            { answer: { value: 'fine' } },
          ]);
        },
        ann,
      );
      const put = `insert into surveys.answers (survey_id, response_id, question_id, answer)
        select survey_id, id, $1, '"invented"' from surveys.responses`;
      await s.sql('delete from surveys.answers');
      expect(await s.refusal(put, [choice])).toBe('TR013');
    },
  },
];

/** Another survey of the same show, with one question of one option. */
async function newSurvey2(s: Session, beside: string): Promise<{ choice: string }> {
  const choice = await s.value(
    `with v as (insert into surveys.surveys (show_id, title, status) select show_id, 'Other', 'published' from surveys.surveys where id = $1 returning id)
     insert into surveys.questions (survey_id, question_order, prompt, question_type) select id, 1, 'Q', 'single_choice' from v returning id`,
    [beside],
  );
  await s.sql("insert into surveys.options (question_id, option_order, label) values ($1, 1, 'Only')", [choice]);
  return { choice: String(choice) };
}
