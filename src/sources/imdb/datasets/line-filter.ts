import { type IdMap, MAX_ID } from './id-map.ts';

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const ZERO = 48;
/** A longer line is no row of any dataset; it is dropped and counted. */
const MAX_LINE = 1024 * 1024;

export interface LineFilterOptions {
  /** The column, from 0, whose id decides; `tt` or `nm` and digits. */
  readonly column: number;
  /** Ids whose rows are wanted. */
  readonly wanted: IdMap;
  /** A row with a wanted id: its columns, the id's number and its value in `wanted`. */
  readonly onRow: (columns: readonly string[], id: number, value: number) => void;
  /** The first line. False stops everything. */
  readonly onHeader: (columns: readonly string[]) => boolean;
}

/**
 * Picks the rows with certain ids out of a tab-separated file as its bytes arrive. Rows that are not wanted are never turned into text:
 * that is what makes reading four gigabytes for some hundred series bearable (`bench/parse`).
 */
export class LineFilter {
  readonly #options: LineFilterOptions;
  /** Beginning of a line whose rest has not arrived. */
  #carry: Buffer = Buffer.alloc(0);
  #header = true;
  #skipping = false;
  #lastId = -1;
  #lastValue = -1;
  /** Lines seen, the header not counted. */
  lines = 0;
  /** Lines without a readable id where one belongs, or too long. */
  odd = 0;

  constructor(options: LineFilterOptions) {
    this.#options = options;
  }

  /** Takes the next bytes; false when the header was refused. */
  push(chunk: Buffer): boolean {
    let from = 0;
    if (this.#carry.length > 0 || this.#skipping || this.#header) {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) {
        this.#keep(chunk);
        return true;
      }
      const line =
        this.#carry.length === 0 ? chunk.subarray(0, end) : Buffer.concat([this.#carry, chunk.subarray(0, end)]);
      this.#carry = Buffer.alloc(0);
      if (!this.#whole(line)) return false;
      from = end + 1;
    }
    const rest = this.#scan(chunk, from);
    if (rest < chunk.length) this.#keep(chunk.subarray(rest));
    return true;
  }

  /** The file ended; false when not even a header came. */
  end(): boolean {
    if (this.#carry.length > 0 && !this.#whole(this.#carry)) return false;
    this.#carry = Buffer.alloc(0);
    return !this.#header;
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return;
    if (this.#carry.length + part.length > MAX_LINE) {
      this.#skipping = true;
      this.#carry = Buffer.alloc(0);
      return;
    }
    this.#carry = Buffer.concat([this.#carry, part]);
  }

  /** A line that came in pieces, or the first one. */
  #whole(line: Buffer): boolean {
    if (this.#header) {
      this.#header = false;
      const tooLong = this.#skipping;
      this.#skipping = false;
      return !tooLong && this.#options.onHeader(columnsOf(line, 0, line.length));
    }
    if (this.#skipping) {
      this.#skipping = false;
      this.lines += 1;
      this.odd += 1;
      return true;
    }
    const padded = Buffer.concat([line, Buffer.from([NEWLINE])]);
    this.#scan(padded, 0);
    return true;
  }

  /** Reads all whole lines from `from` on and answers with where the first unfinished one begins. */
  #scan(bytes: Buffer, from: number): number {
    const { column, wanted, onRow } = this.#options;
    const length = bytes.length;
    let lastId = this.#lastId;
    let lastValue = this.#lastValue;
    let lines = 0;
    let odd = 0;
    let start = from;
    for (;;) {
      let at = start;
      for (let skip = column; skip > 0; skip--) {
        while (at < length && bytes[at] !== TAB && bytes[at] !== NEWLINE) at++;
        if (bytes[at] === TAB) at++;
      }
      at += 2;
      const first = at;
      let id = 0;
      for (; at < length; at++) {
        const digit = (bytes[at] ?? 0) - ZERO;
        if (digit < 0 || digit > 9) break;
        id = id * 10 + digit;
      }
      // Two characters were skipped unseen: in a broken short line its end may be one of them.
      const within = bytes[first - 1] !== NEWLINE && bytes[first - 2] !== NEWLINE;
      const readable = within && at > first && id <= MAX_ID;
      const end = bytes.indexOf(NEWLINE, readable ? at : start);
      if (end < 0) break;
      lines++;
      if (!readable) odd++;
      else {
        if (id !== lastId) {
          lastId = id;
          lastValue = wanted.get(id);
        }
        if (lastValue >= 0) onRow(columnsOf(bytes, start, end), id, lastValue);
      }
      start = end + 1;
      if (start >= length) break;
    }
    this.#lastId = lastId;
    this.#lastValue = lastValue;
    this.lines += lines;
    this.odd += odd;
    return start;
  }
}

function columnsOf(bytes: Buffer, start: number, end: number): string[] {
  const last = bytes[end - 1] === RETURN ? end - 1 : end;
  return bytes.toString('utf8', start, last).split('\t');
}
