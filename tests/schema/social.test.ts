import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrangeShow, atOnce, type Community, community, refusal } from './community.ts';

const BEGIN = 'select social.get_or_create_direct_conversation($1)';
const SAY = 'insert into social.dm_messages (conversation_id, sender_id, body) values ($1, $2, $3) returning id';
const READ = 'select (social.mark_read($1, $2)).last_read_message_id';
const REACT = "select social.set_reaction($1, $2, $3) ->> 'action'";
const POST = 'insert into social.posts (thread_id, user_id, parent_post_id, body) values ($1, $2, $3, $4) returning id';
const BLOCK = 'insert into social.blocks (blocker_id, blocked_id) values ($1, $2)';

let database: TestDatabase;
let c: Community;
let episode: string;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 40 });
  c = community(database);
  ({ episode } = await arrangeShow(c, 'Show'));
});

afterAll(() => database.drop());

const newThread = async (user: string) =>
  String(
    await c.call(
      user,
      "insert into social.threads (episode_id, title, type, created_by) values ($1, 'T', 'general', $2) returning id",
      [episode, user],
    ),
  );

describe('a conversation', () => {
  it('is one for both sides, twenty at once', async () => {
    const [ann, bob] = [await c.user('dm a'), await c.user('dm b')];
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? c.call(ann, BEGIN, [bob]) : c.call(bob, BEGIN, [ann]))),
    );
    expect(new Set(ids).size).toBe(1);
    expect(
      await c.value(
        'select array_agg(user_id::text order by user_id) from social.dm_members where conversation_id = $1',
        [ids[0]],
      ),
    ).toEqual([ann, bob].sort());
    expect(await c.value('select direct_key from social.dm_conversations where id = $1', [ids[0]])).toBe(
      [ann, bob].sort().join(':'),
    );
  });

  it('is not begun with oneself, a stranger, or without a user', async () => {
    const ann = await c.user('dm alone');
    expect(await refusal(c.call(ann, BEGIN, [ann]))).toBe('TR031');
    for (const nobody of [episode, null]) expect(await refusal(c.call(ann, BEGIN, [nobody]))).toBe('TR032');
    expect(await refusal(c.call('Xq81-firebase', BEGIN, [ann]))).toBe('TR001');
    expect(await refusal(database.db.public.raw(BEGIN, [ann]))).toBe('42501');
  });

  it('is closed by a block from either side, begun or not', async () => {
    const [ann, bob] = [await c.user('blocks'), await c.user('is blocked')];
    const talk = await c.call(ann, BEGIN, [bob]);
    await c.call(ann, BLOCK, [ann, bob]);
    expect(await refusal(c.call(ann, SAY, [talk, ann, 'x']))).toBe('TR034');
    expect(await refusal(c.call(bob, SAY, [talk, bob, 'x']))).toBe('TR034');
    expect(await c.call(bob, BEGIN, [ann])).toBe(talk);
    const eve = await c.user('blocked before');
    await c.call(ann, BLOCK, [ann, eve]);
    expect(await refusal(c.call(ann, BEGIN, [eve]))).toBe('TR034');
    expect(await refusal(c.call(eve, BEGIN, [ann]))).toBe('TR034');
    expect(await c.call(eve, 'select count(*)::int from social.blocks')).toBe(0);
    expect(await refusal(c.call(eve, BLOCK, [bob, eve]))).toBe('42501');
    await c.call(ann, 'delete from social.blocks where blocked_id = $1', [bob]);
    expect(await refusal(c.call(bob, SAY, [talk, bob, 'again']))).toBe('accepted');
  });

  it('counts as unread what came after the message that was read, not after the moment it was read', async () => {
    const [ann, bob] = [await c.user('writes three'), await c.user('reads one of them')];
    const talk = await c.call(ann, BEGIN, [bob]);
    const one = await c.call(ann, SAY, [talk, ann, 'one']);
    for (const body of ['two', 'three']) await c.call(ann, SAY, [talk, ann, body]);
    const unread = 'select unread::int from social.conversation_page()';
    expect(await c.call(bob, unread)).toBe(3);
    await c.call(bob, READ, [talk, one]);
    expect(await c.call(bob, unread)).toBe(2);
    expect(await c.call(ann, unread)).toBe(0);
  });

  it('carries the time of its last message, and receipts that only move on', async () => {
    const [ann, bob, eve] = [await c.user('reads a'), await c.user('reads b'), await c.user('reads c')];
    const talk = await c.call(ann, BEGIN, [bob]);
    const [one, two] = [await c.call(ann, SAY, [talk, ann, 'one']), await c.call(ann, SAY, [talk, ann, 'two'])];
    expect(
      await c.call(
        bob,
        'select c.last_message_at = m.created_at from social.dm_conversations c, social.dm_messages m where m.id = $1 and c.id = $2',
        [two, talk],
      ),
    ).toBe(true);
    expect(await c.call(bob, READ, [talk, two])).toBe(two);
    expect(await c.call(bob, READ, [talk, one])).toBe(two);
    expect(await refusal(c.call(eve, READ, [talk, one]))).toBe('TR030');
    const other = await c.call(ann, BEGIN, [eve]);
    expect(await refusal(c.call(ann, READ, [other, one]))).toBe('TR033');
    expect(await atOnce(20, (n) => c.call(bob, READ, [talk, n % 2 === 0 ? one : two]))).toEqual({ accepted: 20 });
    expect(await c.call(bob, 'select last_read_message_id from social.dm_read_receipts')).toBe(two);
    for (const table of ['dm_conversations', 'dm_members', 'dm_read_receipts', 'dm_messages']) {
      expect(await refusal(c.call(bob, `update social.${table} set created_at = now()`))).toMatch(/42501|42703/);
      expect(await refusal(c.call(bob, `delete from social.${table}`))).toBe('42501');
    }
  });
});

describe('reactions', () => {
  it('toggled twenty times at once end as they began', async () => {
    const ann = await c.user('toggles');
    const post = await c.call(ann, POST, [await newThread(ann), ann, null, 'x']);
    expect(await atOnce(20, () => c.call(ann, REACT, [post, 'fire', null]))).toEqual({ accepted: 20 });
    expect(await c.value('select count(*)::int from social.reactions where post_id = $1', [post])).toBe(0);
  });

  it('put on twenty times at once are one; contrary votes leave one', async () => {
    const ann = await c.user('insists');
    const post = await c.call(ann, POST, [await newThread(ann), ann, null, 'x']);
    expect(await atOnce(20, () => c.call(ann, REACT, [post, 'heart', true]))).toEqual({ accepted: 20 });
    const votes = await atOnce(20, (n) => c.call(ann, REACT, [post, n % 2 === 0 ? 'upvote' : 'downvote', true]));
    expect(votes).toEqual({ accepted: 20 });
    const counts = await database.db.public.raw<{ count: string }>(
      'select reaction, count from social.reaction_counts($1)',
      [[post]],
    );
    expect(counts.map(({ count }) => count)).toEqual(['1', '1']);
  });

  it('cannot be written past the function, nor counted on a post that was taken back', async () => {
    const ann = await c.user('past the function');
    const post = await c.call(ann, POST, [await newThread(ann), ann, null, 'x']);
    await c.call(ann, REACT, [post, 'lol', true]);
    expect(
      await refusal(
        c.call(ann, "insert into social.reactions (post_id, user_id, reaction) values ($1, $2, 'fire')", [post, ann]),
      ),
    ).toBe('42501');
    await c.call(ann, 'select social.delete_post($1)', [post]);
    expect(await database.db.public.raw('select * from social.reaction_counts($1)', [[post]])).toEqual([]);
    expect(await refusal(c.call(ann, REACT, [post, 'fire', true]))).toBe('TR022');
  });
});

describe('posts', () => {
  it('are one’s own, in a thread that exists, under a post of that thread', async () => {
    const [ann, bob] = [await c.user('posts a'), await c.user('posts b')];
    const [thread, other] = [await newThread(ann), await newThread(ann)];
    const post = await c.call(ann, POST, [thread, ann, null, 'x']);
    expect(await refusal(c.call(bob, POST, [thread, ann, null, 'as Ann']))).toBe('42501');
    expect(await refusal(c.call(bob, POST, [episode, bob, null, 'x']))).toBe('TR020');
    expect(await refusal(c.call(bob, POST, [thread, bob, episode, 'x']))).toBe('TR024');
    expect(await refusal(c.call(bob, POST, [other, bob, post, 'x']))).toBe('TR023');
    expect(await refusal(c.call(bob, 'select social.delete_post($1)', [post]))).toBe('TR022');
    expect(
      await c.as(bob, (tx) => tx.raw("update social.posts set body = 'mine' where id = $1 returning id", [post])),
    ).toEqual([]);
    const wrong = "insert into social.threads (episode_id, title, type, created_by) values ($1, 'T', $2, $3)";
    expect(await refusal(c.call(bob, wrong, [episode, 'gossip', bob]))).toBe('TR026');
    expect(await refusal(c.call(bob, wrong, [thread, 'general', bob]))).toBe('TR027');
    expect(await refusal(c.call(bob, wrong, [episode, 'general', ann]))).toBe('42501');
    await c.call(ann, BLOCK, [ann, bob]);
    expect(await refusal(c.call(bob, POST, [thread, bob, post, 'reply']))).toBe('TR034');
  });

  it('remember what they said, for their author alone', async () => {
    const [ann, bob] = [await c.user('edits'), await c.user('wonders')];
    const post = await c.call(ann, POST, [await newThread(ann), ann, null, 'first']);
    await c.call(ann, "update social.posts set body = 'second' where id = $1", [post]);
    await c.call(ann, "update social.posts set body = 'second' where id = $1", [post]);
    expect(await c.value('select edited_at is not null from social.posts where id = $1', [post])).toBe(true);
    await c.call(ann, 'select social.delete_post($1)', [post]);
    await c.call(ann, 'select social.delete_post($1)', [post]);
    const read = 'select body, reason from social.post_revisions where post_id = $1 order by created_at';
    expect(await c.as(ann, (tx) => tx.raw(read, [post]))).toEqual([
      { body: 'first', reason: 'edited' },
      { body: 'second', reason: 'deleted' },
    ]);
    expect(await c.as(bob, (tx) => tx.raw(read, [post]))).toEqual([]);
    expect(await refusal(c.call(ann, "update social.posts set body = 'back' where id = $1", [post]))).toBe('TR022');
    expect(await refusal(c.call(ann, 'delete from social.posts where id = $1', [post]))).toBe('42501');
  });
});

describe('profiles', () => {
  it('have a handle that is unique without regard to case, twenty at once', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => c.user(`handle ${n}`)));
    const take = 'insert into social.profiles (user_id, handle) values ($1, $2)';
    const outcomes = await atOnce(20, (n) =>
      c.call(people[n] ?? '', take, [people[n], n % 2 === 0 ? 'The_Handle' : 'the_handle']),
    );
    expect(outcomes).toEqual({ accepted: 1, '23505': 19 });
    expect(
      await database.db.public.raw("select handle from social.profiles where lower(handle) = 'the_handle'"),
    ).toHaveLength(1);
  });

  it('are well-formed, one’s own, and public', async () => {
    const [ann, bob] = [await c.user('profile a'), await c.user('profile b')];
    const put = 'insert into social.profiles (user_id, handle, display_name, avatar_url) values ($1, $2, $3, $4)';
    for (const [handle, name, avatar] of [
      ['ab', null, null],
      ['with space', null, null],
      ['é'.repeat(5), null, null],
      ['x'.repeat(31), null, null],
      ['fine', ' ', null],
      ['fine', null, 'http://insecure.example/a.png'],
      ['fine', null, 'javascript:alert(1)'],
    ]) {
      expect(await refusal(c.call(ann, put, [ann, handle, name, avatar]))).toBe('23514');
    }
    expect(await refusal(c.call(bob, put, [ann, 'stolen', null, null]))).toBe('42501');
    await c.call(ann, put, [ann, 'fine', 'Ann', 'https://x.example/a.png']);
    await c.call(ann, "update social.profiles set display_name = 'Annie'");
    expect(await c.call(bob, "select display_name from social.profiles where handle = 'fine'")).toBe('Annie');
    expect(await refusal(c.call(ann, 'update social.profiles set user_id = $1', [bob]))).toBe('42501');
  });
});
