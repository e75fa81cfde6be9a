/** Largest number an id may have; an id with more is of no title or name there is. */
export const MAX_ID = 0xffff_fffe;

const EMPTY = 0xffff_ffff;
/** Knuth's multiplier: spreads consecutive ids over the table. */
const SPREAD = 2_654_435_769;

/**
 * Numbers by the number of an IMDb id, in two typed arrays: eight bytes per place, so that the half million episodes of thousands of
 * series cost some megabytes (a `Map` costs ten times that).
 */
export class IdMap {
  #keys: Uint32Array;
  #values: Uint32Array;
  #mask: number;
  #size = 0;

  constructor(expected = 16) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
    this.#keys = new Uint32Array(places).fill(EMPTY);
    this.#values = new Uint32Array(places);
    this.#mask = places - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The value of an id, -1 when there is none. */
  get(id: number): number {
    const keys = this.#keys;
    for (let at = Math.imul(id, SPREAD) >>> 0; ; at++) {
      const key = keys[at & this.#mask];
      if (key === id) return this.#values[at & this.#mask] ?? -1;
      if (key === EMPTY) return -1;
    }
  }

  /** @throws RangeError for what is no id (a bug: ids are checked where they are read) */
  set(id: number, value: number): void {
    if (!(id >= 0 && id <= MAX_ID)) throw new RangeError(`not an id: ${id}`);
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    let at = Math.imul(id, SPREAD) >>> 0;
    for (; ; at++) {
      const key = this.#keys[at & this.#mask];
      if (key === id) break;
      if (key !== EMPTY) continue;
      this.#keys[at & this.#mask] = id;
      this.#size += 1;
      break;
    }
    this.#values[at & this.#mask] = value;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(keys.length * 2).fill(EMPTY);
    this.#values = new Uint32Array(keys.length * 2);
    this.#mask = this.#keys.length - 1;
    this.#size = 0;
    for (const [index, key] of keys.entries()) if (key !== EMPTY) this.set(key, values[index] ?? 0);
  }
}
