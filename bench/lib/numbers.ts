/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** `q` between 0 and 1, nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export interface Check {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bound: { readonly atLeast?: number; readonly atMost?: number };
}

/** Prints one line per check and returns whether all hold; a bench exits 1 when one does not. */
export function report(checks: readonly Check[]): boolean {
  let good = true;
  for (const { name, value, unit, bound } of checks) {
    const holds =
      (bound.atLeast === undefined || value >= bound.atLeast) && (bound.atMost === undefined || value <= bound.atMost);
    good &&= holds;
    const limit = bound.atLeast === undefined ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
    console.log(`${holds ? 'ok  ' : 'MISS'} ${name}: ${value.toFixed(2)} ${unit} (${limit})`);
  }
  return good;
}
