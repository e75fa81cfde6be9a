import type { Parsed } from '../../../src/sources/read.ts';

/** A page that fuzzing starts from, and what must hold for whatever becomes of it. */
export interface FuzzTarget {
  readonly name: string;
  /** A good page about the subject. */
  readonly page: Buffer;
  /** The same sort of page about somebody else; absent where pages do not say whom they are about. */
  readonly foreign?: Buffer;
  /** Ids of the subject and of the other one, for swapping. */
  readonly ids?: readonly [own: string, other: string];
  /** Reads a page that was asked for as the subject's. */
  readonly parse: (body: Uint8Array) => Parsed<unknown>;
  /** The id a record is about, null when it does not say. */
  readonly subject?: (record: unknown) => string | null;
}
