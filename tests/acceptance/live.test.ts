import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connect, type HandshakeRefused, type TestSocket, withoutBeats } from '../realtime/socket.ts';
import { EPISODES } from './fixture.ts';
import { BROKERS, serverWith, write } from './live-fixture.ts';
import type { Person } from './server.ts';

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}\+00:00$/;
const ROOM = `discussions:episode:${EPISODES.first}`;

/** spec/api.md 5, row by row, against each broker. */
describe.each(BROKERS)('January sockets over the %s broker', (broker) => {
  const server = serverWith(broker);
  const discussion = (query = '', options = {}) =>
    connect(server.baseUrl, `/api/v1/ws/discussions/episodes/${EPISODES.first}${query}`, options);
  const refused = (path: string, options = {}) =>
    connect(server.baseUrl, path, options).then(
      () => expect.fail('the handshake was accepted'),
      (error: unknown) => error as HandshakeRefused,
    );

  /** Ann and Bob with a conversation, and Eve. */
  async function friends() {
    const [ann, bob, eve] = [await server.user(), await server.user(), await server.user()];
    const { id } = await write<{ id: string }>(server.baseUrl, ann, '/dms', { other_user_id: bob.id });
    const open = (person: Person, query = '') => connect(server.baseUrl, `/api/v1/ws/dms/${id}${query}`, person);
    return { ann, bob, eve, id, open };
  }

  it('W1: anybody may follow an episode; the first frame is `subscribed` with the room', async () => {
    const socket = await discussion();
    const frame = await socket.next('subscribed');
    expect(socket.frames[0]).toBe(frame);
    expect(frame).toEqual({
      type: 'subscribed',
      ts: expect.stringMatching(TIME),
      payload: { room: ROOM, channel: ROOM, epoch: expect.any(String), offset: expect.any(Number), recovered: false },
    });
    await socket.close();
  });

  it('W2: a bad token is nobody, wherever it stands', async () => {
    const token = 'a.b.c';
    for (const socket of [
      await discussion(`?token=${token}`),
      await discussion('', { token }),
      await discussion('', { protocols: ['trr.v1', `bearer.${token}`] }),
    ]) {
      await socket.next('subscribed');
      socket.send('typing_start');
      expect((await socket.next('error')).payload).toMatchObject({ code: 'AUTH_REQUIRED' });
      await socket.close();
    }
  });

  it('W3: no uuid, unknown path, foreign page: the handshake is refused with a problem', async () => {
    const bad = await refused('/api/v1/ws/discussions/episodes/x');
    expect([bad.status, bad.body.code]).toEqual([422, 'invalid_input']);
    const unknown = await refused('/api/v1/ws/nothing');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
    const plain = await fetch(`${server.baseUrl}/api/v1/ws`);
    expect([plain.status, plain.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });

  it('W4: an id in upper case is the same room', async () => {
    const socket = await connect(server.baseUrl, `/api/v1/ws/discussions/episodes/${EPISODES.first.toUpperCase()}`);
    expect((await socket.next('subscribed')).payload['room']).toBe(ROOM);
    await socket.close();
  });

  it('W5, W6, W7: what is no message is told so, and the connection stays', async () => {
    const socket = await discussion();
    const expectError = async (text: string, message: RegExp) => {
      socket.ws.send(text);
      const { payload } = await socket.next('error');
      expect(payload).toEqual({ message: expect.stringMatching(message), code: 'BAD_FRAME' });
    };
    await expectError('{', /^Invalid JSON$/);
    await expectError('', /^Invalid JSON$/);
    await expectError('{}', /^Invalid message: "type"/);
    await expectError('{"type": 5}', /^Invalid message: "type"/);
    await expectError('{"type": "heartbeat", "payload": []}', /^Invalid message: "payload"/);
    for (const text of ['[]', '5', '"x"', 'null', 'true'])
      await expectError(text, /^Invalid message: expected an object/);
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
    await socket.close();
  });

  it('W8: typing needs somebody', async () => {
    const socket = await discussion();
    for (const type of ['typing_start', 'typing_stop']) {
      socket.send(type);
      expect((await socket.next('error')).payload).toEqual({
        message: 'Authentication required for typing',
        code: 'AUTH_REQUIRED',
      });
    }
    await socket.close();
  });

  it('W9: typing in a discussion and unknown types are ignored', async () => {
    const ann = await server.user();
    const socket = await discussion('', ann);
    socket.send('typing_start');
    socket.send('typing_stop');
    socket.send('something_new', { a: 1 });
    socket.ws.send('{');
    expect((await socket.next('error')).payload['message']).toBe('Invalid JSON');
    expect(withoutBeats(socket.frames).map(({ type }) => type)).toEqual(['subscribed', 'error']);
    await socket.close();
  });

  it('W10: threads, posts and reactions reach the followers of that episode, and only those, after the write', async () => {
    const [ann, bob] = [await server.user(), await server.user()];
    const here = await discussion();
    const asBob = await discussion('', bob);
    const elsewhere = await connect(server.baseUrl, `/api/v1/ws/discussions/episodes/${EPISODES.second}`);
    const begin = Number((await here.next('subscribed')).payload['offset']);
    await elsewhere.next('subscribed');

    const thread = await write(server.baseUrl, ann, `/discussions/episodes/${EPISODES.first}/threads`, {
      title: 'That vote!',
      type: 'episode_live',
    });
    const created = await here.next('thread_created');
    expect(created).toEqual({
      type: 'thread_created',
      ts: expect.stringMatching(TIME),
      payload: {
        thread_id: thread['id'],
        episode_id: EPISODES.first,
        title: 'That vote!',
        type: 'episode_live',
        created_by: ann.id,
        is_locked: false,
      },
      channel: ROOM,
      offset: begin + 1,
    });

    const post = await write(server.baseUrl, bob, `/discussions/threads/${thread['id']}/posts`, {
      body: 'What a night',
    });
    const posted = await here.next('post_created');
    expect(posted.payload).toEqual({
      post_id: post['id'],
      thread_id: thread['id'],
      parent_post_id: null,
      user_id: bob.id,
      body: 'What a night',
      created_at: post['created_at'],
    });
    expect(posted.offset).toBe(begin + 2);

    await write(server.baseUrl, bob, `/discussions/posts/${post['id']}/reactions`, { reaction: 'fire' });
    const seen = await here.next('reaction_toggled');
    // Who reacted is for themselves only (docs/db/decisions.md, W28).
    expect(seen.payload).toEqual({ post_id: post['id'], user_id: null, reaction: 'fire', action: 'added' });
    expect((await asBob.next('reaction_toggled')).payload).toEqual({ ...seen.payload, user_id: bob.id });
    await write(server.baseUrl, bob, `/discussions/posts/${post['id']}/reactions`, { reaction: 'fire' });
    expect((await here.next('reaction_toggled')).payload['action']).toBe('removed');

    expect(withoutBeats(elsewhere.frames).map(({ type }) => type)).toEqual(['subscribed']);
    await Promise.all([here.close(), asBob.close(), elsewhere.close()]);
  });

  it('W11: a conversation opens for its members only', async () => {
    const { ann, eve, id } = await friends();
    const path = `/api/v1/ws/dms/${id}`;
    const nobody = await refused(path);
    expect([nobody.status, nobody.body.code, nobody.headers['www-authenticate']]).toEqual([
      401,
      'authentication_required',
      'Bearer',
    ]);
    const bad = await refused(path, { token: 'nonsense' });
    expect(bad.status).toBe(401);
    for (const answer of [await refused(path, eve), await refused(`/api/v1/ws/dms/${randomUUID()}`, ann)]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'channel_not_found']);
    }
    expect((await refused('/api/v1/ws/dms/x', ann)).status).toBe(422);
    expect((await refused('/api/v1/ws/dms/x')).status).toBe(401);
  });

  it('W12: a member is told to the room: online with the first connection, offline with the last', async () => {
    const { ann, bob, open } = await friends();
    const first = await open(ann);
    await first.next('subscribed');
    expect((await first.next('presence')).payload).toEqual({ user_id: ann.id, is_online: true });
    const his = await open(bob);
    await his.next('subscribed');
    const present = [await his.next('presence'), await his.next('presence')].map(({ payload }) => payload);
    expect(present).toContainEqual({ user_id: bob.id, is_online: true });
    expect(present).toContainEqual({ user_id: ann.id, is_online: true });
    expect((await first.next('presence')).payload).toEqual({ user_id: bob.id, is_online: true });

    // A second tab is no news, and closing one of two is not "offline".
    const second = await open(ann);
    await second.next('presence', ({ payload }) => payload['user_id'] === bob.id);
    await second.close();
    his.send('typing_start');
    await first.next('typing');
    await first.close();
    expect((await his.next('presence', ({ payload }) => payload['is_online'] === false)).payload).toEqual({
      user_id: ann.id,
      is_online: false,
    });
    expect(his.frames.filter(({ type }) => type === 'presence')).toHaveLength(3);
    await his.close();
  });

  it('W13: typing is told as edges; a heartbeat is taken without a word', async () => {
    const { ann, bob, id, open } = await friends();
    const [hers, his] = [await open(ann), await open(bob)];
    await Promise.all([hers.next('subscribed'), his.next('subscribed')]);
    for (let n = 0; n < 5; n += 1) hers.send('typing_start');
    hers.send('heartbeat');
    hers.send('typing_stop');
    hers.send('typing_stop');
    const typing = (isTyping: boolean) => ({ conversation_id: id, user_id: ann.id, is_typing: isTyping });
    expect((await his.next('typing')).payload).toEqual(typing(true));
    expect((await his.next('typing')).payload).toEqual(typing(false));
    hers.send('typing_start', { channel: `dms:conversation:${id.toUpperCase()}` });
    await his.next('typing');
    // Typing ends with the connection.
    await hers.close();
    expect((await his.next('typing')).payload).toEqual(typing(false));
    expect(his.frames.filter(({ type }) => type === 'typing')).toHaveLength(4);
    expect(his.frames.every(({ type, offset }) => type !== 'typing' || offset === undefined)).toBe(true);
    await his.close();
  });

  it('W14: messages and receipts reach the room', async () => {
    const { ann, bob, id, open } = await friends();
    const [hers, his] = [await open(ann), await open(bob)];
    await Promise.all([hers.next('subscribed'), his.next('subscribed')]);
    const message = await write(server.baseUrl, ann, `/dms/${id}/messages`, { body: 'Hello "Bob" \u{1f525}' });
    for (const socket of [hers, his]) {
      expect((await socket.next('dm_message_created')).payload).toEqual({
        message_id: message['id'],
        conversation_id: id,
        sender_id: ann.id,
        body: 'Hello "Bob" \u{1f525}',
        created_at: message['created_at'],
      });
    }
    await write(server.baseUrl, bob, `/dms/${id}/read`, { message_id: message['id'] });
    expect((await hers.next('dm_read_updated')).payload).toEqual({
      conversation_id: id,
      user_id: bob.id,
      last_read_message_id: message['id'],
    });
    await Promise.all([hers.close(), his.close()]);
  });

  it('resumes with ?offset=&epoch= on both paths', async () => {
    const { ann, id, open } = await friends();
    const first = await open(ann);
    const { epoch, offset } = (await first.next('subscribed')).payload;
    await first.close();
    for (const body of ['one', 'two', 'three']) await write(server.baseUrl, ann, `/dms/${id}/messages`, { body });
    const again = await open(ann, `?offset=${offset}&epoch=${epoch}`);
    expect((await again.next('subscribed')).payload).toMatchObject({ recovered: true, offset });
    await expectBodies(again, ['one', 'two', 'three'], Number(offset));
    await again.close();
    const bad = await refused(`/api/v1/ws/dms/${id}?offset=1`, ann);
    expect(bad.status).toBe(422);
  });
});

async function expectBodies(socket: TestSocket, bodies: readonly string[], after: number): Promise<void> {
  for (const [i, body] of bodies.entries()) {
    const frame = await socket.next('dm_message_created');
    expect([frame.payload['body'], frame.offset]).toEqual([body, after + 1 + i]);
  }
}
