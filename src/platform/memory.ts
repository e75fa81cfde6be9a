import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Size of the young generation above which it is not allowed to grow, bytes. */
const YOUNG_LIMIT = 16 << 20;

/**
 * Keeps V8's young generation from growing beyond some 16-32 MB. A run over thousands of shows makes garbage for minutes; left alone,
 * V8 answers with a young generation of over 130 MB although some 25 MB are alive, and a worker's memory seems to grow
 * with the number of shows. Measured (2,000 shows): peak resident memory 310 MB without, see `bench/sync`.
 *
 * Only the growth factor is read while the program runs (the maximum is fixed at start), so this looks until the size is reached.
 */
export function boundYoungGeneration(): void {
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young !== undefined && young.space_size < YOUNG_LIMIT) return;
    clearInterval(timer);
    setFlagsFromString('--semi-space-growth-factor=1');
  }, 50);
  timer.unref();
}
