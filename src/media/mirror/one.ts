import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import type { Downloader } from '../download/download.ts';
import { type Inspected, inspect } from '../inspect/inspect.ts';
import { type ImageTable, isLogo, legacyKey, objectKey } from '../keys.ts';
import { type NotStored, notStored, REASONS } from '../reasons.ts';
import { type ObjectStore, StoreError } from '../stores/store.ts';
import type { Gate } from './limits.ts';
import { type DUE_IMAGES, KNOWN_FILE } from './queries.ts';
import type { StoredFile, Try } from './recorder.ts';

export type DueImage = Row<typeof DUE_IMAGES>;

export interface MirrorParts {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly downloader: Downloader;
  /** Bounds how many images are decoded at once. */
  readonly processing: Gate;
  readonly signal: AbortSignal;
  /** Files this run has looked up or put already, by content: many rows may show one picture. */
  readonly files: Map<string, Promise<Lookup | NotStored>>;
}

/** What is known of a file, and what was done about it. */
export interface Lookup {
  readonly kind: 'there';
  readonly seenAt: string;
  /** It went to the store, or was found there, after `seenAt`. */
  readonly put: boolean;
}

/** Seconds until a stored image is looked at again; a conditional request (C2). */
const RECHECK_SECONDS = 30 * 86_400;
const FIRST_WAIT_SECONDS = 900;
const LONGEST_WAIT_SECONDS = 7 * 86_400;
/** Tries after which an image is left alone until its address changes or somebody insists. */
const PARKED_AFTER = 8;
/** A file that was not found so often is gone. */
const GONE_AFTER = 3;

/**
 * Downloads, inspects and stores one image (`spec/media.md` 5); what came of it is for the recorder. The database is asked one question in
 * between and held for nothing.
 * @param force fetch and judge it anew, whatever is known
 */
export async function mirrorOne(parts: MirrorParts, row: DueImage, force: boolean): Promise<Try> {
  const same = !force && row.hosted_key !== null && row.fetched_url === row.source_url && row.sha256 !== null;
  const downloaded = await parts.downloader.fetch({
    source: row.source,
    url: row.source_url,
    page: row.page,
    ...(same ? { etag: row.etag, lastModified: row.last_modified } : {}),
    signal: parts.signal,
  });
  if (downloaded.kind === 'not_stored') return failure(row, downloaded);
  if (downloaded.kind === 'not_modified') return success(row, null, row.etag, row.last_modified);
  try {
    const file = await keep(parts, row, downloaded.file.read);
    if (file.kind === 'not_stored') return failure(row, file);
    return success(row, file, downloaded.etag, downloaded.lastModified);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return failure(row, notStored('store_error', error.message));
  } finally {
    await downloaded.file.discard();
  }
}

type Kept = StoredFile & { readonly kind: 'kept' };

async function keep(parts: MirrorParts, row: DueImage, read: () => Promise<Buffer>): Promise<Kept | NotStored> {
  const table = row.table_name as ImageTable;
  const image = await parts.processing(async () => inspect(await read(), { asPng: isLogo(table) }));
  if (image.kind === 'not_stored') return image;
  const key = objectKey(image.sha256, image.extension);
  const first = !parts.files.has(image.sha256);
  const there = await lookedUp(parts, key, image);
  if (there.kind === 'not_stored') return there;
  const identity = { table, owner: row.owner, source: row.source, kind: row.kind, seasonNumber: row.season_number };
  const { bytes, kind: _, ...rest } = image;
  return {
    kind: 'kept',
    image: { ...rest, length: bytes.length },
    key,
    alias: legacyKey(identity, image.sha256, image.extension) ?? null,
    seenAt: there.seenAt,
    put: there.put,
    isNew: first && there.put,
  };
}

/** Asks and puts once per run, however many rows show the picture; what failed is tried anew by the next of them. */
async function lookedUp(parts: MirrorParts, key: string, image: Inspected): Promise<Lookup | NotStored> {
  const known = parts.files.get(image.sha256);
  if (known !== undefined) return known;
  const asking = lookUp(parts, key, image);
  parts.files.set(image.sha256, asking);
  const forget = () => parts.files.delete(image.sha256);
  asking.then(({ kind }) => (kind === 'not_stored' ? forget() : undefined), forget);
  return asking;
}

async function lookUp(parts: MirrorParts, key: string, image: Inspected): Promise<Lookup | NotStored> {
  const known = await parts.db.asService('known image', (tx) => tx.one(KNOWN_FILE, [image.sha256, key]));
  if (known === undefined) throw new Error('a select without from gave no row');
  if (known.taken_down) return notStored('taken_down', 'this picture was taken down');
  if (known.going) return notStored('being_removed', 'the same file is being removed at this moment');
  if (!known.known) await putChecked(parts.store, key, image);
  return { kind: 'there', seenAt: known.seen_at, put: !known.known };
}

/** Puts a file where none is. One that is there already (of a run that was killed, of another one) is believed only when it is the same. */
async function putChecked(store: ObjectStore, key: string, image: Inspected): Promise<void> {
  const options = { contentType: image.contentType, sha256: image.sha256 };
  if ((await store.put(key, image.bytes, options)) === 'stored') return;
  const there = await store.head(key);
  const same =
    there !== undefined && there.bytes === image.bytes.length && (await etagOf(store, key, there.etag)) === image.etag;
  if (!same) await store.put(key, image.bytes, { ...options, overwrite: true });
}

/** Of a file in the store: as it says, else by reading it. */
async function etagOf(store: ObjectStore, key: string, told: string | null): Promise<string | undefined> {
  if (told !== null) return told;
  const found = await store.get(key);
  return found === undefined ? undefined : hash('md5', await buffer(found), 'hex');
}

function success(row: DueImage, file: StoredFile | null, etag: string | null, lastModified: string | null): Try {
  return {
    ...identityOf(row),
    state: 'stored',
    reason: null,
    detail: null,
    waitSeconds: RECHECK_SECONDS,
    etag,
    lastModified,
    file,
    sha256: file === null ? row.sha256 : file.image.sha256,
  };
}

function failure(row: DueImage, { reason, detail, retryAfter }: NotStored): Try {
  const tries = (row.fetched_url === row.source_url ? row.attempts : 0) + 1;
  const backoff = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 4 ** (tries - 1));
  return {
    ...identityOf(row),
    state: stateAfter(reason, tries),
    reason,
    detail,
    waitSeconds: Math.max(backoff, retryAfter ?? 0),
    etag: null,
    lastModified: null,
    file: null,
    sha256: null,
  };
}

function stateAfter(reason: NotStored['reason'], tries: number): Try['state'] {
  if (reason === 'taken_down') return 'taken_down';
  if (reason === 'gone' || (reason === 'not_found' && tries >= GONE_AFTER)) return 'gone';
  if (REASONS[reason] === 'refuse') return 'refused';
  return tries >= PARKED_AFTER ? 'parked' : 'failed';
}

function identityOf(row: DueImage): Pick<Try, 'table' | 'rowKey' | 'sourceUrl' | 'claimed'> {
  return {
    table: row.table_name,
    rowKey: row.row_key,
    sourceUrl: row.source_url,
    claimed: { width: row.claimed_width, height: row.claimed_height },
  };
}
