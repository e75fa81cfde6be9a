import { type Check, median } from '../lib/numbers.ts';
import { helper, type Side, serve } from './peers.ts';
import { joining, list, type Setting, SIDES } from './setting.ts';

const WAVES = 10;
const CONNECTIONS = 2_000;
/** The first waves fill caches and compile code. */
const SETTLED = 3;

/** Whether memory comes back when clients go: ten waves of them, measured after each. */
export async function waves({ env, world }: Setting): Promise<Check[]> {
  const held: Record<Side, number[]> = { bare: [], ours: [] };
  const resident: Record<Side, number[]> = { bare: [], ours: [] };
  for (const side of SIDES) {
    const server = await serve(side, side === 'ours' ? env : {});
    const herd = helper('herd.ts');
    try {
      for (let wave = 0; wave < WAVES; wave++) {
        await herd.ask('join', joining(server, world, CONNECTIONS));
        await herd.ask('leave', { forget: true });
        const memory = await server.memory();
        held[side].push((memory.heap + memory.external) / 1024 ** 2);
        resident[side].push(memory.resident / 1024 ** 2);
      }
    } finally {
      await Promise.all([server.stop(), herd.stop()]);
    }
    console.log(`waves ${side}: ${list(held[side], 1)} MB held; ${list(resident[side], 0)} MB resident`);
  }
  const grows = (values: readonly number[]) => (slope(values.slice(SETTLED)) * 1024 ** 2) / CONNECTIONS;
  console.log(
    `waves, bytes kept per connection that went: bare ${grows(held.bare).toFixed(0)}, ours ${grows(held.ours).toFixed(0)}`,
  );
  return [
    {
      name: 'waves: bytes kept per connection that went',
      value: grows(held.ours),
      unit: 'B',
      // A leaked connection is some thousand.
      bound: { atMost: 50 },
    },
    {
      name: 'waves: resident memory, last three / first three after settling',
      value: median(resident.ours.slice(-3)) / median(resident.ours.slice(SETTLED, SETTLED + 3)),
      unit: 'x',
      bound: { atMost: 1.05 },
    },
  ];
}

/** Least squares, per step. */
function slope(values: readonly number[]): number {
  const mean = (values.length - 1) / 2;
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [over, under] = [0, 0];
  for (const [at, value] of values.entries()) {
    over += (at - mean) * (value - average);
    under += (at - mean) ** 2;
  }
  return over / under;
}
