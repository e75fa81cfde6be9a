import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, makePost, makeSurvey, makeThread, send } from './people.ts';
import { startTarget, type Target } from './server.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const handleOf = (id: string) => `h_${id.slice(0, 13).replace('-', '')}`;

describe('a profile', () => {
  it('is empty at first, then what its owner says', async () => {
    const ann = await target.user();
    expect(await done(target, 'GET', '/api/v1/me', ann)).toMatchObject({ id: ann.id, handle: null, is_admin: false });
    const handle = handleOf(ann.id);
    const set = await done(target, 'PUT', '/api/v1/me', ann, {
      handle,
      display_name: 'Ann',
      avatar_url: 'https://example.test/a.png',
      is_admin: true,
    });
    expect(set).toMatchObject({ handle, display_name: 'Ann', is_admin: false });
    expect(await done(target, 'PUT', '/api/v1/me', ann, { handle })).toMatchObject({ display_name: null });
  });

  it('is seen by everybody, by handle in any case and by id, without the address', async () => {
    const ann = await target.user();
    const handle = handleOf(ann.id);
    await done(target, 'PUT', '/api/v1/me', ann, { handle });
    for (const name of [handle, handle.toUpperCase(), ann.id]) {
      const seen = await ask(target.baseUrl, `/api/v1/users/${name}`);
      expect(seen.json).toMatchObject({ user_id: ann.id, handle });
      expect(seen.json).not.toHaveProperty('email');
    }
    expectProblem(await ask(target.baseUrl, '/api/v1/users/nobody_at_all'), 404, 'User not found');
  });

  it('needs a handle nobody else has, well formed', async () => {
    const [ann, bob] = [await target.user(), await target.user()];
    const handle = handleOf(ann.id);
    await done(target, 'PUT', '/api/v1/me', ann, { handle });
    const taken = await send(target, 'PUT', '/api/v1/me', bob, { handle: handle.toUpperCase() });
    expect(expectProblem(taken, 409)['code']).toBe('handle_taken');
    for (const bad of ['ab', 'a b', 'é'.repeat(5), 'x'.repeat(31), '../..']) {
      expect(errorsOf(await send(target, 'PUT', '/api/v1/me', bob, { handle: bad }))).toEqual([
        'string_pattern_mismatch@body.handle',
      ]);
    }
    for (const avatar_url of ['http://x.test/a.png', 'javascript:alert(1)', 'https://a b']) {
      expectProblem(await send(target, 'PUT', '/api/v1/me', bob, { handle: handleOf(bob.id), avatar_url }), 422);
    }
  });
});

describe('everything about a person', () => {
  it('can be taken along, and goes when they go; what others answered stays', async () => {
    const [ann, bob, admin] = [await target.user(), await target.user(), await target.admin()];
    await done(target, 'PUT', '/api/v1/me', ann, { handle: handleOf(ann.id) });
    const thread = await makeThread(target, bob);
    const post = await makePost(target, ann, thread, { body: 'I was here' });
    await makePost(target, bob, thread, { parent_post_id: post });
    const survey = await makeSurvey(target, admin);
    await done(target, 'POST', `/api/v1/surveys/${survey.id}/submit`, ann, {
      answers: [{ question_id: survey.choice, answer: 'ana' }],
    });
    const talk = await done(target, 'POST', '/api/v1/dms', ann, { other_user_id: bob.id });
    await done(target, 'POST', `/api/v1/dms/${String(talk['id'])}/messages`, ann, { body: 'Hello' });

    const exported = (await send(target, 'GET', '/api/v1/me/export', ann)).json as Record<string, Json[]>;
    const counts = Object.fromEntries(Object.entries(exported).map(([name, rows]) => [name, rows.length]));
    expect(counts).toMatchObject({
      account: 1,
      sign_ins: 1,
      profile: 1,
      survey_responses: 1,
      threads: 0,
      posts: 1,
      conversations: 1,
      messages_sent: 1,
    });
    expect(exported['posts']?.[0]).toMatchObject({ body: 'I was here' });
    expect((exported['survey_responses']?.[0]?.['answers'] as Json[])[0]).toMatchObject({ answer: { value: 'ana' } });

    expectProblem(await send(target, 'DELETE', '/api/v1/me', ann, {}), 422);
    expect(await done(target, 'DELETE', '/api/v1/me', ann, { confirm: 'delete' })).toEqual({
      id: ann.id,
      deleted: true,
    });
    const after = await send(target, 'GET', '/api/v1/me', ann);
    expect(expectProblem(after, 401)['code']).toBe('account_deleted');
    expectProblem(await ask(target.baseUrl, `/api/v1/users/${ann.id}`), 404);
    const posts = (await ask(target.baseUrl, `/api/v1/discussions/threads/${thread}/posts`)).json as Json[];
    expect(posts.map((one) => [one['body'], one['user_id'], one['author']])).toEqual([['I was here', null, null]]);
    const results = (await ask(target.baseUrl, `/api/v1/surveys/${survey.id}/results`)).json as Json;
    expect(results['total_responses']).toBe(0);
    const left = (await send(target, 'GET', `/api/v1/dms/${String(talk['id'])}/messages`, bob)).json as Json[];
    expect(left.map((message) => [message['body'], message['sender_id']])).toEqual([['Hello', null]]);
  });
});
