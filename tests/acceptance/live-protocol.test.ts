import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connect, type TestSocket } from '../realtime/socket.ts';
import { EPISODES } from './fixture.ts';
import { BROKERS, serverWith, write } from './live-fixture.ts';
import { makeSurvey } from './people.ts';
import type { Person } from './server.ts';

const ROOM = `discussions:episode:${EPISODES.first}`;

/** spec/api.md 6, against each broker. */
describe.each(BROKERS)('the socket of many channels over the %s broker', (broker) => {
  const server = serverWith(broker);
  const open = (person?: Person, protocols?: string[]) =>
    connect(server.baseUrl, '/api/v1/ws', { ...person, ...(protocols === undefined ? {} : { protocols }) });
  const thread = (person: Person, episode: string = EPISODES.first) =>
    write<{ id: string }>(server.baseUrl, person, `/discussions/episodes/${episode}/threads`, {
      title: 't',
      type: 'general',
    });
  const subscribe = async (socket: TestSocket, channel: string, since: object = {}) => {
    socket.send('subscribe', { channel, ...since });
    return (await socket.next('subscribed', ({ payload }) => payload['channel'] === channel)).payload;
  };
  const errorOn = async (socket: TestSocket, type: string, payload: object) => {
    socket.send(type, payload);
    return (await socket.next('error')).payload;
  };

  it('signs in by header, by subprotocol, by a frame, and renews', async () => {
    const ann = await server.user();
    const byHeader = await open(ann);
    const byProtocol = await open(undefined, ['trr.v1', `bearer.${ann.token}`]);
    expect(byProtocol.ws.protocol).toBe('trr.v1');
    const byFrame = await open();
    byFrame.send('auth', { token: ann.token });
    for (const socket of [byHeader, byProtocol, byFrame]) {
      socket.send('auth', { token: ann.token });
      expect((await socket.next('authenticated')).payload).toEqual({
        user_id: ann.id,
        expires_at: expect.stringMatching(/^\d{4}-.*\+00:00$/),
      });
    }
    expect(await errorOn(byFrame, 'auth', { token: 'nonsense' })).toMatchObject({ code: 'AUTH_REQUIRED' });
    const bob = await server.user();
    expect(await errorOn(byFrame, 'auth', { token: bob.token })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await errorOn(byFrame, 'auth', {})).toMatchObject({ code: 'BAD_FRAME' });
    const told = await connect(server.baseUrl, '/api/v1/ws', { token: 'nonsense' });
    expect((await told.next('error')).payload).toMatchObject({ code: 'AUTH_REQUIRED' });
    await Promise.all([byHeader, byProtocol, byFrame, told].map((socket) => socket.close()));
  });

  it('carries several channels, and names the channel and offset of every event', async () => {
    const ann = await server.user();
    const socket = await open();
    const two = ROOM;
    await subscribe(socket, `discussions:episode:${randomUUID()}`);
    socket.send('subscribe', { channel: `discussions:episode:${EPISODES.first.toUpperCase()}` });
    const { offset } = (await socket.next('subscribed', ({ payload }) => payload['channel'] === two)).payload;
    await thread(ann);
    expect(await socket.next('thread_created')).toMatchObject({ channel: two, offset: Number(offset) + 1 });
    socket.send('unsubscribe', { channel: two });
    expect((await socket.next('unsubscribed')).payload).toEqual({ room: two, channel: two });
    await thread(ann);
    expect(await errorOn(socket, 'unsubscribe', { channel: two })).toMatchObject({ code: 'NOT_FOUND', channel: two });
    expect(socket.frames.filter(({ type }) => type === 'thread_created')).toHaveLength(1);
    await socket.close();
  });

  it('resumes without a gap, and says when it cannot', async () => {
    const ann = await server.user();
    const first = await open();
    const { epoch } = (await subscribe(first, ROOM)) as { epoch: string };
    // What other tests wrote has arrived when this one has.
    const { id: last } = await thread(ann);
    const { offset = 0 } = await first.next('thread_created', ({ payload }) => payload['thread_id'] === last);
    const made = [];
    for (let n = 0; n < 5; n += 1) made.push((await thread(ann)).id);
    for (const id of made) await first.next('thread_created', ({ payload }) => payload['thread_id'] === id);
    await first.close();

    const again = await open();
    expect(await subscribe(again, ROOM, { offset: offset + 2, epoch })).toMatchObject({
      recovered: true,
      offset: offset + 2,
      epoch,
    });
    for (const [i, id] of made.slice(2).entries()) {
      const frame = await again.next('thread_created');
      expect([frame.payload['thread_id'], frame.offset]).toEqual([id, offset + 3 + i]);
    }
    // Nothing missed: recovered, and nothing is sent again.
    expect(await subscribe(again, ROOM, { offset: offset + 5, epoch })).toMatchObject({ recovered: true });
    const head = offset + 5;
    const unknown = { recovered: false, offset: head, epoch };
    expect(await subscribe(again, ROOM, { offset, epoch: 'another' })).toEqual({
      room: ROOM,
      channel: ROOM,
      ...unknown,
    });
    expect(await subscribe(again, ROOM, { offset: head + 1000, epoch })).toMatchObject(unknown);
    expect(await subscribe(again, ROOM, { offset: Number.MAX_SAFE_INTEGER, epoch })).toMatchObject(unknown);
    expect(again.frames.filter(({ type }) => type === 'thread_created')).toHaveLength(3);
    for (const since of [
      { offset: -1, epoch },
      { offset: 1.5, epoch },
      { offset: '1', epoch },
      { offset: 1 },
      { epoch },
    ]) {
      expect(await errorOn(again, 'subscribe', { channel: ROOM, ...since })).toMatchObject({ code: 'BAD_FRAME' });
    }
    await again.close();
  });

  it('tells who may not: AUTH_REQUIRED, FORBIDDEN, NOT_FOUND, and goes on', async () => {
    const [ann, bob, eve, admin] = [
      await server.user(),
      await server.user(),
      await server.user(),
      await server.admin(),
    ];
    const { id } = await write<{ id: string }>(server.baseUrl, ann, '/dms', { other_user_id: bob.id });
    const [stranger, hers, theirs, moderators] = [await open(), await open(eve), await open(bob), await open(admin)];
    const dm = `dms:conversation:${id}`;
    const run = `runs:${randomUUID()}`;
    const code = async (socket: TestSocket, channel: string) =>
      (await errorOn(socket, 'subscribe', { channel }))['code'];
    expect(await code(stranger, dm)).toBe('AUTH_REQUIRED');
    expect(await code(hers, dm)).toBe('NOT_FOUND');
    expect(await code(stranger, run)).toBe('AUTH_REQUIRED');
    expect(await code(hers, run)).toBe('FORBIDDEN');
    expect(await code(moderators, run)).toBe('NOT_FOUND');
    expect(await code(stranger, `surveys:survey:${randomUUID()}`)).toBe('NOT_FOUND');
    for (const channel of ['nothing', 'discussions:episode:x', `${ROOM} `, '__proto__']) {
      expect(await code(stranger, channel)).toBe('NOT_FOUND');
    }
    expect((await subscribe(theirs, dm))['channel']).toBe(dm);
    for (const payload of [{}, { channel: 5 }, { channel: '' }, { channel: 'x'.repeat(201) }]) {
      expect(await errorOn(stranger, 'subscribe', payload)).toMatchObject({ code: 'BAD_FRAME' });
    }
    expect(await errorOn(stranger, 'something_new', {})).toMatchObject({ code: 'BAD_FRAME' });
    await subscribe(stranger, ROOM);
    await Promise.all([stranger, hers, theirs, moderators].map((socket) => socket.close()));
  });

  it('closes a conversation to both while one blocks the other, and opens it again', async () => {
    const [ann, bob] = [await server.user(), await server.user()];
    const { id } = await write<{ id: string }>(server.baseUrl, ann, '/dms', { other_user_id: bob.id });
    const dm = `dms:conversation:${id}`;
    const [hers, his] = [await open(ann), await connect(server.baseUrl, `/api/v1/ws/dms/${id}`, bob)];
    await subscribe(hers, dm);
    await his.next('subscribed');
    await write(server.baseUrl, ann, `/me/blocks/${bob.id}`, {}, 'PUT');
    expect(await his.closed).toMatchObject({ code: 4403 });
    expect((await hers.next('error')).payload).toMatchObject({ code: 'FORBIDDEN', channel: dm });
    expect((await hers.next('unsubscribed')).payload).toMatchObject({ channel: dm });
    expect(await errorOn(hers, 'subscribe', { channel: dm })).toMatchObject({ code: 'FORBIDDEN' });
    await write(server.baseUrl, ann, `/me/blocks/${bob.id}`, {}, 'DELETE');
    await subscribe(hers, dm);
    await hers.close();
  });

  it('has bounds: channels, frames, sizes, kinds of frames', async () => {
    const socket = await open();
    for (let n = 0; n < 100; n += 1) socket.send('subscribe', { channel: `discussions:episode:${randomUUID()}` });
    await expect
      .poll(() => socket.frames.filter(({ type }) => type === 'subscribed').length, { timeout: 10_000 })
      .toBe(100);
    expect(await errorOn(socket, 'subscribe', { channel: ROOM })).toMatchObject({
      code: 'TOO_MANY_CHANNELS',
      channel: ROOM,
    });
    await socket.close();

    const eager = await open();
    const healthy = await open();
    for (let n = 0; n < 400; n += 1) eager.send('heartbeat');
    expect((await eager.next('error')).payload).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await eager.closed).toMatchObject({ code: 4429 });

    const binary = await open();
    binary.ws.send(Buffer.from('{"type":"heartbeat"}'), { binary: true });
    expect((await binary.closed).code).toBe(1003);
    const large = await open();
    large.ws.send(`{"type":"heartbeat","payload":{"x":"${'x'.repeat(20_000)}"}}`);
    expect((await large.closed).code).toBe(1009);
    await subscribe(healthy, ROOM);
    await healthy.close();
  });

  it('tells results of a survey at most once a second, and the last ones always', async () => {
    const admin = await server.admin();
    const survey = await makeSurvey(server.target, admin);
    const socket = await open();
    const channel = `surveys:survey:${survey.id}`;
    await subscribe(socket, channel);
    const people = await Promise.all(Array.from({ length: 12 }, () => server.user()));
    for (const [i, person] of people.entries()) {
      await write(server.baseUrl, person, `/surveys/${survey.id}/submit`, {
        answers: [{ question_id: survey.choice, answer: i % 2 === 0 ? 'ana' : 'ben' }],
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const last = await socket.next('results_updated', ({ payload }) => payload['total_responses'] === people.length);
    const answer = await fetch(`${server.baseUrl}/api/v1/surveys/${survey.id}/results`);
    expect(last.payload).toEqual(await answer.json());
    const times = socket.frames.filter(({ type }) => type === 'results_updated').map(({ ts }) => Date.parse(ts ?? ''));
    expect(times.length).toBeLessThanOrEqual(4);
    for (const [i, time] of times.entries()) if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(950);
    const closed = await write(server.baseUrl, admin, `/surveys/${survey.id}/close`, {});
    const { title, status, starts_at, ends_at } = closed;
    const told = await socket.next(
      'survey_updated',
      ({ payload }) => payload['ends_at'] === ends_at && payload['status'] === status,
    );
    expect(told.payload).toEqual({ survey_id: survey.id, title, status, starts_at, ends_at });
    await socket.close();
  });
});
