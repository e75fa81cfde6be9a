import { expect } from 'vitest';
import { newPost, newThread, newUser } from './repairs-arrange.ts';
import type { Repair } from './session.ts';

/** Repairs of discussions and direct messages. */
export const SOCIAL_REPAIRS: readonly Repair[] = [
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
      const show = await s.value("insert into core.shows (name) values ('Third') returning id");
      const offer =
        "insert into core.watch_providers (provider_id, provider_name) values (1, 'P') on conflict do nothing";
      await s.sql(offer);
      const link =
        'insert into core.show_watch_providers (show_id, region, offer_type, provider_id) values ($1, $2, $3, 1)';
      expect(await s.refusal(link, [show, 'Sweden', 'flatrate'])).toBe('23514');
      expect(await s.refusal(link, [show, 'SE', 'Flat rate!'])).toBe('23514');
      expect(await s.refusal(link, [show, 'SE', 'flatrate'])).toBe('accepted');
      const role = "insert into social.dm_members (conversation_id, user_id, role) values ($1, $2, 'emperor')";
      expect(await s.refusal(role, [talk, await newUser(s, 'ann')])).toBe('23514');
    },
  },
  {
    id: 'W33',
    title: 'one read gives the conversations of a user with members, last message and unread count',
    async check(s) {
      const [ann, bob] = [await newUser(s, 'ann'), await newUser(s, 'bob')];
      const talk = await s.as(
        'authenticated',
        () => s.value('select social.get_or_create_direct_conversation($1)', [bob]),
        ann,
      );
      const say =
        'insert into social.dm_messages (conversation_id, sender_id, body, created_at) values ($1, $2, $3, $4) returning id';
      const first = await s.value(say, [talk, ann, 'one', '2024-01-01']);
      await s.sql(say, [talk, ann, 'two', '2024-01-02']);
      await s.sql(say, [talk, ann, 'three', '2024-01-03']);
      await s.as(
        'authenticated',
        async () => {
          await s.sql('select social.mark_read($1, $2)', [talk, first]);
          const list = await s.sql(
            `select c.id, (select array_agg(m.user_id::text order by m.user_id) from social.dm_members m where m.conversation_id = c.id) as members,
               last.body as last, (
                 select count(*)::int from social.dm_messages m
                 left join social.dm_messages seen on seen.id = r.last_read_message_id
                 where m.conversation_id = c.id and m.sender_id is distinct from identity.uid()
                   and (seen.id is null or (m.created_at, m.id) > (seen.created_at, seen.id))) as unread
             from social.dm_conversations c
             left join social.dm_read_receipts r on r.conversation_id = c.id and r.user_id = identity.uid()
             left join lateral (
               select m.body from social.dm_messages m where m.conversation_id = c.id order by m.created_at desc, m.id desc limit 1
             ) last on true
             order by c.last_message_at desc nulls last, c.id`,
          );
          expect(list).toEqual([{ id: talk, members: [ann, bob].sort(), last: 'three', unread: 2 }]);
        },
        bob,
      );
    },
  },
];
