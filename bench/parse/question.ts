import { type Check, median } from '../lib/numbers.ts';

/** One row of the bench: a file beside this one per question, its own baseline in the same run. */
export interface ParseQuestion {
  readonly name: string;
  /** Measures and prints what it likes, and says what must hold. */
  readonly run: () => Check[] | Promise<Check[]>;
}

export interface Compared {
  /** Median milliseconds. */
  readonly ours: number;
  readonly baseline: number;
  /** Median of the rounds' own ratios: neighbours in time see the same machine. */
  readonly ratio: number;
}

/** Does the same in two ways, in turn; the first rounds warm up and are not counted. */
export function compare(ours: () => void, baseline: () => void, rounds = 61): Compared {
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = -10; round < rounds; round++) {
    const pair = { baseline: timed(baseline), ours: timed(ours) };
    if (round >= 0) pairs.push(pair);
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    baseline: median(pairs.map((pair) => pair.baseline)),
    ratio: median(pairs.map((pair) => pair.ours / pair.baseline)),
  };
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
