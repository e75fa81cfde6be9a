/**
 * Loaded into the servers under test before anything else (`--import`): tells the bench what the process itself has used, over the channel it
 * was started with. Needs `--expose-gc` for `memory`.
 */
import { sharedNow } from './wire.ts';

export interface Usage {
  /** Milliseconds of processor time since start, user and system. */
  readonly cpuMs: number;
  readonly at: number;
}

export interface Memory {
  /** After collecting garbage, bytes: what V8 holds, what buffers outside of it hold, and what the process holds of the machine. */
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
}

const collect = () => new Promise<void>((resolve) => setTimeout(resolve, 50));

process.on('message', async (question: { ask: 'usage' | 'memory' }) => {
  if (question.ask === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send?.({ answer: 'usage', cpuMs: (user + system) / 1000, at: sharedNow() });
  }
  if (question.ask === 'memory') {
    for (let round = 0; round < 4; round++) {
      globalThis.gc?.();
      await collect();
    }
    const { heapUsed: heap, external, rss: resident } = process.memoryUsage();
    process.send?.({ answer: 'memory', heap, external, resident });
  }
});
// Asked or not, the process ends when its work does.
process.channel?.unref();
