import type pg from 'pg';

export interface Deletion {
  readonly name: string;
  readonly rows: number;
  readonly milliseconds: number;
  /** Tables of more than a thousand rows that were read from beginning to end, triggers and foreign keys included. */
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
    const { rows } = await client.query<{ name: string }>(
      `select s.relid::regclass::text as name from pg_stat_xact_user_tables s join pg_class c on c.oid = s.relid
       where s.seq_scan > 0 and c.reltuples > 1000 order by 1`,
    );
    return { name, rows: rowCount ?? 0, milliseconds, scanned: rows.map((row) => row.name) };
  } finally {
    await client.query('rollback');
  }
}
