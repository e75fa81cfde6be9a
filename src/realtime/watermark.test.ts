import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, FROM_THE_FRONT, type Watermark } from './watermark.ts';

/** A database with one table of events, as far as the watermark can tell it from a real one. */
class Writers {
  #nextTransaction = 100n;
  #nextId = 1n;
  readonly #open = new Map<bigint, bigint[]>();
  readonly waiting = new Set<bigint>();

  /** Begins to write; its events come later. */
  begin(): void {
    this.#open.set(this.#nextTransaction++, []);
  }

  draw(nth: number): void {
    this.#one(nth)?.[1].push(this.#nextId++);
  }

  end(nth: number, commits: boolean): void {
    const one = this.#one(nth);
    if (one === undefined) return;
    this.#open.delete(one[0]);
    if (commits) for (const id of one[1]) this.waiting.add(id);
  }

  look(from: bigint) {
    const lowest = [...this.waiting].filter((id) => id >= from).sort(ascending)[0] ?? null;
    const oldest = [...this.#open.keys()].sort(ascending)[0] ?? this.#nextTransaction;
    return { lowest, oldest, next: this.#nextTransaction };
  }

  take(from: bigint, most: number): void {
    for (const id of [...this.waiting]
      .filter((one) => one >= from)
      .sort(ascending)
      .slice(0, most))
      this.waiting.delete(id);
  }

  #one(nth: number): [bigint, bigint[]] | undefined {
    return [...this.#open][nth % Math.max(1, this.#open.size)];
  }
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));

const step = fc.oneof(
  fc.record({ does: fc.constant('begin' as const) }),
  fc.record({ does: fc.constant('draw' as const), nth: fc.nat(9) }),
  fc.record({ does: fc.constant('end' as const), nth: fc.nat(9), commits: fc.boolean() }),
  fc.record({ does: fc.constant('turn' as const), most: fc.integer({ min: 1, max: 3 }) }),
);

describe('the watermark of what waits to be numbered', () => {
  it('never passes an event, in whatever order writers commit', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const writers = new Writers();
        let mark: Watermark = FROM_THE_FRONT;
        for (const one of steps) {
          if (one.does === 'begin') writers.begin();
          else if (one.does === 'draw') writers.draw(one.nth);
          else if (one.does === 'end') writers.end(one.nth, one.commits);
          else {
            mark = advance(mark, writers.look(mark.from));
            writers.take(mark.from, one.most);
          }
          for (const id of writers.waiting) expect(id).toBeGreaterThanOrEqual(mark.from);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('follows busy writers, and stays where a long one began', () => {
    const writers = new Writers();
    let mark: Watermark = FROM_THE_FRONT;
    const turn = () => {
      writers.begin();
      writers.draw(99);
      mark = advance(mark, writers.look(mark.from));
      writers.take(mark.from, 500);
    };
    for (let n = 0; n < 50; n++) {
      turn();
      writers.end(0, true);
    }
    expect(mark.from).toBeGreaterThan(45n);
    const before = mark.from;
    writers.begin(); // and does not end
    for (let n = 0; n < 50; n++) {
      turn();
      writers.end(1, true);
    }
    expect(mark.from).toBeLessThan(before + 5n);
  });
});
