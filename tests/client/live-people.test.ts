import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { channelOf, createLive } from '../../client/src/index.ts';
import { done } from '../acceptance/people.ts';
import { localToken } from '../helpers/tokens.ts';
import { complete, happen, QUICK, record, until } from './live-world.ts';
import { useLive } from './use-live.ts';

const { world, connect, following, seen, live } = useLive();

describe('who it is', () => {
  it('shows a fresh token before the old one ends, on the same socket', async () => {
    const person = randomUUID();
    const asked: boolean[] = [];
    const token = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      return localToken(person, { seconds: refresh ? 3_600 : 2 });
    };
    const frames: string[] = [];
    world().link.tamper((text) => {
      frames.push((JSON.parse(text) as { type: string }).type);
      return [text];
    });
    await following(0, { token });
    await until(() => frames.includes('authenticated'));
    expect(asked).toEqual([false, true]);
    expect(seen().reasons).toEqual([]);
  });

  it('comes back with a fresh token when the server does not believe the old one', async () => {
    const person = randomUUID();
    const { channel, log } = await following(0, {
      token: ({ refresh }) => localToken(person, { seconds: refresh ? 3_600 : -1_000 }),
    });
    await until(() => live().status.state === 'open');
    const mine = record();
    live().subscribe(channelOf.conversation(randomUUID()), mine.handlers);
    await until(() => mine.refusals.length === 1);
    // Signed in: it is not there, instead of: who are you?
    expect(mine.refusals[0]?.code).toBe('NOT_FOUND');
    await happen(world(), channel);
    await complete(world(), channel, log);
    expect(seen().problems).toEqual([]);
  });

  it('comes back with a fresh token when its own has expired on the socket (4401)', async () => {
    const person = await world().target.user();
    // The server grants a minute.
    const old = await localToken(randomUUID(), { seconds: -58 });
    const { channel, log } = await following(0, {
      token: ({ refresh }) => (refresh && seen().reasons.includes('token') ? person.token : old),
    });
    await until(() => seen().reasons.length > 0, 15_000);
    expect(seen().reasons).toEqual(['token']);
    expect(seen().statuses).toContainEqual(expect.objectContaining({ reason: 'token', code: 4401 }));
    await happen(world(), channel);
    await complete(world(), channel, log);
    expect(log.reloads).toEqual(['start']);
  });

  it('reports a token that nobody believes and follows what is public', async () => {
    const { channel, log } = await following(0, { token: 'no.such.token' });
    await until(() => seen().problems.length === 1);
    expect(seen().problems[0]).toMatchObject({ code: 'AUTH_REQUIRED' });
    await happen(world(), channel);
    await complete(world(), channel, log);
  });

  it('tries again when no token can be had', async () => {
    let tries = 0;
    await following(0, {
      token: () => {
        tries += 1;
        if (tries < 3) throw new Error('the issuer is away');
        return null;
      },
    });
    expect(tries).toBe(3);
    expect(seen().problems.map(({ code }) => code)).toEqual(['NO_TOKEN', 'NO_TOKEN']);
  });

  it('hears no more of a conversation it was taken out of', async () => {
    const [user, other] = [await world().target.user(), await world().target.user()];
    const { id } = await done(world().target, 'POST', '/api/v1/dms', user, { other_user_id: other.id });
    const { channel, log } = await following(0, { token: user.token });
    const messages = record();
    const subscription = live().subscribe(channelOf.conversation(String(id)), messages.handlers);
    await until(() => messages.reloads.length === 1);
    await done(world().target, 'POST', `/api/v1/dms/${id}/messages`, other, { body: 'one' });
    await until(() => messages.events.length === 1);
    await world().target.own.owner(
      'delete from social.dm_members where conversation_id = $1::uuid and user_id = $2::uuid',
      [id, user.id],
    );
    await until(() => messages.refusals.length === 1);
    expect(messages.refusals[0]?.code).toBe('FORBIDDEN');
    expect(subscription.position).toBeUndefined();
    await done(world().target, 'POST', `/api/v1/dms/${id}/messages`, other, { body: 'two' });
    await happen(world(), channel);
    await complete(world(), channel, log);
    expect(messages.events.map(({ type }) => type)).toEqual(['dm_message_created']);
  });

  it('shows who is there and who types, and what is no longer known', async () => {
    const [user, other] = [await world().target.user(), await world().target.user()];
    const { id } = await done(world().target, 'POST', '/api/v1/dms', user, { other_user_id: other.id });
    const log = record();
    connect({ token: user.token }).subscribe(channelOf.conversation(String(id)), log.handlers);
    const theirs = createLive({ baseUrl: world().target.baseUrl, token: other.token, timing: QUICK });
    const typist = theirs.subscribe(channelOf.conversation(String(id)), record().handlers);
    await until(() => log.people.at(-1)?.online.includes(other.id) === true);
    await until(() => theirs.status.state === 'open');
    typist.typing(true);
    typist.typing(true);
    await until(() => log.people.at(-1)?.typing.includes(other.id) === true);
    typist.typing(false);
    await until(() => log.people.at(-1)?.typing.length === 0);
    world().link.cut();
    await until(() => log.people.at(-1)?.online.length === 0);
    await until(() => log.people.at(-1)?.online.includes(other.id) === true);
    theirs.close();
    await until(() => log.people.at(-1)?.online.includes(other.id) === false);
  });
});
