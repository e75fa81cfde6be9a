import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Size of the young generation above which it is not allowed to grow, bytes. */
const YOUNG_LIMIT = 16 << 20;

/** How far the old generation may grow beyond what is alive before it is collected, percent. */
const OLD_GROWTH = 30;

/**
 * Keeps V8's heap near what is alive, for commands that run for minutes. A run over thousands of shows makes garbage all the time; left
 * alone, V8 answers with a young generation of over 130 MB (310 MB resident, `bench/sync`) and lets the old one grow to three times the
 * 35 MB that are alive (a worker grew from 170 to 277 MB within 20 seconds, and stays at 179 with this, `bench/pipeline`): memory
 * seems to grow with the number of shows.
 *
 * Of the young generation only the growth factor is read while the program runs (the maximum is fixed at start), so this looks
 * until the size is reached.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH}`);
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young !== undefined && young.space_size < YOUNG_LIMIT) return;
    clearInterval(timer);
    setFlagsFromString('--semi-space-growth-factor=1');
  }, 50);
  timer.unref();
}

/** Bytes of buffers after which the collector is called. */
const COLLECT_EVERY = 3 << 20;

let collect: ((options: { type: 'minor' }) => void) | undefined;
let passed = 0;

/**
 * To be told about every piece of a large body that passes through. V8 lets 64 MB and more of dead buffers pile up before it looks, however
 * little is alive; a collection of the young ones every 3 MB (about a millisecond) halves what sixteen large downloads at once need.
 */
export function passedThrough(bytes: number): void {
  passed += bytes;
  if (passed < COLLECT_EVERY) return;
  passed = 0;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as typeof collect;
  }
  collect?.({ type: 'minor' });
}
