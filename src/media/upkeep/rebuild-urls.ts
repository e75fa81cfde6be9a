import type { Database } from '../../platform/db/types.ts';
import type { ImageTable } from '../keys.ts';
import { COUNT_STALE_URLS, REBUILD_URLS, ROW_KEYS } from '../mirror/queries.ts';

export interface RebuildRequest {
  readonly tables: readonly ImageTable[];
  readonly showIds: readonly string[];
  readonly personIds: readonly string[];
  /** `AWS_CDN_BASE_URL`. */
  readonly base: string;
  /** Rows per transaction. */
  readonly batch: number;
  readonly dryRun: boolean;
}

export interface Rebuilt {
  readonly table: ImageTable;
  readonly scanned: number;
  readonly updated: number;
}

/**
 * Writes the addresses of copies anew for readers of the tables, until none is left (`spec/media.md` 9). The API does not need it: it makes
 * addresses from key and base when asked.
 */
export async function rebuildUrls(db: Database, request: RebuildRequest): Promise<Rebuilt[]> {
  const { base, batch } = request;
  const keys = await chosenKeys(db, request);
  const done: Rebuilt[] = [];
  for (const table of request.tables) {
    const rows = keys === null ? null : (keys.get(table) ?? []);
    const stale = await db.asService('stale addresses', (tx) => tx.one(COUNT_STALE_URLS, [table, rows, base]));
    const scanned = stale?.stale ?? 0;
    let updated = 0;
    while (!request.dryRun && updated < scanned) {
      const some = await db.asService('rebuild addresses', (tx) => tx.one(REBUILD_URLS, [table, rows, base, batch]));
      const changed = Number(some?.changed ?? 0);
      updated += changed;
      if (changed === 0) break;
    }
    done.push({ table, scanned, updated });
  }
  return done;
}

/** Null: all rows. */
async function chosenKeys(db: Database, request: RebuildRequest): Promise<Map<string, string[]> | null> {
  const { tables, showIds, personIds } = request;
  if (showIds.length + personIds.length === 0) return null;
  const rows = await db.asService('chosen images', (tx) => tx.query(ROW_KEYS, [tables, showIds, personIds]));
  const byTable = Map.groupBy(rows, (row) => row.table_name);
  return new Map([...byTable].map(([table, found]) => [table, found.map(({ row_key: key }) => key)]));
}
