import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { channelOf } from '../../client/src/index.ts';
import { EPISODES } from '../acceptance/fixture.ts';
import { done, makePost, makeThread } from '../acceptance/people.ts';
import { complete, happen, newChannel, record, tableOf, until } from './live-world.ts';
import { useLive } from './use-live.ts';

const { world, connect, following, seen, live } = useLive();

describe('one socket', () => {
  it('carries many channels, whose events have types', async () => {
    const [user, other] = [await world().target.user(), await world().target.user()];
    const conversation = String(
      (await done(world().target, 'POST', '/api/v1/dms', user, { other_user_id: other.id }))['id'],
    );
    const [discussion, messages] = [record(), record()];
    connect({ token: user.token });
    const before = world().link.made;
    // Ids in upper case name the same channel.
    live().subscribe(channelOf.discussions(EPISODES.first.toUpperCase()), discussion.handlers);
    live().subscribe(channelOf.conversation(conversation), messages.handlers);
    await until(() => live().status.state === 'open');
    const thread = await makeThread(world().target, user, { title: 'Live' });
    const post = await makePost(world().target, other, thread, { body: 'Hello' });
    await done(world().target, 'POST', `/api/v1/dms/${conversation}/messages`, other, { body: 'Psst' });
    await until(() => discussion.events.length === 2 && messages.events.length === 1);

    const [made, posted] = discussion.events;
    expect(made).toMatchObject({ type: 'thread_created', payload: { thread_id: thread, title: 'Live' } });
    if (posted?.type !== 'post_created') throw new Error(posted?.type);
    expect(posted.payload).toMatchObject({ post_id: post, body: 'Hello', user_id: other.id });
    expect(messages.events[0]).toMatchObject({ type: 'dm_message_created', payload: { sender_id: other.id } });
    expect(world().link.made - before).toBe(1);
    expect(seen().statuses.map(({ state }) => state)).toEqual(['connecting', 'open']);
    expect([discussion.reloads, messages.reloads]).toEqual([['start'], ['start']]);
  });

  it('serves several followers of a channel, each from when it came', async () => {
    const { channel, log, subscription } = await following(2);
    const late = record();
    const second = live().subscribe(channel, late.handlers);
    await happen(world(), channel, 3);
    await until(() => log.covered === 5 && late.covered === 5);
    expect(late.reloads).toEqual(['start']);
    subscription.unsubscribe();
    await happen(world(), channel);
    await until(() => late.covered === 6);
    expect(log.covered).toBe(5);
    expect(second.position?.offset).toBe(6);
    second.unsubscribe();
    expect(second.position).toBeUndefined();
  });

  it('says why a channel is not to be had, and goes on with the others', async () => {
    const { channel, log } = await following();
    const [conversation, run, unknown] = [record(), record(), record()];
    live().subscribe(channelOf.conversation(randomUUID()), conversation.handlers);
    live().subscribe(channelOf.run(randomUUID()), run.handlers);
    live().subscribe(channelOf.discussions('everything'), unknown.handlers);
    await until(() => [conversation, run, unknown].every(({ refusals }) => refusals.length === 1));
    expect([conversation, run, unknown].map(({ refusals }) => refusals[0]?.code)).toEqual([
      'AUTH_REQUIRED',
      'AUTH_REQUIRED',
      'NOT_FOUND',
    ]);
    await happen(world(), channel);
    await until(() => log.covered === 1);
    expect(() => live().subscribe(channelOf.run('x'.repeat(200)), log.handlers)).toThrow(RangeError);
    live().close();
    expect(log.refusals).toEqual([{ code: 'CLOSED', message: expect.any(String) }]);
    const after = record();
    live().subscribe(channel, after.handlers);
    await until(() => after.refusals[0]?.code === 'CLOSED');
  });
});

describe('when the link breaks', () => {
  it('asks again for a channel that the server cannot open now', async () => {
    const { channel, log } = await following();
    const late = record();
    const other = newChannel();
    await world().target.own.owner('alter table live.channels rename to channels_elsewhere');
    live().subscribe(other, late.handlers);
    await until(() => seen().problems.length > 0);
    await world().target.own.owner('alter table live.channels_elsewhere rename to channels');
    expect(seen().problems[0]).toMatchObject({ code: 'UNAVAILABLE', channel: other });
    await until(() => late.reloads.length === 1);
    await happen(world(), channel);
    await complete(world(), channel, log);
    expect(seen().reasons).toEqual([]);
  });

  it('goes on where it was, as often as it is cut', async () => {
    const { channel, log } = await following(3);
    for (let cut = 0; cut < 5; cut += 1) {
      await happen(world(), channel, 20);
      world().link.cut();
      await happen(world(), channel, 20);
    }
    await complete(world(), channel, log);
    expect(log.covered).toBe(203);
    expect(log.reloads).toEqual(['start']);
    expect(new Set(seen().reasons)).toEqual(new Set(['network']));
  });

  it('waits longer and longer for a server that is away, and tries at once when it is told to', async () => {
    const { channel, log } = await following(0, { timing: { baseMs: 40, maxMs: 60_000 } });
    world().link.refuse(true);
    world().link.cut();
    await until(() => seen().reasons.length >= 5);
    const waits = seen().statuses.flatMap((status) => (status.state === 'resuming' ? [status.retryInMs] : []));
    for (const [i, wait] of waits.slice(1, 5).entries()) {
      expect(wait).toBeGreaterThanOrEqual(40 * 2 ** (i + 2) * 0.5 - 1);
      expect(wait).toBeLessThanOrEqual(40 * 2 ** (i + 2) + 1);
    }
    world().link.refuse(false);
    await happen(world(), channel);
    live().check();
    await complete(world(), channel, log);
    expect(log.reloads).toEqual(['start']);
  });

  it('moves to another server when its own stops, at once', async () => {
    const { channel, log } = await following(1, { timing: { stableMs: 0 } });
    await happen(world(), channel, 5);
    await world().restart();
    await happen(world(), channel, 5);
    await complete(world(), channel, log);
    expect(log.covered).toBe(11);
    expect(log.reloads).toEqual(['start']);
    expect(seen().statuses).toContainEqual(
      expect.objectContaining({ state: 'resuming', reason: 'going_away', code: 1001 }),
    );
  });

  it('fills gaps and drops what comes twice or too late', async () => {
    const { channel, log } = await following();
    // Once each: 3 is lost, 5 comes twice, 8 comes after 9, 12 to 14 are lost, 20 comes again and again.
    const lost = new Set([3, 12, 13, 14]);
    let late: string | undefined;
    world().link.tamper((text) => {
      const { offset = 0 } = JSON.parse(text) as { offset?: number };
      if (lost.delete(offset)) return [];
      if (offset === 8 && late === undefined) {
        late = text;
        return [];
      }
      if (offset === 9 && late !== undefined) return [text, late];
      return offset === 5 || offset >= 20 ? [text, text] : [text];
    });
    for (let i = 0; i < 30; i += 1) {
      await happen(world(), channel);
      await tableOf(world(), channel);
    }
    await complete(world(), channel, log);
    expect(log.offsets).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(log.reloads).toEqual(['start']);
    expect(seen().reasons).toEqual([]);
  });

  it('notices that the last event is missing when the beat is ahead of it', async () => {
    const { channel, log } = await following();
    world().link.tamper((text) => (JSON.parse(text).offset === 2 ? [] : [text]));
    await happen(world(), channel, 2);
    await until(() => log.covered === 1);
    const position = await tableOf(world(), channel);
    world().link.tamper(null);
    expect(log.covered).toBe(1);
    world().link.inject(JSON.stringify({ type: 'position', ts: '', payload: { channel, ...position } }));
    await until(() => log.covered === 2);
    expect(log.reloads).toEqual(['start']);
  });

  it('tells to reload when the history is another one', async () => {
    const { channel, log } = await following(2);
    world().link.refuse(true);
    world().link.cut();
    await world().target.own.owner('update live.history set epoch = gen_random_uuid()');
    await happen(world(), channel, 2);
    const told = await tableOf(world(), channel);
    world().link.refuse(false);
    await until(() => log.reloads.length === 2);
    expect(log.reloads).toEqual(['start', 'lost']);
    expect(log.covered).toBe(told.offset);
    // The same while it is connected: servers compare every two seconds.
    await world().target.own.owner('update live.history set epoch = gen_random_uuid()');
    await until(() => log.reloads.length === 3);
    await happen(world(), channel);
    await complete(world(), channel, log);
  });

  it('tells to reload when what it missed was forgotten', async () => {
    const { channel, log } = await following(2);
    world().link.refuse(true);
    world().link.cut();
    await happen(world(), channel, 10);
    await tableOf(world(), channel);
    await world().target.own.owner('delete from live.events where channel = $1 and event_offset <= 5', [channel]);
    // The server would still remember them a little.
    await world().restart();
    world().link.refuse(false);
    await until(() => log.reloads.length === 2);
    expect(log.covered).toBe(12);
  });

  it('notices a link that is only half there', async () => {
    const { channel, log } = await following(0, { timing: { heartbeatMs: 50, silenceMs: 300, answerMs: 200 } });
    world().link.halfOpen();
    await happen(world(), channel, 3);
    await complete(world(), channel, log);
    expect(seen().reasons).toContain('silence');
    expect(log.reloads).toEqual(['start']);
    // While it is well it is questioned and goes on.
    const { length } = seen().reasons;
    await happen(world(), channel);
    await complete(world(), channel, log);
    expect(seen().reasons.length).toBe(length);
  });

  it('is cut off when it reads too slowly, and comes back for the rest', async () => {
    const { channel, log } = await following();
    world().link.stall(true);
    await happen(world(), channel, 150, 100_000);
    await tableOf(world(), channel);
    await new Promise((resolve) => setTimeout(resolve, 300));
    world().link.stall(false);
    await complete(world(), channel, log);
    expect(log.covered).toBe(150);
    expect(log.reloads).toEqual(['start']);
    expect(seen().reasons).toContain('slow_reader');
  });
});
