import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, send } from './people.ts';
import { type Person, startTarget, type Target } from './server.ts';

let target: Target;
let ann: Person;
let bob: Person;
let eve: Person;
beforeAll(async () => {
  target = await startTarget();
  [ann, bob, eve] = [await target.user(), await target.user(), await target.user()];
});
afterAll(() => target.close());

const DMS = '/api/v1/dms';
const NOT_FOUND = "Conversation not found or you don't have access";
const begin = async (who: Person, other: Person) =>
  String((await done(target, 'POST', DMS, who, { other_user_id: other.id }))['id']);
const say = (who: Person, conversation: string, body: string) =>
  done(target, 'POST', `${DMS}/${conversation}/messages`, who, { body });
const list = async (who: Person, path: string) => (await send(target, 'GET', DMS + path, who)).json as Json[];
const pair = async () => {
  const [one, two] = [await target.user(), await target.user()];
  return { one, two, id: await begin(one, two) };
};

describe('direct messages', () => {
  it('X1: every call without a token is 401', async () => {
    const id = await begin(ann, bob);
    for (const [method, path, body] of [
      ['POST', '', { other_user_id: bob.id }],
      ['GET', '', undefined],
      ['GET', `/${id}`, undefined],
      ['GET', `/${id}/messages`, undefined],
      ['POST', `/${id}/messages`, { body: 'x' }],
      ['POST', `/${id}/read`, {}],
      ['GET', '/unread', undefined],
    ] as const) {
      const refused = await send(target, method, DMS + path, null, body);
      expect(String(expectProblem(refused, 401)['detail'])).toContain('Authentication required');
    }
  });

  it('X2: no other person named is 422', async () => {
    expect(errorsOf(await send(target, 'POST', DMS, ann, {}))).toEqual(['missing@body.other_user_id']);
  });

  it('X3: one conversation for both sides, also when both begin at once', async () => {
    const [one, two] = [await target.user(), await target.user()];
    const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? begin(one, two) : begin(two, one))));
    expect(new Set(ids).size).toBe(1);
    const conversation = await done(target, 'GET', `${DMS}/${ids[0] ?? ''}`, one);
    expect(conversation).toMatchObject({ is_group: false, last_message_at: null, last_message: null, unread: 0 });
    expect((conversation['members'] as Json[]).map((m) => m['user_id']).sort()).toEqual([one.id, two.id].sort());
  });

  it('X4: with oneself is 400; X5: with an unknown person 404', async () => {
    expectProblem(await send(target, 'POST', DMS, ann, { other_user_id: ann.id }), 400);
    expectProblem(await send(target, 'POST', DMS, ann, { other_user_id: IDS.unknown }), 404, 'User not found');
  });

  it('X6: own conversations, the last message first, those without one last', async () => {
    const me = await target.user();
    const others = [await target.user(), await target.user(), await target.user()];
    const [a = '', b = '', c = ''] = await Promise.all(others.map((other) => begin(me, other)));
    await say(me, c, 'first');
    await say(me, a, 'second');
    const listed = await list(me, '');
    expect(listed.map((one) => one['id'])).toEqual([a, c, b]);
    expect((listed[0]?.['last_message'] as Json)['body']).toBe('second');
    expect((await list(me, '?limit=1&offset=1')).map((one) => one['id'])).toEqual([c]);
    const seen: unknown[] = [];
    let path: string | undefined = `${DMS}?limit=1`;
    while (path !== undefined) {
      const page = await send(target, 'GET', path, me);
      seen.push(...(page.json as Json[]).map((one) => one['id']));
      path = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual([a, c, b]);
    expect(await list(eve, '')).not.toContainEqual(expect.objectContaining({ id: a }));
  });

  it('X7: messages oldest first, by pages, by a bare timestamp, and newest first on demand', async () => {
    const { one, two, id } = await pair();
    const made = [];
    for (let n = 0; n < 5; n++) made.push(await say(n % 2 ? two : one, id, String(n)));
    const bodies = (messages: Json[]) => messages.map((m) => m['body']);
    expect(bodies(await list(two, `/${id}/messages`))).toEqual(['0', '1', '2', '3', '4']);
    const at = encodeURIComponent(String(made[2]?.['created_at']));
    expect(bodies(await list(two, `/${id}/messages?cursor=${at}`))).toEqual(['3', '4']);
    for (const [order, wanted] of [
      ['asc', ['0', '1', '2', '3', '4']],
      ['desc', ['4', '3', '2', '1', '0']],
    ] as const) {
      const seen: unknown[] = [];
      let path: string | undefined = `${DMS}/${id}/messages?limit=2&order=${order}`;
      while (path !== undefined) {
        const page = await send(target, 'GET', path, one);
        seen.push(...bodies(page.json as Json[]));
        path = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
      }
      expect(seen).toEqual(wanted);
    }
    expectProblem(await send(target, 'GET', `${DMS}/${id}/messages?limit=101`, one), 422);
  });

  it('X8, X10: for whoever is no member, it does not exist', async () => {
    const { one, id } = await pair();
    await say(one, id, 'secret');
    for (const conversation of [id, IDS.unknown]) {
      const path = `${DMS}/${conversation}`;
      expectProblem(await send(target, 'GET', path, eve), 404, NOT_FOUND);
      expectProblem(await send(target, 'GET', `${path}/messages`, eve), 404, NOT_FOUND);
      expectProblem(await send(target, 'GET', `${path}/messages?cursor=2020-01-01T00:00:00Z`, eve), 404, NOT_FOUND);
      expectProblem(await send(target, 'POST', `${path}/messages`, eve, { body: 'x' }), 404, NOT_FOUND);
      expectProblem(await send(target, 'POST', `${path}/read`, eve, { message_id: IDS.unknown }), 404, NOT_FOUND);
    }
  });

  it('X9: no body is 422; a message comes from the caller and moves the conversation up', async () => {
    const { one, two, id } = await pair();
    expect(errorsOf(await send(target, 'POST', `${DMS}/${id}/messages`, one, {}))).toEqual(['missing@body.body']);
    for (const body of ['', ' ', 'x'.repeat(10_001)]) {
      expectProblem(await send(target, 'POST', `${DMS}/${id}/messages`, one, { body }), 422);
    }
    const message = await done(target, 'POST', `${DMS}/${id}/messages`, one, { body: 'Hi', sender_id: two.id });
    expect(message).toMatchObject({ sender_id: one.id, conversation_id: id, body: 'Hi' });
    const conversation = await done(target, 'GET', `${DMS}/${id}`, two);
    expect(conversation['last_message_at']).toBe(message['created_at']);
  });

  it('X11: receipts are the own, and never move back', async () => {
    const { one, two, id } = await pair();
    expect(errorsOf(await send(target, 'POST', `${DMS}/${id}/read`, two, {}))).toEqual(['missing@body.message_id']);
    const [first, second] = [await say(one, id, '1'), await say(one, id, '2')];
    const read = (message: unknown) => done(target, 'POST', `${DMS}/${id}/read`, two, { message_id: message });
    expect(await read(second['id'])).toMatchObject({ user_id: two.id, last_read_message_id: second['id'] });
    expect(await read(first['id'])).toMatchObject({ last_read_message_id: second['id'] });
    const old = await done(target, 'POST', `${DMS}/${id}/read`, two, { last_read_message_id: second['id'] });
    expect(old['last_read_at']).toMatch(/^\d{4}-.*\+00:00$/);
  });

  it('X12: a message of another conversation is 404', async () => {
    const { one, two, id } = await pair();
    const other = await begin(one, eve);
    const message = await say(one, other, 'elsewhere');
    const refused = await send(target, 'POST', `${DMS}/${id}/read`, two, { message_id: message['id'] });
    expectProblem(refused, 404, 'Message not found in this conversation');
  });

  it('counts unread messages exactly, also when both write at once', async () => {
    const { one, two, id } = await pair();
    const sent = await Promise.all(Array.from({ length: 12 }, (_, n) => say(n % 3 ? one : two, id, String(n))));
    expect(await done(target, 'GET', `${DMS}/unread`, two)).toEqual({ messages: 8, conversations: 1 });
    expect(await done(target, 'GET', `${DMS}/unread`, one)).toEqual({ messages: 4, conversations: 1 });
    const ordered = await list(two, `/${id}/messages`);
    expect(ordered).toHaveLength(sent.length);
    await done(target, 'POST', `${DMS}/${id}/read`, two, { message_id: ordered[5]?.['id'] });
    const after = ordered.slice(6).filter((message) => message['sender_id'] === one.id).length;
    expect(await done(target, 'GET', `${DMS}/unread`, two)).toMatchObject({ messages: after });
    expect((await list(two, ''))[0]?.['unread']).toBe(after);
  });
});

describe('blocks', () => {
  it('stop both sides, are nobody else’s business, and can be taken back', async () => {
    const { one, two, id } = await pair();
    const path = `/api/v1/me/blocks/${two.id}`;
    expect(await done(target, 'PUT', path, one)).toEqual({ user_id: two.id, blocked: true });
    await done(target, 'PUT', path, one);
    for (const who of [one, two]) {
      const refused = await send(target, 'POST', `${DMS}/${id}/messages`, who, { body: 'x' });
      expect(expectProblem(refused, 403)['code']).toBe('blocked');
    }
    const listed = (await send(target, 'GET', '/api/v1/me/blocks', one)).json as Json[];
    expect(listed.map((b) => b['user_id'])).toEqual([two.id]);
    expect((await send(target, 'GET', '/api/v1/me/blocks', two)).json).toEqual([]);
    expect(await done(target, 'DELETE', path, one)).toEqual({ user_id: two.id, blocked: false });
    await say(two, id, 'again');
    expectProblem(await send(target, 'PUT', `/api/v1/me/blocks/${one.id}`, one), 400);
    expectProblem(await send(target, 'PUT', `/api/v1/me/blocks/${IDS.unknown}`, one), 404, 'User not found');
    expectProblem(await ask(target.baseUrl, '/api/v1/me/blocks'), 401);
  });
});
