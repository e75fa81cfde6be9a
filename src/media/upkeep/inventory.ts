import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Row } from '../../platform/db/statement.ts';
import type { StoredObject } from '../stores/store.ts';
import { KNOWN_KEYS } from './queries.ts';
import type { UpkeepDependencies } from './removal.ts';

type KnownKey = Row<typeof KNOWN_KEYS>;

/** Store and database side by side (C13). */
export interface Inventory {
  readonly listed: number;
  readonly bytes: number;
  /** Files under each family of keys (`images/sha256/`, `images/shows/`). */
  readonly families: ReadonlyMap<string, number>;
  /** In the store; the database does not know them. */
  readonly strays: readonly StoredObject[];
  /** Known, not in the store. */
  readonly missing: readonly KnownKey[];
  /** In the store with another size or content than the database knows. */
  readonly differing: readonly KnownKey[];
}

/** The first two parts of a key, with their slashes. */
export function familyOf(key: string): string {
  return `${key.split('/', 2).join('/')}/`;
}

/**
 * Lists the whole store and compares. The database is asked afterwards, so that what mirroring adds meanwhile is not taken for strays.
 * @param verify read every file and compare its content, not only what the listing says
 */
export async function takeInventory({ db, store }: UpkeepDependencies, verify: boolean): Promise<Inventory> {
  const listed = new Map<string, StoredObject>();
  const families = new Map<string, number>();
  let bytes = 0;
  for await (const page of store.list('images/')) {
    for (const file of page) {
      listed.set(file.key, file);
      bytes += file.bytes;
      families.set(familyOf(file.key), (families.get(familyOf(file.key)) ?? 0) + 1);
    }
  }
  const known = await db.asService('known keys', (tx) => tx.query(KNOWN_KEYS), { statementTimeoutMs: 600_000 });
  const keys = new Set(known.map(({ key }) => key));
  const missing: KnownKey[] = [];
  const differing: KnownKey[] = [];
  for (const one of known) {
    const file = listed.get(one.key);
    if (file === undefined) {
      // It may have come after the listing; a removal has no file to miss.
      if (one.what !== 'removal' && (await store.head(one.key)) === undefined) missing.push(one);
    } else if (await differs({ db, store }, one, file, verify)) differing.push(one);
  }
  const strays = [...listed.values()].filter(({ key }) => !keys.has(key));
  return { listed: listed.size, bytes, families, strays, missing, differing };
}

async function differs(
  { store }: UpkeepDependencies,
  known: KnownKey,
  file: StoredObject,
  verify: boolean,
): Promise<boolean> {
  if (known.what === 'removal') return false;
  if (known.bytes !== null && Number(known.bytes) !== file.bytes) return true;
  if (known.etag !== null && file.etag !== null && isMd5(file.etag) && known.etag !== file.etag) return true;
  if (!verify || known.what === 'variant' || known.sha256 === null) return false;
  const content = await store.get(known.key);
  return content === undefined || hash('sha256', await buffer(content), 'hex') !== known.sha256;
}

/** A bucket with its own encryption has other ETags: they say nothing. */
function isMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}
