import type { Database, Scope } from '../../platform/db/types.ts';
import { asProvenance, type ProvenanceEntry } from '../provenance/types.ts';
import { EXPORTS, type ExportQuery } from './queries.ts';

const BATCH = 500;

export type ExportRow = Readonly<Record<string, unknown>>;

/**
 * The rows of an export, page by page, in one snapshot. Values under a licence that is not among `licences` are null, and rows
 * whose essential values are all gone are left out; null takes everything. A value that no source claims counts as published.
 * @param kind a key of `EXPORTS`
 */
export async function exportRows(
  db: Database,
  kind: string,
  licences: ReadonlySet<string> | null,
  each: (rows: readonly ExportRow[]) => Promise<void>,
): Promise<number> {
  const query = EXPORTS[kind];
  if (query === undefined) throw new Error(`no such export: ${kind}`);
  return db.asService(
    'export: an operator chooses the licences',
    async (tx) => {
      await tx.raw(`declare export_rows no scroll cursor for ${query.sql}`);
      let count = 0;
      for (;;) {
        const rows = await fetchPage(tx);
        const shown = rows.flatMap((row): ExportRow[] => {
          const seen = shownRow(row, query, licences);
          return seen === undefined ? [] : [seen];
        });
        count += shown.length;
        if (shown.length > 0) await each(shown);
        if (rows.length < BATCH) return count;
      }
    },
    { statementTimeoutMs: 600_000 },
  );
}

async function fetchPage(tx: Scope): Promise<ExportRow[]> {
  return tx.raw<Record<string, unknown>>(`fetch ${BATCH} from export_rows`);
}

/** The row with what may be shown of it; undefined when nothing that matters may. */
export function shownRow(
  row: ExportRow,
  query: ExportQuery,
  licences: ReadonlySet<string> | null,
): ExportRow | undefined {
  const { provenance, ...values } = row;
  if (licences === null) return values;
  const entries = asProvenance(provenance);
  const hidden = new Set<string>();
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const origin = query.origins[name];
      const entry = origin === null ? undefined : entries[origin ?? name];
      if (value === null || entry === undefined || mayShow(entry, licences)) return [name, value];
      hidden.add(name);
      return [name, null];
    }),
  );
  const left = query.essential.some((name) => shown[name] !== null && shown[name] !== undefined);
  return left || hidden.size === 0 ? shown : undefined;
}

function mayShow(entry: ProvenanceEntry, licences: ReadonlySet<string>): boolean {
  return [entry.licence, ...Object.values(entry.licences ?? {})].every((licence) => licences.has(licence));
}
