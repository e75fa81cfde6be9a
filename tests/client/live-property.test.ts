import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLive, createLiveStream } from '../../client/src/index.ts';
import {
  complete,
  createWorld,
  happen,
  newChannel,
  observe,
  QUICK,
  record,
  tableOf,
  until,
  type World,
} from './live-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** What goes wrong, with the link or with the history. */
const fault = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('events' as const), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  fc.record({ do: fc.constant('refuse' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('half open' as const) }),
  fc.record({ do: fc.constant('epoch' as const) }),
  fc.record({
    do: fc.constant('tamper' as const),
    /** How often each of the next frames comes; -1: after the next one. */
    copies: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
);
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

async function suffer(what: Fault, channels: readonly string[]): Promise<void> {
  const { link, target } = world;
  switch (what.do) {
    case 'events':
      for (const channel of channels) await happen(world, channel, what.count);
      return;
    case 'cut':
      return link.cut();
    case 'refuse':
      link.refuse(true);
      link.cut();
      await sleep(what.ms);
      return link.refuse(false);
    case 'stall':
      link.stall(true);
      await sleep(what.ms);
      return link.stall(false);
    case 'half open':
      return link.halfOpen();
    case 'epoch':
      return void (await target.own.owner('update live.history set epoch = gen_random_uuid()'));
    case 'tamper': {
      const copies = [...what.copies];
      let late: string | undefined;
      link.tamper((text) => {
        // Only what was sent to be delivered: the protocol's answers come in order, or the socket is no socket.
        if ((JSON.parse(text) as { offset?: number }).offset === undefined) return [text];
        const count = copies.shift() ?? 1;
        if (count === -1 && late === undefined) {
          late = text;
          return [];
        }
        const texts = [...Array<string>(Math.max(0, count)).fill(text), ...(late === undefined ? [] : [late])];
        late = undefined;
        return texts;
      });
      for (const channel of channels) await happen(world, channel, 4);
      for (const channel of channels) await tableOf(world, channel);
      return void (await sleep(10));
    }
    case 'wait':
      return void (await sleep(what.ms));
  }
}

/** Whatever happens: afterwards everything that was committed was told once and in order, or its follower was told to reload. */
async function holds(make: typeof createLive | typeof createLiveStream, faults: readonly Fault[]): Promise<void> {
  const channels = [newChannel(), newChannel()];
  const logs = channels.map(() => record());
  const seen = observe();
  const live = make({
    baseUrl: world.link.baseUrl,
    ...seen,
    timing: { ...QUICK, heartbeatMs: 30, silenceMs: 150, answerMs: 400 },
  });
  try {
    for (const [i, channel] of channels.entries()) live.subscribe(channel, (logs[i] ?? record()).handlers);
    for (const what of faults) await suffer(what, channels);
    world.link.tamper(null);
    for (const [i, channel] of channels.entries()) {
      await happen(world, channel);
      await complete(world, channel, logs[i] ?? record());
    }
    const changes = faults.filter((what) => what.do === 'epoch').length;
    for (const log of logs) {
      expect(log.reloads[0]).toBe('start');
      expect(log.reloads.filter((reason) => reason === 'lost').length).toBeLessThanOrEqual(changes * 2);
    }
    await until(() => live.status.state === 'open');
    expect(seen.problems).toEqual([]);
  } finally {
    live.close();
    world.link.tamper(null);
    for (const channel of channels) await tableOf(world, channel);
  }
}

it('loses nothing on a socket, whatever its link suffers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 2, maxLength: 12 }), (faults) => holds(createLive, faults)),
    { numRuns: 15, endOnFailure: true },
  );
});

it('loses nothing on an event stream, whatever its link suffers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 2, maxLength: 12 }), (faults) => holds(createLiveStream, faults)),
    { numRuns: 10, endOnFailure: true },
  );
});
