/** One look at what waits to be numbered (`LOOK`). */
export interface Look {
  /** The lowest id that waits, of those from the watermark on. */
  readonly lowest: bigint | null;
  /** Every transaction below is over. */
  readonly oldest: bigint;
  /** No transaction from here on had begun to write. */
  readonly next: bigint;
}

/**
 * From where on events can still appear. What was taken stays in the table as long as somebody holds an older snapshot (a backup, a long
 * report), and whoever begins at the front walks over all of it every time. (Measured with 60,000 such rows, bench/realtime: 2.4 times as long from commit
 * to receipt and three times the processor time at rest; nothing of both with the watermark.)
 */
export interface Watermark {
  readonly from: bigint;
  /** An id that was seen waiting, and the transactions that may have drawn a lower one: those below `until`. */
  readonly candidate: { readonly id: bigint; readonly until: bigint } | undefined;
}

export const FROM_THE_FRONT: Watermark = { from: 0n, candidate: undefined };

/**
 * Ids are drawn in order but committed in any. Whoever drew a lower id than one that was seen had begun to write before, so when all who wrote
 * then are over, what they left is visible; below the lowest of it nothing can come. A transaction that writes for long holds the mark back.
 *
 * Holds for writers whose first write is not the event itself, as with triggers; the sequencer looks at the whole now and then for the
 * rest (somebody who inserts events by hand).
 */
export function advance({ from, candidate }: Watermark, { lowest, oldest, next }: Look): Watermark {
  let to = from;
  let waiting = candidate;
  if (waiting !== undefined && oldest >= waiting.until) {
    to = lowest === null || waiting.id < lowest ? waiting.id : lowest;
    waiting = undefined;
  }
  if (waiting === undefined && lowest !== null) waiting = { id: lowest, until: next };
  return { from: to, candidate: waiting };
}
