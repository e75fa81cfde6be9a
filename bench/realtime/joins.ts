import { type Check, median } from '../lib/numbers.ts';
import type { Joined } from './herd.ts';
import { helper, type Served, type Side, serve } from './peers.ts';
import { joining, list, type Setting, SIDES } from './setting.ts';
import { BODY, openAuthor } from './world.ts';

const JOINS = 5_000;
const HERD = 2_000;
const MISSED = 20;

/** How fast clients come: one after the other, fifty at a time; and all at once, when they lost their connection together. */
export async function joins({ ownerUrl, env, world, rounds }: Setting): Promise<Check[]> {
  const servers: Record<Side, Served> = { bare: await serve('bare', {}), ours: await serve('ours', env) };
  const author = await openAuthor(ownerUrl, world.user);
  const rates: Record<Side | 'return', number[]> = { bare: [], ours: [], return: [] };
  const late: number[] = [];
  const [stage] = world.stages;
  let lost = 0;
  try {
    for (let round = -1; round < rounds; round++) {
      for (const side of SIDES) {
        const herd = helper('herd.ts');
        const { seconds } = await herd.ask<Joined>('join', joining(servers[side], world, JOINS));
        await herd.stop();
        if (round >= 0) rates[side].push(JOINS / seconds);
      }
      const herd = helper('herd.ts');
      const { offset } = await herd.ask<Joined>('join', joining(servers.ours, world, HERD));
      await herd.ask('leave', { forget: false });
      for (let nth = 0; nth < MISSED; nth++) await author.post(stage?.thread ?? '', BODY);
      const returned = await herd.ask<Joined>('join', {
        ...joining(servers.ours, world, HERD, HERD),
        resume: { channel: stage?.channel, to: offset + MISSED },
      });
      await herd.stop();
      lost += HERD - returned.recovered;
      if (round >= 0) {
        rates.return.push(HERD / returned.seconds);
        late.push(returned.p99Ms);
      }
    }
  } finally {
    await Promise.all([servers.bare.stop(), servers.ours.stop(), author.end()]);
  }
  console.log(`joins bare: ${list(rates.bare, 0)} /s; ours: ${list(rates.ours, 0)} /s`);
  console.log(
    `joins ratios: ${list(rates.ours.map((rate, nth) => rate / (rates.bare[nth] ?? Number.NaN)))}; ` +
      `${HERD} at once with ${MISSED} events to catch up: ${list(rates.return, 0)} /s, p99 ${list(late, 0)} ms`,
  );
  return [
    { name: 'joins', value: median(rates.ours), unit: '/s', bound: { atLeast: 1_000 } },
    {
      name: `${HERD} who come back at once, caught up`,
      value: median(rates.return),
      unit: '/s',
      bound: { atLeast: 1_000 },
    },
    { name: 'of those, not recovered', value: lost, unit: 'clients', bound: { atMost: 0 } },
  ];
}
