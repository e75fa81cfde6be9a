import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DATASETS, type DatasetName } from './files.ts';
import type { IdMap } from './id-map.ts';
import { LineFilter } from './line-filter.ts';

const CHUNK = 1024 * 1024;

/** A dataset that cannot be read; the message is one line. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  /** `corrupt`: the file is cut off or no gzip; fetching it again may help. `schema`: IMDb changed its columns. */
  readonly failure: 'corrupt' | 'schema';

  constructor(failure: DatasetError['failure'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export interface ReadOptions {
  /** The column whose id decides which rows are wanted. */
  readonly column: string;
  readonly wanted: IdMap;
  /** A wanted row with the value its id has in `wanted`; all columns there, `\N` as it stands. */
  readonly onRow: (columns: readonly string[], id: number, value: number) => void;
  readonly signal?: AbortSignal;
}

export interface ReadCounts {
  readonly lines: number;
  /** Rows that do not look like the dataset's: no readable id, or another number of columns. Left out. */
  readonly odd: number;
}

/**
 * Reads one dataset from a file, packed or not, in a stream: nothing but the wanted rows is ever turned into text.
 * @throws DatasetError
 */
export async function readDataset(name: DatasetName, path: string, options: ReadOptions): Promise<ReadCounts> {
  const expected: readonly string[] = DATASETS[name];
  let header: readonly string[] = [];
  let short = 0;
  const filter = new LineFilter({
    column: expected.indexOf(options.column),
    wanted: options.wanted,
    onHeader: (columns) => {
      header = columns;
      return columns.join('\t') === expected.join('\t');
    },
    onRow: (columns, id, value) => {
      if (columns.length === expected.length) options.onRow(columns, id, value);
      else short += 1;
    },
  });
  const wrong = () => {
    const found = header.join(', ').slice(0, 200);
    return new DatasetError('schema', `${name}: columns should be ${expected.join(', ')}; found ${found || 'none'}`);
  };
  try {
    for await (const chunk of bytesOf(path, await isPacked(path))) {
      if (!filter.push(chunk as Buffer)) throw wrong();
      options.signal?.throwIfAborted();
    }
  } catch (error) {
    if (error instanceof DatasetError || options.signal?.aborted === true) throw error;
    throw new DatasetError('corrupt', `${name}: the file cannot be unpacked to its end`, { cause: error });
  }
  if (!filter.end()) throw wrong();
  return { lines: filter.lines, odd: filter.odd + short };
}

/** Gzip says so in its first two bytes. */
async function isPacked(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function bytesOf(path: string, packed: boolean): AsyncIterable<unknown> {
  const bytes = createReadStream(path, { highWaterMark: CHUNK });
  // The pipeline hands its error to whoever reads the unpacked end.
  return packed ? pipeline(bytes, createGunzip({ chunkSize: CHUNK }), () => undefined) : bytes;
}
