import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/platform/auth/caller.ts';
import { createLogger } from '../../src/platform/log/logger.ts';
import { createMemoryBroker } from '../../src/realtime/broker/memory.ts';
import type { Broker } from '../../src/realtime/broker/types.ts';
import { Connection } from '../../src/realtime/connection.ts';
import { type Realtime, startRealtime } from '../../src/realtime/index.ts';
import { channelKinds } from '../../src/server/app.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createSimClock, type SimClock } from '../helpers/sim-clock.ts';
import { testAuthenticator } from '../helpers/tokens.ts';
import type { Frame } from './socket.ts';

const log = createLogger({ level: 'silent' });
let database: TestDatabase;
let clock: SimClock;
let broker: Broker;
let realtime: Realtime;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await realtime.stop();
  await database.drop();
});

/** A process of its own for each test, with a clock that the test moves. */
beforeEach(async () => {
  await realtime?.stop();
  clock = createSimClock();
  broker = createMemoryBroker(clock);
  const kinds = channelKinds(database.db, testAuthenticator(database.db));
  realtime = await startRealtime({
    db: database.db,
    broker,
    kinds,
    clock,
    log,
    history: { hours: 24, events: 10_000 },
  });
});

interface TestConnection {
  readonly connection: Connection;
  readonly frames: Frame[];
  readonly closed: { code: number; reason: string }[];
  /** Bytes that the client has not read. */
  unread: number;
  send(type: string, payload?: object): Promise<void>;
  types(): string[];
}

function open(caller: Caller | null = null, channel?: string): TestConnection {
  const frames: Frame[] = [];
  const closed: TestConnection['closed'] = [];
  const found = channel === undefined ? null : realtime.hub.find(channel);
  const made: TestConnection = {
    frames,
    closed,
    unread: 0,
    connection: new Connection({
      id: randomUUID(),
      transport: {
        send: (frame) => frames.push(JSON.parse(String(frame)) as Frame),
        get buffered() {
          return made.unread;
        },
        close: (code, reason) => closed.push({ code, reason }),
      },
      hub: realtime.hub,
      members: realtime.members,
      authenticator: testAuthenticator(database.db),
      clock,
      log,
      caller,
      ...(found === null ? {} : { only: found }),
    }),
    send: (type, payload = {}) => made.connection.receive(JSON.stringify({ type, payload })),
    types: () => frames.map(({ type }) => type),
  };
  return made;
}

async function person(secondsLeft = 3600): Promise<Caller & { kind: 'user' }> {
  const [row] = await database.owner<{ id: string }>('insert into identity.users default values returning id');
  const id = row?.id ?? '';
  const expiresAt = clock.now() / 1000 + secondsLeft;
  return { kind: 'user', userId: id, claims: { sub: id, role: 'authenticated' }, expiresAt };
}

async function conversation(...people: (Caller & { kind: 'user' })[]): Promise<string> {
  const [ann, bob] = people;
  if (ann === undefined || bob === undefined) throw new Error('two people');
  const [row] = await database.db.asUser(ann.claims, (tx) =>
    tx.raw<{ id: string }>('select social.get_or_create_direct_conversation($1) as id', [bob.userId]),
  );
  return `dms:conversation:${row?.id}`;
}

describe('a connection in a conversation', () => {
  it('W13: is closed with 4408 after 45 s without a frame, also when its machine answers pings', async () => {
    const [ann, bob] = [await person(), await person()];
    const channel = await conversation(ann, bob);
    const [hers, his] = [open(ann, channel), open(bob, channel)];
    await Promise.all([hers.connection.begin(undefined), his.connection.begin(undefined)]);
    for (let n = 0; n < 3; n += 1) {
      await clock.jump(25_000);
      hers.connection.answered();
      his.connection.answered();
      await his.send('heartbeat');
      hers.connection.check();
      his.connection.check();
    }
    expect(hers.closed).toEqual([{ code: 4408, reason: 'no heartbeat' }]);
    expect(his.closed).toEqual([]);
    his.connection.ended();
  });

  it('W13: heartbeats renew presence; without them it ends after 45 s, typing after 10 s', async () => {
    const [ann, bob] = [await person(), await person()];
    const channel = await conversation(ann, bob);
    const his = open(bob, channel);
    await his.connection.begin(undefined);
    // A process that was killed says no goodbye: what it noted just stays.
    await broker.enter(`presence:${channel}`, ann.userId, 'of a killed process', 45_000);
    await broker.enter(`typing:${channel}`, ann.userId, 'of a killed process', 10_000);
    await clock.jump(9_000);
    expect(his.types()).toEqual(['subscribed', 'presence']);
    await clock.jump(6_000);
    expect(his.frames.at(-1)).toMatchObject({ type: 'typing', payload: { user_id: ann.userId, is_typing: false } });
    await his.send('heartbeat');
    await clock.jump(35_000);
    expect(his.frames).toContainEqual(
      expect.objectContaining({ type: 'presence', payload: { user_id: ann.userId, is_online: false } }),
    );
    expect(await realtime.members.present(channel)).toEqual([bob.userId]);
    expect(his.frames.filter(({ payload }) => payload['user_id'] === bob.userId)).toHaveLength(1);
    his.connection.ended();
    await clock.advance(100);
    expect(await realtime.members.present(channel)).toEqual([]);
  });

  it('ends when its member is removed: 4403 on a January path, and nothing said after that is heard', async () => {
    const [ann, bob] = [await person(), await person()];
    const channel = await conversation(ann, bob);
    const id = channel.slice(-36);
    const [hers, his] = [open(ann, channel), open(bob, channel)];
    await Promise.all([hers.connection.begin(undefined), his.connection.begin(undefined)]);
    await clock.advance(100);
    await database.owner('delete from social.dm_members where conversation_id = $1 and user_id = $2', [id, bob.userId]);
    await database.owner('insert into social.dm_messages (conversation_id, sender_id, body) values ($1, $2, $3)', [
      id,
      ann.userId,
      'He is gone',
    ]);
    await clock.advance(100);
    await expect.poll(() => hers.types()).toContain('dm_message_created');
    expect(his.closed).toEqual([{ code: 4403, reason: 'no longer allowed' }]);
    expect(his.types()).not.toContain('dm_message_created');
    hers.connection.ended();
  });
});

describe('a connection', () => {
  it('ends with 4401 when its token is over, a minute of leeway included, and lives on with a new one', async () => {
    const ann = await person(10);
    const [old, renewed] = [open(ann), open(ann)];
    await clock.jump(69_000);
    for (const { connection } of [old, renewed]) {
      connection.answered();
      connection.check();
    }
    expect([old.closed, renewed.closed]).toEqual([[], []]);
    await clock.jump(2_000);
    old.connection.check();
    expect(old.closed).toEqual([{ code: 4401, reason: 'token expired' }]);
  });

  it('is pinged alive: only one that answers nothing for 45 s is closed', async () => {
    const [answering, dead] = [open(), open()];
    await clock.jump(44_000);
    answering.connection.answered();
    await clock.jump(2_000);
    for (const { connection } of [answering, dead]) connection.check();
    expect([answering.closed, dead.closed.map(({ code }) => code)]).toEqual([[], [4408]]);
  });

  it('gets the position of each channel every 25 s', async () => {
    const socket = open();
    const channel = `discussions:episode:${randomUUID()}`;
    await socket.send('subscribe', { channel });
    const { epoch } = socket.frames[0]?.payload ?? {};
    await clock.jump(26_000);
    await clock.jump(26_000);
    const beats = socket.frames.filter(({ type }) => type === 'position').map(({ payload }) => payload);
    expect(beats).toEqual([
      { channel, offset: 0, epoch },
      { channel, offset: 0, epoch },
    ]);
    socket.connection.ended();
  });

  it('that reads too slowly is cut off with 1013; others go on', async () => {
    const [row] = await database.owner<{ id: string }>(
      `with s as (insert into core.shows (name) values ('x') returning id),
        n as (insert into core.seasons (show_id, season_number) select id, 1 from s returning id, show_id)
       insert into core.episodes (season_id, show_id, season_number, episode_number) select id, show_id, 1, 1 from n returning id`,
    );
    const channel = `discussions:episode:${row?.id}`;
    const [slow, quick] = [open(), open()];
    await Promise.all([slow.send('subscribe', { channel }), quick.send('subscribe', { channel })]);
    slow.unread = 2 << 20;
    for (let n = 0; n < 3; n += 1) {
      await database.owner(`insert into social.threads (episode_id, title, type) values ($1, 't', 'general')`, [
        row?.id,
      ]);
      await clock.advance(50);
    }
    await expect.poll(() => quick.types().filter((type) => type === 'thread_created')).toHaveLength(3);
    expect(slow.closed).toEqual([{ code: 1013, reason: 'slow reader' }]);
    expect(slow.types().filter((type) => type === 'thread_created')).toHaveLength(1);
    expect(quick.closed).toEqual([]);
    quick.connection.ended();
  });

  it('follows a run as an administrator, until they are none any more', async () => {
    const admin = await person();
    await database.owner("insert into identity.admins (user_id, granted_by) values ($1, 'test')", [admin.userId]);
    const [run] = await database.owner<{ id: string }>(
      `insert into pipeline.runs (who, command, status, started_at) values ('test', 'sync', 'running', now()) returning id`,
    );
    const channel = `runs:${run?.id}`;
    const append = (kind: string) =>
      database.owner(`select pipeline.append_event($1, $2, '{"a": 1}')`, [run?.id, kind]);
    await append('begun');
    const socket = open(admin);
    await socket.send('subscribe', { channel });
    expect(socket.frames[0]?.payload).toMatchObject({ channel, offset: 1, recovered: false });
    await append('unit');
    await clock.advance(600);
    await expect
      .poll(() => socket.frames.at(-1))
      .toMatchObject({
        type: 'run_event',
        channel,
        offset: 2,
        payload: { run_id: run?.id, seq: 2, kind: 'unit', data: { a: 1 } },
      });
    await socket.send('subscribe', { channel, offset: 0, epoch: socket.frames[0]?.payload['epoch'] });
    expect(socket.frames.filter(({ type }) => type === 'run_event').map(({ offset }) => offset)).toEqual([2, 1, 2]);
    await database.owner('delete from identity.admins where user_id = $1', [admin.userId]);
    await clock.jump(31_000);
    expect(socket.frames.at(-1)).toMatchObject({ type: 'unsubscribed', payload: { channel } });
    socket.connection.ended();
  });
});
