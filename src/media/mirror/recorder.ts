import type { Database } from '../../platform/db/types.ts';
import type { Inspected } from '../inspect/inspect.ts';
import type { Reason } from '../reasons.ts';
import { RECORD_TRIES } from './queries.ts';

/** How one try at one image ended. */
export interface Try {
  readonly table: string;
  readonly rowKey: string;
  readonly sourceUrl: string;
  readonly state: 'stored' | 'failed' | 'parked' | 'refused' | 'gone' | 'taken_down';
  readonly reason: Reason | null;
  readonly detail: string | null;
  /** Until the next try, in seconds. */
  readonly waitSeconds: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly claimed: { readonly width: number | null; readonly height: number | null };
  /** With `stored`: the file, or null when the copy we hold is still the right one. */
  readonly file: StoredFile | null;
  /** Of the copy we hold. */
  readonly sha256: string | null;
}

export interface StoredFile {
  readonly image: Omit<Inspected, 'bytes' | 'kind'> & { readonly length: number };
  readonly key: string;
  readonly alias: string | null;
  /** When the database was asked whether it knows the file. */
  readonly seenAt: string;
  /** Whether it went to the store, or was found there, after that. */
  readonly put: boolean;
  /** The first of this run to show a file that was not known. */
  readonly isNew: boolean;
}

export interface Recorder {
  /** Resolves when the try is written down, with what became of it. */
  add(one: Try): Promise<string>;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/** One transaction for so many images (P5). */
const BATCH = 100;
/** Or after so long, so that a kill loses little. */
const PAUSE_MS = 500;

/**
 * Writes tries down in batches.
 * @param base of addresses, for readers of the tables; null: none is stored
 */
export function createRecorder(db: Database, bucket: string | null, base: string | null): Recorder {
  let waiting: { one: Try; done: (verdict: string) => void; failed: (error: unknown) => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const write = async (batch: typeof waiting): Promise<void> => {
    try {
      const items = batch.map(({ one }) => itemOf(one, bucket, base));
      const rows = await db.asService('record images', (tx) => tx.query(RECORD_TRIES, [JSON.stringify(items)]));
      const verdicts = new Map(rows.map((row) => [`${row.table_name} ${row.row_key}`, row.verdict]));
      for (const { one, done } of batch) done(verdicts.get(`${one.table} ${one.rowKey}`) ?? one.state);
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) writing = writing.then(() => write(batch));
    return writing;
  };

  return {
    add(one) {
      return new Promise((done, failed) => {
        waiting.push({ one, done, failed });
        if (waiting.length >= BATCH) void flush();
        else timer ??= setTimeout(() => void flush(), PAUSE_MS);
      });
    },
    flush,
  };
}

function itemOf(one: Try, bucket: string | null, base: string | null): Record<string, unknown> {
  const { file, claimed } = one;
  const claims = (claimed.width ?? 0) > 0 && (claimed.height ?? 0) > 0;
  return {
    table_name: one.table,
    row_key: one.rowKey,
    source_url: one.sourceUrl,
    state: one.state,
    reason: one.reason,
    detail: one.detail,
    wait_seconds: one.waitSeconds,
    etag: one.etag,
    last_modified: one.lastModified,
    sha256: one.sha256,
    ...(file === null
      ? {}
      : {
          claimed_width: claims ? claimed.width : null,
          claimed_height: claims ? claimed.height : null,
          size_differs: claims ? claimed.width !== file.image.width || claimed.height !== file.image.height : null,
          alias: file.alias,
          seen_at: file.seenAt,
          put: file.put,
          base,
          bucket,
          file: {
            sha256: file.image.sha256,
            key: file.key,
            content_type: file.image.contentType,
            bytes: file.image.length,
            width: file.image.width,
            height: file.image.height,
            frames: file.image.frames,
            perceptual_hash: String(file.image.perceptualHash),
            placeholder: file.image.placeholder,
            etag: file.image.etag,
          },
        }),
  };
}
