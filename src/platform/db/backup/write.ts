import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { withOwner } from '../owner.ts';
import { type BackupEnd, type BackupHeader, type BackupTable, backupTables, newestMigration } from './tables.ts';

const BATCH = 500;

/**
 * Writes everything this program owns in a database as JSON lines: a header, for each table a line with its name and columns followed by
 * its rows, an end with their number. One snapshot, whatever is written meanwhile; memory holds a batch of rows.
 * @returns rows by table
 * @throws DatabaseUnavailable
 */
export async function writeBackup(url: string, to: Writable): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  await withOwner(
    url,
    async (client) => {
      await client.query('begin isolation level repeatable read read only');
      const lines = backupLines(client, counts);
      await pipeline(lines, to);
      await client.query('commit');
    },
    { applicationName: 'trr export', statementTimeoutMs: 0 },
  );
  return counts;
}

async function* backupLines(client: pg.ClientBase, counts: Map<string, number>): AsyncGenerator<string> {
  const header: BackupHeader = {
    format: 'trr-backup',
    version: 1,
    migration: await newestMigration(client),
    at: new Date().toISOString(),
  };
  yield `${JSON.stringify(header)}\n`;
  let total = 0;
  for (const table of await backupTables(client)) {
    yield `${JSON.stringify({ table: table.name, columns: table.columns })}\n`;
    let rows = 0;
    for await (const page of rowsOf(client, table)) {
      rows += page.length;
      // As PostgreSQL wrote them: reading numbers here could only damage them.
      yield `${page.join('\n')}\n`;
    }
    counts.set(table.name, rows);
    total += rows;
  }
  const end: BackupEnd = { end: true, rows: total };
  yield `${JSON.stringify(end)}\n`;
}

async function* rowsOf(client: pg.ClientBase, table: BackupTable): AsyncGenerator<string[]> {
  await client.query(
    `declare backup_rows no scroll cursor for
     select row_to_json(r)::text as row from (select ${table.columns.join(', ')} from ${table.name}) r`,
  );
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${BATCH} from backup_rows`);
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < BATCH) break;
  }
  await client.query('close backup_rows');
}
