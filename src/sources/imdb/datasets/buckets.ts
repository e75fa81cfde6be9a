import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Files an extract is spread over, so that reading one series out of thousands reads a two hundred and fifty-sixth. */
export const BUCKETS = 256;

const FLUSH_CHARACTERS = 64 * 1024;

export function bucketOf(series: number): number {
  return series % BUCKETS;
}

/** Appends lines to the files of an extract, some kilobytes at a time. */
export class BucketWriter {
  readonly #folder: string;
  readonly #pending: string[][] = Array.from({ length: BUCKETS }, () => []);
  readonly #sizes = new Uint32Array(BUCKETS);
  readonly #files: number[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(bucket: number, line: string): void {
    this.#pending[bucket]?.push(line, '\n');
    this.#sizes[bucket] = (this.#sizes[bucket] ?? 0) + line.length + 1;
    if ((this.#sizes[bucket] ?? 0) >= FLUSH_CHARACTERS) this.#flush(bucket);
  }

  close(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#flush(bucket);
    for (const file of this.#files) if (file !== undefined) closeSync(file);
  }

  #flush(bucket: number): void {
    const lines = this.#pending[bucket];
    if (lines === undefined || lines.length === 0) return;
    const file = this.#files[bucket] ?? openSync(bucketPath(this.#folder, bucket), 'w');
    this.#files[bucket] = file;
    writeSync(file, lines.join(''));
    lines.length = 0;
    this.#sizes[bucket] = 0;
  }
}

/** The columns of all lines of one file of an extract; none when nothing was written to it. */
export function readBucket(folder: string, bucket: number): string[][] {
  let text: string;
  try {
    text = readFileSync(bucketPath(folder, bucket), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
}

function bucketPath(folder: string, bucket: number): string {
  return join(folder, `${String(bucket).padStart(3, '0')}.tsv`);
}
