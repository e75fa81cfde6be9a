import type { OwnerLink } from '../link.ts';

/** Tables of ours that have grown beyond a few pages and that the server knows nothing about. */
const UNKNOWN_TABLES = `
select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('core', 'pipeline') and c.relkind = 'r' and c.reltuples < 0 and pg_relation_size(c.oid) > 4 * 8192
order by 1`;

/**
 * Counts what is in new tables, as autovacuum would a minute later. The first run fills an empty database, and plans made for empty tables
 * read all that came since, once per unit; statistics make every session plan anew. Later growth is autovacuum's.
 */
export async function countNewTables(link: OwnerLink): Promise<void> {
  const { rows } = await link.query(UNKNOWN_TABLES, []);
  if (rows.length === 0) return;
  // Another worker may be at it.
  await link.query(`analyze (skip_locked) ${rows.map(({ name }) => String(name)).join(', ')}`);
}
