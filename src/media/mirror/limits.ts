/** Lets at most `width` at once do something; the others wait their turn. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(width: number): Gate {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** Applies `work` to all items, at most `width` at once; stops taking new ones after the signal. */
export async function forEachBounded<T>(
  items: readonly T[],
  width: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const item = items[next] as T;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

/** Refusals in a row after which a host is left alone for the rest of a run: it means us (design 8). */
const REFUSALS = 3;

/** Which hosts have said no. */
export interface Hosts {
  /** The gate of a host: at most so many requests at once. */
  gate(host: string): Gate;
  isStopped(host: string): boolean;
  answered(host: string, refused: boolean): void;
}

export function createHosts(perHost: number): Hosts {
  const known = new Map<string, { gate: Gate; refusals: number }>();
  const of = (host: string) => {
    const found = known.get(host) ?? { gate: createGate(perHost), refusals: 0 };
    known.set(host, found);
    return found;
  };
  return {
    gate: (host) => of(host).gate,
    isStopped: (host) => of(host).refusals >= REFUSALS,
    answered(host, refused) {
      const found = of(host);
      // Once stopped, answers that were still on their way change nothing.
      if (found.refusals < REFUSALS) found.refusals = refused ? found.refusals + 1 : 0;
    },
  };
}
