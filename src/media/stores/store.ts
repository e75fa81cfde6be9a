/** A file as a store lists it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** MD5 in hexadecimal without quotes, where the store knows it without reading. */
  readonly etag: string | null;
  readonly modifiedAt: Date;
}

export interface PutOptions {
  readonly contentType: string;
  /** Hexadecimal; travels with the file, so that a damaged upload is refused (C7). */
  readonly sha256: string;
  /** Replace what is there; default: leave it alone. */
  readonly overwrite?: boolean;
}

export interface DeleteResult {
  readonly deleted: readonly string[];
  readonly failed: readonly { readonly key: string; readonly error: string }[];
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Where files are kept. Keys are those of `keys.ts`; every other key is a bug and throws. What goes wrong with the store itself throws a
 * `StoreError`.
 */
export interface ObjectStore {
  readonly kind: 'filesystem' | 's3';
  /** Its name in the rows; null for the folder of this machine. */
  readonly bucket: string | null;
  /** One request. `exists`: there was a file under this key already, and it stays. */
  put(key: string, bytes: Buffer, options: PutOptions): Promise<'stored' | 'exists'>;
  head(key: string): Promise<StoredObject | undefined>;
  /** Undefined when there is none. */
  get(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** What is not there counts as deleted. */
  deleteMany(keys: readonly string[]): Promise<DeleteResult>;
  /** All files under a prefix, page by page, by key. */
  list(prefix: string): AsyncIterable<readonly StoredObject[]>;
  /** Removes what interrupted writes have left behind and nobody can name; answers how much. */
  tidy(olderThan: Date): Promise<number>;
  close(): void;
}

/** The store did not do what it was asked. One line, without credentials. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Answers of a stored file never change. */
export const CACHE_CONTROL = 'public, max-age=31536000, immutable';
