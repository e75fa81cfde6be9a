import { type Check, median } from '../lib/numbers.ts';
import type { Joined, Received } from './herd.ts';
import { helper, type Peer, type Served, type Side, serve } from './peers.ts';
import { joining, list, pause, type Setting, SIDES } from './setting.ts';
import { sharedNow } from './wire.ts';
import { BODY, openAuthor } from './world.ts';

const MEMBERS = 2_000;
const MESSAGES = 100;
const EVERY_MS = 100;

interface Round extends Received {
  /** Microseconds of the server process per message and member. */
  readonly cpuUs: number;
}

/** A kilobyte to 2,000 members, ten times a second: how late the last of them gets it, and what each delivery costs. */
export async function fanout({ ownerUrl, env, world, rounds }: Setting): Promise<Check[]> {
  const servers: Record<Side, Served> = { bare: await serve('bare', {}), ours: await serve('ours', env) };
  const herd = helper('herd.ts');
  const author = await openAuthor(ownerUrl, world.user);
  const results: Record<Side, Round[]> = { bare: [], ours: [] };
  try {
    for (let round = -1; round < rounds; round++) {
      for (const side of SIDES) {
        const server = servers[side];
        const joined = await herd.ask<Joined>('join', joining(server, world, MEMBERS));
        const publish =
          side === 'ours'
            ? async () => (await author.post(world.stages[0]?.thread ?? '', BODY)).at
            : async (nth: number) => {
                // When it was asked to, not when it came to it: ours has to answer for what waits, too.
                const at = sharedNow();
                server.tell('publish', { offset: joined.offset + nth + 1, body: BODY });
                return at;
              };
        const result = await play(server, herd, joined.offset, publish);
        await herd.ask('leave', { forget: true });
        if (round >= 0) results[side].push(result);
      }
    }
  } finally {
    await Promise.all([servers.bare.stop(), servers.ours.stop(), herd.stop(), author.end()]);
  }
  for (const side of SIDES) {
    console.log(
      `fan-out ${side}: p50 ${list(results[side].map(({ p50Ms }) => p50Ms))} ms, p99 ${list(results[side].map(({ p99Ms }) => p99Ms))} ms, ` +
        `largest ${list(results[side].map(({ maxMs }) => maxMs))} ms, CPU ${list(results[side].map(({ cpuUs }) => cpuUs))} us per delivery`,
    );
  }
  const ratio = (of: (round: Round) => number) =>
    results.ours.map((round, nth) => of(round) / of(results.bare[nth] ?? round));
  const late = ratio(({ p99Ms }) => p99Ms);
  const cost = ratio(({ cpuUs }) => cpuUs);
  console.log(`fan-out ratios: p99 ${list(late)}, CPU ${list(cost)}`);
  const reach = results.ours.map(({ reach }) => reach);
  return [
    { name: 'fan-out: p99 from commit to receipt, ours / bare', value: median(late), unit: 'x', bound: { atMost: 2 } },
    { name: 'fan-out: reach', value: Math.min(...reach), unit: 'of 1', bound: { atLeast: 1, atMost: 1 } },
    {
      name: 'fan-out: messages out of order, twice or after a gap',
      value: Math.max(...results.ours.map(({ wrong }) => wrong)),
      unit: 'messages',
      bound: { atMost: 0 },
    },
    { name: 'fan-out: CPU per delivery, ours / bare', value: median(cost), unit: 'x', bound: { atMost: 1.3 } },
  ];
}

async function play(
  server: Served,
  herd: Peer,
  from: number,
  publish: (nth: number) => Promise<number>,
): Promise<Round> {
  await herd.ask('expect', { from, messages: MESSAGES });
  await pause(1_000);
  const before = await server.usage();
  const publishedAt: number[] = [];
  const begin = performance.now();
  for (let nth = 0; nth < MESSAGES; nth++) {
    await pause(Math.max(0, begin + nth * EVERY_MS - performance.now()));
    publishedAt.push(await publish(nth));
  }
  // All of it has to be delivered before it is divided by the deliveries.
  const received = await herd.ask<Received>('collect', { publishedAt });
  const after = await server.usage();
  return { ...received, cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / (MEMBERS * MESSAGES) };
}
