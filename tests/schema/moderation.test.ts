import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrangeShow, atOnce, type Community, community, refusal } from './community.ts';

let database: TestDatabase;
let c: Community;
let episode: string;
let ann: string;
let bob: string;
let moderator: string;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 40 });
  c = community(database);
  ({ episode } = await arrangeShow(c, 'Show'));
  [ann, bob, moderator] = [await c.user('ann'), await c.user('bob'), await c.user('moderator')];
  await c.service('select identity.set_admin($1, true)', [moderator]);
});

afterAll(() => database.drop());

async function discussion() {
  const thread = String(
    await c.call(
      ann,
      "insert into social.threads (episode_id, title, type, created_by) values ($1, 'T', 'general', $2) returning id",
      [episode, ann],
    ),
  );
  const post = String(
    await c.call(ann, "insert into social.posts (thread_id, user_id, body) values ($1, $2, 'text') returning id", [
      thread,
      ann,
    ]),
  );
  return { thread, post };
}

const actions = async (target: string) =>
  (
    await database.owner<{ action: string; actor_id: string | null }>(
      'select action, actor_id from identity.audit_log where target_id = $1 order by id',
      [target],
    )
  ).map(({ action, actor_id }) => `${action}${actor_id === moderator ? ' by moderator' : ''}`);

const LOCK = 'select social.set_thread_lock($1, $2)';
const REMOVE = 'select social.set_thread_removed($1, $2, $3)';
const REPORT = 'select social.report($1, $2, $3, $4)';

describe('moderators', () => {
  it('lock and unlock threads, on the record; their author does not', async () => {
    const { thread } = await discussion();
    expect(await refusal(c.call(ann, LOCK, [thread, true]))).toBe('TR002');
    expect(await refusal(c.call('nobody', LOCK, [thread, true]))).toBe('TR001');
    expect(await c.call(moderator, LOCK, [thread, true])).toBe(true);
    expect(await c.call(moderator, LOCK, [thread, true])).toBe(false);
    expect(await refusal(c.call(ann, "update social.threads set title = 'New' where id = $1", [thread]))).toBe('TR021');
    const put = "insert into social.posts (thread_id, user_id, body) values ($1, $2, 'x')";
    expect(await refusal(c.call(ann, put, [thread, ann]))).toBe('TR021');
    expect(await refusal(c.call(moderator, put, [thread, moderator]))).toBe('accepted');
    expect(await c.call(moderator, LOCK, [thread, false])).toBe(true);
    expect(await refusal(c.call(ann, put, [thread, ann]))).toBe('accepted');
    expect(await actions(thread)).toEqual(['thread.lock by moderator', 'thread.unlock by moderator']);
    expect(await refusal(c.call(moderator, LOCK, [episode, true]))).toBe('TR020');
  });

  it('take posts away and bring them back, with the words in the record', async () => {
    const { post } = await discussion();
    await c.call(moderator, 'select social.delete_post($1, $2)', [post, 'rude']);
    const read = 'select body from social.posts where id = $1';
    expect(await database.db.public.raw(read, [post])).toEqual([{ body: '[deleted]' }]);
    expect(
      await c.call(moderator, "select before ->> 'body' from identity.audit_log where target_id = $1", [post]),
    ).toBe('text');
    expect(await c.call(ann, 'select count(*)::int from identity.audit_log')).toBe(0);
    expect(await refusal(c.call(ann, 'select social.restore_post($1)', [post]))).toBe('TR002');
    await c.call(moderator, 'select social.restore_post($1)', [post]);
    await c.call(moderator, 'select social.restore_post($1)', [post]);
    expect(await database.db.public.raw(read, [post])).toEqual([{ body: 'text' }]);
    expect(await c.value('select edited_at from social.posts where id = $1', [post])).toBeNull();
    expect(await actions(post)).toEqual(['post.remove by moderator', 'post.restore by moderator']);
  });

  it('take whole threads out of sight and back', async () => {
    const { thread, post } = await discussion();
    await c.call(moderator, REMOVE, [thread, true, 'off topic']);
    const seen =
      'select (select count(*)::int from social.threads where id = $1) + (select count(*)::int from social.posts where id = $2) as n';
    expect(await database.db.public.raw(seen, [thread, post])).toEqual([{ n: 0 }]);
    expect(await c.call(ann, seen, [thread, post])).toBe(0);
    expect(await c.call(moderator, seen, [thread, post])).toBe(2);
    const put = "insert into social.posts (thread_id, user_id, body) values ($1, $2, 'x')";
    expect(await refusal(c.call(ann, put, [thread, ann]))).toBe('TR020');
    expect(await refusal(c.call(ann, "select social.set_reaction($1, 'fire')", [post]))).toBe('TR020');
    expect(await c.call(moderator, REMOVE, [thread, false, null])).toBe(true);
    expect(await database.db.public.raw(seen, [thread, post])).toEqual([{ n: 2 }]);
    expect(await actions(thread)).toEqual(['thread.remove by moderator', 'thread.restore by moderator']);
  });
});

describe('reports', () => {
  it('are one per person and thing while open, twenty at once', async () => {
    const { post } = await discussion();
    const ids = await Promise.all(Array.from({ length: 20 }, () => c.call(bob, REPORT, ['post', post, 'spam', null])));
    expect(new Set(ids).size).toBe(1);
    expect(await c.call(bob, 'select count(*)::int from social.reports where post_id = $1', [post])).toBe(1);
    expect(await c.call(ann, 'select count(*)::int from social.reports where post_id = $1', [post])).toBe(0);
    await c.call(moderator, 'select social.resolve_report($1)', [ids[0]]);
    expect(await c.call(bob, REPORT, ['post', post, 'spam', null])).not.toBe(ids[0]);
    expect(await actions(String(ids[0]))).toEqual(['report.resolved by moderator']);
  });

  it('name something the reporter can see, and a known reason', async () => {
    const { thread } = await discussion();
    const talk = await c.call(ann, 'select social.get_or_create_direct_conversation($1)', [moderator]);
    const message = await c.call(
      ann,
      "insert into social.dm_messages (conversation_id, sender_id, body) values ($1, $2, 'x') returning id",
      [talk, ann],
    );
    const cases: [string, unknown, string, string][] = [
      ['thread', thread, 'hate', 'accepted'],
      ['user', ann, 'other', 'accepted'],
      ['thread', thread, 'boring', '23514'],
      ['thread', episode, 'spam', 'TR020'],
      ['post', episode, 'spam', 'TR022'],
      ['user', episode, 'spam', 'TR032'],
      ['message', message, 'spam', 'TR030'],
      ['message', episode, 'spam', 'TR030'],
      ['show', episode, 'spam', 'TR035'],
    ];
    for (const [type, id, reason, outcome] of cases) {
      expect(await refusal(c.call(bob, REPORT, [type, id, reason, null])), `${type} ${reason}`).toBe(outcome);
    }
    expect(await refusal(c.call(moderator, REPORT, ['message', message, 'spam', 'look']))).toBe('accepted');
  });

  it('are closed by moderators, once', async () => {
    const { thread } = await discussion();
    const report = String(await c.call(bob, REPORT, ['thread', thread, 'spoiler', null]));
    expect(await refusal(c.call(bob, 'select social.resolve_report($1)', [report]))).toBe('TR002');
    expect(await refusal(c.call(moderator, 'select social.resolve_report($1)', [episode]))).toBe('TR036');
    expect(await atOnce(20, () => c.call(moderator, 'select social.resolve_report($1, true)', [report]))).toEqual({
      accepted: 20,
    });
    expect(await c.call(bob, 'select status from social.reports where id = $1', [report])).toBe('dismissed');
    expect(await actions(report)).toEqual(['report.dismissed by moderator']);
  });
});
