import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Frame } from '../socket.ts';
import { type Client, createClient } from './client.ts';
import { advance, closePlayers, openPlayers, openStage, type Players, play, type Stage } from './play.ts';
import { write } from './writes.ts';

/** What histories found, each with a name. */

let stage: Stage;
let players: Players | undefined;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  if (players !== undefined) await closePlayers(players);
  players = undefined;
});
afterAll(() => stage.close());

interface Heard {
  readonly client: Client;
  readonly frames: Frame[];
}

/** Somebody on a process, with all they hear. */
function person(given: Players, user: number, process: number): Heard {
  const frames: Frame[] = [];
  const client = createClient({
    name: `person ${user}`,
    user: given.world.users[user] ?? '',
    clock: given.around.clock,
    isCalm: () => true,
    delivered: ({ frame }) => frames.push(frame),
    complain: (problem) => {
      throw new Error(problem);
    },
  });
  const to = given.processes[process];
  if (to !== undefined) client.connect(to);
  return { client, frames };
}

it('tells the results of a survey also while the sequencer looks every few milliseconds', async () => {
  const problems = await play(stage, {
    grain: 20,
    commands: [
      { do: 'write', write: { what: 'submit', by: 0 } },
      { do: 'wait', ms: 10 },
      { do: 'write', write: { what: 'submitAnonymously' } },
      { do: 'write', write: { what: 'hideSurvey' } },
    ],
  });
  expect(problems).toEqual([]);
});

it('does not repeat from memory what was taken back', async () => {
  const problems = await play(stage, {
    grain: 250,
    commands: [
      { do: 'write', write: { what: 'thread', by: 0, in: 0 } },
      { do: 'write', write: { what: 'post', by: 0, of: 0 } },
      { do: 'wait', ms: 300 },
      { do: 'write', write: { what: 'retract', by: 0, of: 0 } },
      { do: 'wait', ms: 6_000 },
      { do: 'subscribe', client: 0, channel: 0, from: 'earlier' },
      { do: 'subscribe', client: 0, channel: 1, from: 'earlier' },
    ],
  });
  expect(problems).toEqual([]);
});

it('a newcomer is not told that somebody is there whose process died while nobody followed', async () => {
  players = await openPlayers(stage, 250, 2);
  const { around, world, processes } = players;
  const channel = `dms:conversation:${world.conversations[1]}`;
  person(players, 0, 1).client.subscribe(channel, 'nothing');
  await advance(players, 500);
  processes[1]?.kill();
  around.clock.grain = 5_000;
  await advance(players, 60_000);
  const newcomer = person(players, 1, 0);
  newcomer.client.subscribe(channel, 'nothing');
  await around.activity.rest();
  const online = newcomer.frames.filter(({ type, payload }) => type === 'presence' && payload['is_online'] === true);
  expect(online.map(({ payload }) => payload['user_id'])).toEqual([world.users[1]]);
});

it('whoever may not subscribe again does not go on with the old subscription', async () => {
  players = await openPlayers(stage, 250, 1);
  const { around, world, processes } = players;
  const channel = `dms:conversation:${world.conversations[1]}`;
  const one = person(players, 0, 0);
  one.client.subscribe(channel, 'nothing');
  await advance(players, 500);
  // The event that says so is not numbered yet.
  processes[0]?.holdSequencer(true);
  await write(stage.database, world, { what: 'leave', by: 0, in: 1 });
  one.client.subscribe(channel, 'here');
  await around.activity.rest();
  expect(one.frames.slice(-3).map(({ type, payload }) => payload['code'] ?? type)).toEqual([
    'FORBIDDEN',
    'unsubscribed',
    'NOT_FOUND',
  ]);
  const other = person(players, 1, 0);
  other.client.subscribe(channel, 'nothing');
  other.client.send('typing_start', { channel });
  await around.activity.rest();
  expect(one.frames.at(-1)?.type).toBe('error');
});

it('frames of a client that waits for a stopped database are bounded', async () => {
  players = await openPlayers(stage, 250, 1);
  const { around, world, processes } = players;
  const one = person(players, 0, 0);
  processes[0]?.database('held');
  for (let second = 0; second < 10; second++) {
    for (let n = 0; n < 20; n++) one.client.subscribe(`dms:conversation:${world.conversations[n % 2]}`, 'nothing');
    await around.clock.advance(1_000);
  }
  expect(one.frames.map(({ payload }) => payload['code'])).toEqual(Array.from({ length: 49 }, () => 'RATE_LIMITED'));
  processes[0]?.database('open');
  await around.activity.rest();
  expect(one.frames.filter(({ type }) => type === 'subscribed')).toHaveLength(151);
});
