import type pg from 'pg';
import { scannedTables } from './measure.ts';

export interface Deletion {
  readonly name: string;
  readonly rows: number;
  readonly milliseconds: number;
  /** Large tables that were read from beginning to end, triggers and foreign keys included. */
  readonly scanned: string[];
}

/** Deletes, looks at what was read meanwhile, and takes it back. Filled tables only: an empty one is best read whole. */
export async function deletion(client: pg.Client, name: string, text: string): Promise<Deletion> {
  await client.query('begin');
  try {
    const started = performance.now();
    const { rowCount } = await client.query(text);
    await client.query('set constraints all immediate');
    const milliseconds = performance.now() - started;
    return { name, rows: rowCount ?? 0, milliseconds, scanned: await scannedTables(client) };
  } finally {
    await client.query('rollback');
  }
}
