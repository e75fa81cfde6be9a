import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EPISODES, IDS } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, makePost, makeThread, send } from './people.ts';
import { type Person, startTarget, type Target } from './server.ts';

let target: Target;
let ann: Person;
let bob: Person;
let admin: Person;
beforeAll(async () => {
  target = await startTarget();
  [ann, bob, admin] = [await target.user(), await target.user(), await target.admin()];
});
afterAll(() => target.close());

const ROOT = '/api/v1/discussions';
const get = (path: string) => ask(target.baseUrl, ROOT + path);
const post = (path: string, who: Person | null, body: unknown) => send(target, 'POST', ROOT + path, who, body);
const posts = async (thread: string, query = '') => (await get(`/threads/${thread}/posts${query}`)).json as Json[];

describe('threads', () => {
  it('D1: newest first; an unknown episode is 200 []', async () => {
    const made = [];
    for (const title of ['One', 'Two', 'Three']) made.push(await makeThread(target, ann, { title }));
    const listed = (await get(`/episodes/${EPISODES.first}/threads?limit=3`)).json as Json[];
    expect(listed.map((thread) => thread['id'])).toEqual(made.reverse());
    expect((await get(`/episodes/${IDS.unknown}/threads`)).json).toEqual([]);
  });

  it('is never answered by a cache without asking: live events begin where a read ends', async () => {
    const thread = await makeThread(target, ann);
    const made = await makePost(target, ann, thread);
    const paths = [
      `/episodes/${EPISODES.first}/threads`,
      `/threads/${thread}`,
      `/threads/${thread}/posts`,
      `/posts/${made}`,
    ];
    for (const path of [...paths, `/posts/${made}/reactions`]) {
      expect((await get(path)).headers.get('cache-control'), path).toBe('public, no-cache');
    }
  });

  it('D2: beginning one without a token is 401, before anything else is looked at', async () => {
    const refused = await post(`/episodes/${EPISODES.first}/threads`, null, {});
    expect(String(expectProblem(refused, 401)['detail'])).toContain('Authentication required');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('D3: made by the caller, whatever the body says (C18)', async () => {
    const thread = await done(target, 'POST', `${ROOT}/episodes/${EPISODES.first}/threads`, ann, {
      title: 'Mine',
      type: 'episode_live',
      created_by: bob.id,
      is_locked: true,
    });
    expect(thread).toMatchObject({ created_by: ann.id, is_locked: false, title: 'Mine', type: 'episode_live' });
  });

  it('D4: an unknown type is 400 and lists the types in order', async () => {
    const refused = await post(`/episodes/${EPISODES.first}/threads`, ann, { title: 'x', type: 'rant' });
    expect(expectProblem(refused, 400)['detail']).toBe(
      'Invalid thread type. Allowed: episode_live, post_episode, spoilers, general',
    );
  });

  it('D5: an unknown episode is 404 "Episode not found"', async () => {
    const refused = await post(`/episodes/${IDS.unknown}/threads`, ann, { title: 'x', type: 'general' });
    expectProblem(refused, 404, 'Episode not found');
  });

  it('D6: a missing title or type, and a blank title, are 422', async () => {
    const make = (body: Json) => post(`/episodes/${EPISODES.first}/threads`, ann, body);
    expect(errorsOf(await make({}))).toEqual(['missing@body.title', 'missing@body.type']);
    for (const title of ['', '  ', 'x'.repeat(201)]) expectProblem(await make({ title, type: 'general' }), 422);
  });

  it('D7: an unknown thread is 404 "Thread not found"', async () => {
    expectProblem(await get(`/threads/${IDS.unknown}`), 404, 'Thread not found');
    expect((await get(`/threads/${await makeThread(target, ann)}`)).status).toBe(200);
  });

  it('are renamed by their author alone', async () => {
    const thread = await makeThread(target, ann);
    const path = `${ROOT}/threads/${thread}`;
    expect(await done(target, 'PUT', path, ann, { title: 'Better' })).toMatchObject({ title: 'Better' });
    expect(expectProblem(await send(target, 'PUT', path, bob, { title: 'Worse' }), 403)['code']).toBe('not_author');
    expectProblem(await send(target, 'PUT', `${ROOT}/threads/${IDS.unknown}`, bob, { title: 'x' }), 404);
  });
});

describe('posts', () => {
  it('D8, D9: top level oldest first with counts of reactions; replies by parent; an unknown thread is []', async () => {
    const thread = await makeThread(target, ann);
    const [one, two] = [await makePost(target, ann, thread, { body: '1' }), await makePost(target, bob, thread)];
    const reply = await makePost(target, ann, thread, { parent_post_id: one });
    await done(target, 'POST', `${ROOT}/posts/${one}/reactions`, bob, { reaction: 'fire' });
    const listed = await posts(thread);
    expect(listed.map((p) => p['id'])).toEqual([one, two]);
    expect(listed.map((p) => [p['reactions'], p['reply_count']])).toEqual([
      [{ fire: 1 }, 1],
      [{}, 0],
    ]);
    expect((await posts(thread, `?parent_post_id=${one}`)).map((p) => p['id'])).toEqual([reply]);
    expect(await posts(IDS.unknown)).toEqual([]);
    const mine = (await send(target, 'GET', `${ROOT}/threads/${thread}/posts`, bob)).json as Json[];
    expect(mine.map((p) => p['my_reactions'])).toEqual([['fire'], []]);
  });

  it('D10: a cursor, ours or a timestamp, reaches every post once, equal times included', async () => {
    const thread = await makeThread(target, ann);
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.push(await makePost(target, ann, thread, { body: String(n) }));
    // Three of them at the very same moment.
    const own = target.own;
    await own?.owner('update social.posts set created_at = $2 where id = any($1)', [
      made.slice(2, 5),
      '2026-01-01T00:00:00.000001Z',
    ]);
    for (const limit of [1, 2, 3, 50]) {
      const seen: unknown[] = [];
      let path: string | undefined = `${ROOT}/threads/${thread}/posts?limit=${limit}`;
      while (path !== undefined) {
        const page = await ask(target.baseUrl, path);
        seen.push(...(page.json as Json[]).map((p) => p['id']));
        path = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
      }
      expect(seen).toHaveLength(7);
      expect(new Set(seen)).toEqual(new Set(made));
    }
    const all = await posts(thread);
    const later = encodeURIComponent(String(all[5]?.['created_at']));
    expect((await posts(thread, `?cursor=${later}`)).map((p) => p['id'])).toEqual([all[6]?.['id']]);
    const last = encodeURIComponent(String(all[6]?.['created_at']));
    expect(await posts(thread, `?cursor=${last}`)).toEqual([]);
  });

  it('D11: a malformed cursor is 422; an unescaped + is understood', async () => {
    const thread = await makeThread(target, ann);
    await makePost(target, ann, thread);
    for (const bad of ['x', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', 'WyJ0aHJlYWRzIl0', '2026-01-01']) {
      const refused = await get(`/threads/${thread}/posts?cursor=${bad}`);
      expect(errorsOf(refused), bad).toEqual(['value_error@query.cursor']);
    }
    for (const good of ['2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00.123456Z', '2020-01-01 00:00:00+02:00']) {
      expect(await posts(thread, `?cursor=${good}`), good).toHaveLength(1);
    }
  });

  it('D12: writing without a token is 401', async () => {
    expectProblem(await post(`/threads/${await makeThread(target, ann)}/posts`, null, { body: 'x' }), 401);
  });

  it('D13: written by the caller; no reactions in the answer', async () => {
    const thread = await makeThread(target, ann);
    const made = await done(target, 'POST', `${ROOT}/threads/${thread}/posts`, bob, { body: 'Hi', user_id: ann.id });
    expect(made).toMatchObject({
      user_id: bob.id,
      body: 'Hi',
      thread_id: thread,
      parent_post_id: null,
      edited_at: null,
    });
    expect(made).not.toHaveProperty('reactions');
    for (const body of ['', ' \n ', 'x'.repeat(10_001), 5, null]) {
      expectProblem(await post(`/threads/${thread}/posts`, bob, { body }), 422);
    }
    expect((await post(`/threads/${thread}/posts`, bob, { body: '🏝️'.repeat(5000) })).status).toBe(200);
    expectProblem(await post(`/threads/${IDS.unknown}/posts`, bob, { body: 'x' }), 404, 'Thread not found');
  });

  it('D15: a parent of another thread is 400, an unknown one 404', async () => {
    const [thread, other] = [await makeThread(target, ann), await makeThread(target, ann)];
    const parent = await makePost(target, ann, other);
    const reply = (parent_post_id: string) => post(`/threads/${thread}/posts`, bob, { body: 'x', parent_post_id });
    expectProblem(await reply(parent), 400, 'Parent post is not in this thread');
    expectProblem(await reply(IDS.unknown), 404, 'Parent post not found');
  });

  it('are edited by their author alone, and what they said before is kept', async () => {
    const id = await makePost(target, ann, await makeThread(target, ann), { body: 'First' });
    const path = `${ROOT}/posts/${id}`;
    const edited = await done(target, 'PUT', path, ann, { body: 'Second' });
    expect(edited).toMatchObject({ body: 'Second', id });
    expect(edited['edited_at']).not.toBeNull();
    expect(expectProblem(await send(target, 'PUT', path, bob, { body: 'x' }), 403)['code']).toBe('not_author');
    const revisions = async (who: Person) => (await send(target, 'GET', `${path}/revisions`, who)).json as Json[];
    expect((await revisions(ann)).map((r) => [r['body'], r['reason']])).toEqual([['First', 'edited']]);
    expect(await revisions(bob)).toEqual([]);
    expect(await revisions(admin)).toHaveLength(1);
  });

  it('taken back, keep their replies and no longer name their author', async () => {
    const thread = await makeThread(target, ann);
    const [alone, answered] = [await makePost(target, ann, thread), await makePost(target, ann, thread)];
    const reply = await makePost(target, bob, thread, { parent_post_id: answered });
    for (const id of [alone, answered]) {
      expectProblem(await send(target, 'DELETE', `${ROOT}/posts/${id}`, bob), 404);
      const gone = await done(target, 'DELETE', `${ROOT}/posts/${id}`, ann);
      expect(gone).toMatchObject({ body: '[deleted]', user_id: null, is_deleted: true });
      await done(target, 'DELETE', `${ROOT}/posts/${id}`, ann);
    }
    const listed = await posts(thread);
    expect(listed.map((p) => [p['id'], p['user_id'], p['author'], p['body'], p['reply_count']])).toEqual([
      [answered, null, null, '[deleted]', 1],
    ]);
    expect((await posts(thread, `?parent_post_id=${answered}`)).map((p) => p['id'])).toEqual([reply]);
    expectProblem(await post(`/posts/${alone}/reactions`, bob, { reaction: 'lol' }), 404);
    expectProblem(await send(target, 'PUT', `${ROOT}/posts/${alone}`, ann, { body: 'back' }), 404);
  });

  it('name their authors by profile', async () => {
    const cyd = await target.user();
    const handle = `cyd_${cyd.id.slice(0, 8)}`;
    await done(target, 'PUT', '/api/v1/me', cyd, { handle, display_name: 'Cyd' });
    const thread = await makeThread(target, ann);
    await makePost(target, cyd, thread);
    expect((await posts(thread))[0]?.['author']).toEqual({
      user_id: cyd.id,
      handle,
      display_name: 'Cyd',
      avatar_url: null,
    });
  });
});

describe('reactions', () => {
  it('D16: without a token 401', async () => {
    expectProblem(await post(`/posts/${IDS.unknown}/reactions`, null, { reaction: 'lol' }), 401);
  });

  it('D17: a toggle, by type and by person', async () => {
    const id = await makePost(target, ann, await makeThread(target, ann));
    const toggle = (who: Person, reaction: string) =>
      done(target, 'POST', `${ROOT}/posts/${id}/reactions`, who, { reaction });
    expect(await toggle(bob, 'lol')).toMatchObject({ action: 'added', reaction: 'lol', reactions: { lol: 1 } });
    expect(await toggle(ann, 'lol')).toMatchObject({ action: 'added', reactions: { lol: 2 } });
    expect(await toggle(bob, 'fire')).toMatchObject({ action: 'added', reactions: { fire: 1, lol: 2 } });
    expect(await toggle(bob, 'lol')).toMatchObject({ action: 'removed', reactions: { fire: 1, lol: 1 } });
    await toggle(bob, 'upvote');
    expect(await toggle(bob, 'downvote')).toMatchObject({ replaced: 'upvote', reactions: { downvote: 1, fire: 1 } });
  });

  it('D17: said outright, twice is once', async () => {
    const id = await makePost(target, ann, await makeThread(target, ann));
    const path = `${ROOT}/posts/${id}/reactions/heart`;
    expect(await done(target, 'PUT', path, bob)).toMatchObject({ action: 'added', active: true });
    expect(await done(target, 'PUT', path, bob)).toMatchObject({ action: 'unchanged', active: true });
    expect(await done(target, 'DELETE', path, bob)).toMatchObject({ action: 'removed', active: false });
    expect(await done(target, 'DELETE', path, bob)).toMatchObject({ action: 'unchanged', reactions: {} });
  });

  it('D17: many at once end where a recount ends', async () => {
    const id = await makePost(target, ann, await makeThread(target, ann));
    const people = await Promise.all(Array.from({ length: 8 }, () => target.user()));
    const toggles = people.flatMap((who, n) =>
      Array.from({ length: n + 1 }, () =>
        send(target, 'POST', `${ROOT}/posts/${id}/reactions`, who, { reaction: 'fire' }),
      ),
    );
    for (const one of await Promise.all(toggles)) expect(one.status, one.text).toBe(200);
    // Person n toggled n + 1 times: an odd number leaves it on.
    expect((await get(`/posts/${id}/reactions`)).json).toEqual({ post_id: id, reactions: { fire: 4 } });
  });

  it('D18: an unknown reaction is 400, before the post is looked for', async () => {
    for (const id of [IDS.unknown, await makePost(target, ann, await makeThread(target, ann))]) {
      const refused = await post(`/posts/${id}/reactions`, bob, { reaction: 'poke' });
      expect(String(expectProblem(refused, 400)['detail'])).toMatch(/^Invalid reaction type/);
    }
  });

  it('D20: counts for everybody; an unknown post is 404 "Post not found"', async () => {
    expectProblem(await get(`/posts/${IDS.unknown}/reactions`), 404, 'Post not found');
    const id = await makePost(target, ann, await makeThread(target, ann));
    expect((await get(`/posts/${id}/reactions`)).json).toEqual({ post_id: id, reactions: {} });
  });
});

describe('moderation', () => {
  const lock = (thread: string, locked: boolean) =>
    done(target, 'PUT', `/api/v1/moderation/threads/${thread}/lock`, admin, { locked, reason: 'Enough.' });

  it('D14, D19: a locked thread takes no posts and reactions', async () => {
    const thread = await makeThread(target, ann);
    const id = await makePost(target, ann, thread);
    expect(await lock(thread, true)).toMatchObject({ is_locked: true });
    expectProblem(await post(`/threads/${thread}/posts`, bob, { body: 'x' }), 403, 'Thread is locked');
    expectProblem(await post(`/posts/${id}/reactions`, bob, { reaction: 'lol' }), 403, 'Thread is locked');
    expectProblem(await send(target, 'PUT', `${ROOT}/posts/${id}`, ann, { body: 'x' }), 403);
    await lock(thread, false);
    expect((await post(`/threads/${thread}/posts`, bob, { body: 'x' })).status).toBe(200);
  });

  it('is for moderators', async () => {
    const thread = await makeThread(target, ann);
    const path = `/api/v1/moderation/threads/${thread}/lock`;
    expectProblem(await send(target, 'PUT', path, null, { locked: true }), 401);
    expectProblem(await send(target, 'PUT', path, ann, { locked: true }), 403);
    expectProblem(await send(target, 'GET', '/api/v1/moderation/reports', ann), 403);
    expectProblem(
      await send(target, 'PUT', `/api/v1/moderation/threads/${IDS.unknown}/lock`, admin, { locked: true }),
      404,
    );
  });

  it('removes and restores threads and posts', async () => {
    const thread = await makeThread(target, ann);
    const id = await makePost(target, ann, thread, { body: 'Rude.' });
    const removed = (value: boolean) =>
      done(target, 'PUT', `/api/v1/moderation/threads/${thread}/removed`, admin, { removed: value });
    expect(await removed(true)).toMatchObject({ is_removed: true });
    expectProblem(await get(`/threads/${thread}`), 404);
    expect(await posts(thread)).toEqual([]);
    expectProblem(await get(`/posts/${id}`), 404);
    expect((await send(target, 'GET', `${ROOT}/threads/${thread}`, admin)).status).toBe(200);
    await removed(false);
    expect(await posts(thread)).toHaveLength(1);
    await done(target, 'DELETE', `${ROOT}/posts/${id}?reason=rude`, admin);
    expect(await posts(thread)).toEqual([]);
    expect(await done(target, 'POST', `/api/v1/moderation/posts/${id}/restore`, admin, {})).toMatchObject({
      body: 'Rude.',
      user_id: ann.id,
    });
    const log = (await send(target, 'GET', `/api/v1/admin/audit?target_type=post&target_id=${id}`, admin))
      .json as Json[];
    expect(log.map((entry) => [entry['action'], entry['actor_id'], entry['reason']])).toEqual([
      ['post.restore', admin.id, null],
      ['post.remove', admin.id, 'rude'],
    ]);
  });

  it('gets reports, once while open, and decides them', async () => {
    const id = await makePost(target, ann, await makeThread(target, ann), { body: 'Spam spam' });
    const report = () =>
      done(target, 'POST', '/api/v1/moderation/reports', bob, { type: 'post', id, reason: 'spam', note: 'Again!' });
    const [first, again] = [await report(), await report()];
    expect(again).toEqual(first);
    const path = '/api/v1/moderation/reports';
    const open = (await send(target, 'GET', `${path}?limit=100`, admin)).json as Json[];
    expect(open.find((one) => one['id'] === first['id'])).toMatchObject({
      type: 'post',
      target_id: id,
      excerpt: 'Spam spam',
      reporter_id: bob.id,
      status: 'open',
    });
    const decided = await done(target, 'PUT', `${path}/${String(first['id'])}`, admin, { status: 'dismissed' });
    expect(decided).toMatchObject({ status: 'dismissed', resolved_by: admin.id });
    expect((await report())['id']).not.toBe(first['id']);
    expectProblem(await send(target, 'POST', path, bob, { type: 'post', id: IDS.unknown, reason: 'spam' }), 404);
    expectProblem(await send(target, 'POST', path, bob, { type: 'post', id, reason: 'boring' }), 422);
    expectProblem(await send(target, 'PUT', `${path}/${IDS.unknown}`, admin, { status: 'resolved' }), 404);
  });
});

describe('D21: row security, without the routes', () => {
  it('refuses posts as somebody else and in locked threads; own changes only; reads are public', async ({ skip }) => {
    const own = target.own;
    if (own === undefined) return skip('needs the database behind the server');
    const thread = await makeThread(target, ann);
    const id = await makePost(target, ann, thread);
    const as = (who: Person, text: string, values: unknown[]) =>
      own.db
        .asUser({ sub: who.id, role: 'authenticated' }, (tx) => tx.raw(text, values))
        .then(
          (rows) => rows.length,
          (error: { code?: string }) => error.code,
        );
    const insert = 'insert into social.posts (thread_id, user_id, body) values ($1, $2, $3) returning id';
    expect(await as(bob, insert, [thread, ann.id, 'x'])).toBe('42501');
    expect(await as(bob, 'update social.posts set body = $2 where id = $1 returning id', [id, 'x'])).toBe(0);
    expect(await as(bob, 'delete from social.posts where id = $1 returning id', [id])).toBe('42501');
    await done(target, 'PUT', `/api/v1/moderation/threads/${thread}/lock`, admin, { locked: true });
    expect(await as(ann, insert, [thread, ann.id, 'x'])).toBe('TR021');
    expect(await own.db.public.raw('select id from social.posts where id = $1', [id])).toHaveLength(1);
  });
});
