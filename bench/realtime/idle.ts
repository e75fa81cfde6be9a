import { type Check, median } from '../lib/numbers.ts';
import { helper, type Side, serve } from './peers.ts';
import { joining, list, type Setting, SIDES } from './setting.ts';

const CONNECTIONS = 10_000;
const WARM_UP = 2_000;

interface Cost {
  /** KB of one connection: held by V8 and its buffers, and of the machine. */
  readonly held: number;
  readonly resident: number;
}

/** What an open connection that follows a channel and hears nothing costs in memory. Fresh processes for each round. */
export async function idle({ env, world, rounds }: Setting): Promise<Check[]> {
  const costs: Record<Side, Cost[]> = { bare: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    for (const side of SIDES) {
      const server = await serve(side, side === 'ours' ? env : {});
      const herd = helper('herd.ts');
      try {
        // Compiled code and filled caches are not a connection's.
        await herd.ask('join', joining(server, world, WARM_UP));
        await herd.ask('leave', { forget: true });
        const before = await server.memory();
        await herd.ask('join', joining(server, world, CONNECTIONS));
        const after = await server.memory();
        const kb = (bytes: number) => bytes / CONNECTIONS / 1024;
        costs[side].push({
          held: kb(after.heap + after.external - before.heap - before.external),
          resident: kb(after.resident - before.resident),
        });
      } finally {
        await Promise.all([server.stop(), herd.stop()]);
      }
    }
  }
  for (const side of SIDES) {
    console.log(
      `idle ${side}: ${list(costs[side].map(({ held }) => held))} KB held, ${list(costs[side].map(({ resident }) => resident))} KB resident per connection`,
    );
  }
  const name = `memory of an idle connection at ${CONNECTIONS}`;
  return [
    { name: `${name}, held`, value: median(costs.ours.map(({ held }) => held)), unit: 'KB', bound: { atMost: 15 } },
    {
      name: `${name}, resident`,
      value: median(costs.ours.map(({ resident }) => resident)),
      unit: 'KB',
      bound: { atMost: 15 },
    },
  ];
}
