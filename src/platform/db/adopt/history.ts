import type pg from 'pg';
import type { MigrationFile } from '../migrate/files.ts';
import { ensureHistory, readHistory, recordApplied } from '../migrate/history.ts';

/** Last version of the predecessor; our own migrations begin after it. */
export const PREDECESSOR_LAST = '0051';

/**
 * Keeps the predecessor's history aside. Made here because adopting comes before the first migration; `0080` makes the same
 * table in a new database and sets its rights.
 */
const KEEP = `
create schema if not exists pipeline;
create table if not exists pipeline.adopted_migrations (
  version    text not null,
  name       text,
  statements text[],
  adopted_at timestamptz not null default now(),
  constraint adopted_migrations_pkey primary key (version)
);
alter table pipeline.adopted_migrations enable row level security;
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
insert into pipeline.adopted_migrations (version, name, statements)
select version, name, statements from supabase_migrations.schema_migrations
on conflict (version) do nothing;
delete from supabase_migrations.schema_migrations;
`;

/** What the history says about whose database this is. */
export type HistoryVerdict =
  | { readonly kind: 'predecessor'; readonly versions: readonly string[]; readonly gaps: readonly string[] }
  /** Nothing to adopt or not possible; `message` is the one line about it. */
  | { readonly kind: 'adopted' | 'new' | 'empty' | 'foreign' | 'older'; readonly message: string };

/** Tells the predecessor's database at its last version from every other. Changes nothing. */
export async function judgeHistory(client: pg.ClientBase, files: readonly MigrationFile[]): Promise<HistoryVerdict> {
  const found = await client.query<{ schemas: number; shows: boolean; adopted: boolean }>(
    `select (select count(*)::int from pg_namespace where nspname in ('core', 'games', 'social', 'surveys')) as schemas,
            to_regclass('core.shows') is not null as shows, to_regclass('pipeline.adopted_migrations') is not null as adopted`,
  );
  const { schemas = 0, shows = false, adopted = false } = found.rows[0] ?? {};
  const versions = await readVersions(client);
  const ours = new Set(files.map(({ version }) => version));
  const unknown = versions.filter((version) => !ours.has(version));
  if (versions.length === 0) {
    if (schemas === 0) return { kind: 'empty', message: 'the database is empty, nothing to adopt: run trr db migrate' };
    return {
      kind: 'foreign',
      message:
        'the database has schemas named like ours but no migration history (supabase_migrations.schema_migrations): it is not the predecessor’s, or restore its history first',
    };
  }
  if (unknown.length === 0) {
    const kept = adopted ? await countKept(client) : 0;
    if (kept > 0) {
      return { kind: 'adopted', message: `already adopted (${kept} old rows kept): run trr db migrate to upgrade` };
    }
    return {
      kind: 'new',
      message: `the database was made by this program (newest migration ${versions.at(-1)}), nothing to adopt`,
    };
  }
  const strange = unknown.filter((version) => !/^\d{4}$/.test(version) || version > PREDECESSOR_LAST);
  if (strange.length > 0) {
    return {
      kind: 'foreign',
      message: `the history has versions that are neither the predecessor’s nor ours (${strange.slice(0, 5).join(', ')}): not adopted`,
    };
  }
  if (!shows) {
    return {
      kind: 'foreign',
      message: 'the history looks like the predecessor’s but core.shows is missing: not adopted',
    };
  }
  const last = versions.at(-1) ?? '';
  if (last < PREDECESSOR_LAST) {
    return {
      kind: 'older',
      message: `the database stands at the predecessor’s version ${last}: bring it to ${PREDECESSOR_LAST} with the predecessor’s tools first`,
    };
  }
  if (last > PREDECESSOR_LAST) {
    return {
      kind: 'foreign',
      message: `the history mixes the predecessor’s versions with later ones (${last}): not adopted`,
    };
  }
  const all = Array.from({ length: Number(PREDECESSOR_LAST) }, (_, at) => String(at + 1).padStart(4, '0'));
  return { kind: 'predecessor', versions, gaps: all.filter((version) => !versions.includes(version)) };
}

/** Replaces the predecessor's rows by the baseline files that exist here. Needs an open transaction. */
export async function replaceHistory(client: pg.ClientBase, baseline: readonly MigrationFile[]): Promise<void> {
  await ensureHistory(client);
  await client.query(KEEP);
  for (const file of baseline) await recordApplied(client, file);
}

async function readVersions(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ known: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as known",
  );
  if (rows[0]?.known !== true) return [];
  return (await readHistory(client)).map(({ version }) => version);
}

async function countKept(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ kept: number }>(
    'select count(*)::int as kept from pipeline.adopted_migrations',
  );
  return rows[0]?.kept ?? 0;
}
