import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../realtime/socket.ts';
import { EPISODES } from './fixture.ts';
import { ask, expectProblem } from './http.ts';
import { BROKERS, serverWith, write } from './live-fixture.ts';
import { makeThread } from './people.ts';

const ROOM = `discussions:episode:${EPISODES.first}`;

interface Entry {
  readonly id: string | undefined;
  readonly frame: Frame;
}

/** spec/api.md 6, event streams, against each broker. */
describe.each(BROKERS)('event streams over the %s broker', (broker) => {
  const server = serverWith(broker);

  /** Follows channels until `close`; entries come one by one. */
  async function follow(channels: readonly string[], headers: Record<string, string> = {}) {
    const cancel = new AbortController();
    const query = channels.map((channel) => `channel=${encodeURIComponent(channel)}`).join('&');
    const response = await fetch(`${server.baseUrl}/api/v1/events?${query}`, { headers, signal: cancel.signal });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    const entries = entriesOf(response);
    return {
      next: async (): Promise<Entry> => {
        const { value, done } = await entries.next();
        if (done) throw new Error('the stream is over');
        return value;
      },
      close: () => cancel.abort(),
    };
  }

  it('send the frames of sockets, and resume all their channels from the last id', async () => {
    const ann = await server.user();
    const other = `discussions:episode:${randomUUID()}`;
    const stream = await follow([ROOM, other]);
    const places = [await stream.next(), await stream.next()];
    expect(places.map(({ frame }) => [frame.type, frame.payload['room'], frame.payload['recovered']])).toEqual([
      ['subscribed', ROOM, false],
      ['subscribed', other, false],
    ]);
    const offset = Number(places[0]?.frame.payload['offset']);
    const first = await makeThread(server.target, ann);
    const told = await stream.next();
    expect(told.frame).toMatchObject({
      type: 'thread_created',
      channel: ROOM,
      offset: offset + 1,
      payload: { thread_id: first },
    });
    expect(told.id).toContain(`${ROOM}@`);
    expect(told.id).toContain(`${other}@`);
    stream.close();

    const missed = [await makeThread(server.target, ann), await makeThread(server.target, ann)];
    const again = await follow([ROOM, other], { 'last-event-id': told.id ?? '' });
    const come = [await again.next(), await again.next(), await again.next(), await again.next()].map(
      ({ frame }) => frame,
    );
    const ofRoom = come.filter(({ channel, payload }) => channel === ROOM || payload['room'] === ROOM);
    expect(ofRoom[0]?.payload).toMatchObject({ room: ROOM, recovered: true, offset: offset + 1 });
    expect(ofRoom.slice(1).map((frame) => [frame.offset, frame.payload['thread_id']])).toEqual([
      [offset + 2, missed[0]],
      [offset + 3, missed[1]],
    ]);
    expect(come.filter((frame) => !ofRoom.includes(frame)).map(({ payload }) => payload)).toMatchObject([
      { room: other, recovered: true },
    ]);
    again.close();
  });

  it('are refused where they cannot be had, each with its reason', async () => {
    const [ann, bob, admin] = [await server.user(), await server.user(), await server.admin()];
    const { id } = await write<{ id: string }>(server.baseUrl, ann, '/dms', { other_user_id: bob.id });
    const events = (query: string, headers: Record<string, string> = {}) =>
      ask(server.baseUrl, `/api/v1/events${query}`, { headers });
    expectProblem(await events(''), 422);
    expectProblem(await events('?channel='), 422);
    expectProblem(await events(`?${Array.from({ length: 21 }, () => `channel=runs:${randomUUID()}`).join('&')}`), 422);
    expectProblem(await events(`?channel=dms:conversation:${id}`, ann.headers), 422);
    expectProblem(await events('?channel=nothing'), 404);
    expectProblem(await events(`?channel=${ROOM}`, { 'last-event-id': 'nonsense' }), 422);
    expectProblem(await events(`?channel=surveys:survey:${randomUUID()}`), 404);
    const run = `?channel=runs:${randomUUID()}`;
    expectProblem(await events(run), 401);
    expectProblem(await events(run, ann.headers), 403);
    expectProblem(await events(run, admin.headers), 404);
  });
});

async function* entriesOf(response: Response): AsyncGenerator<Entry, void> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end === -1) break;
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const data = lines.find((line) => line.startsWith('data: '))?.slice(6);
      if (data === undefined) continue;
      yield { id: lines.find((line) => line.startsWith('id: '))?.slice(4), frame: JSON.parse(data) as Frame };
    }
  }
}
