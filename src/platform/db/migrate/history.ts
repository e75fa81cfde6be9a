import type pg from 'pg';
import type { MigrationFile } from './files.ts';
import { MigrationRefused } from './refused.ts';

/**
 * What has been applied. `supabase_migrations.schema_migrations` is the platform's own table, so `supabase db push` and we
 * see the same history; content hashes lie beside it in a table of ours: both exist before the first file, and whoever drops
 * the history drops the hashes with it. A version without hash (pushed by the platform's tool) gets one at the next run.
 */
const HISTORY = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text);
  create table if not exists supabase_migrations.trr_file_hashes (
    version text not null primary key, sha256 text not null, applied_at timestamptz not null default now());
`;

export interface Applied {
  readonly version: string;
  readonly name: string | null;
  /** Null when another tool applied it. */
  readonly hash: string | null;
}

export async function ensureHistory(client: pg.ClientBase): Promise<void> {
  await client.query(HISTORY);
}

/** Applied versions in order; empty when there is no history yet. Writes nothing. */
export async function readHistory(client: pg.ClientBase): Promise<Applied[]> {
  const known = await client.query<{ history: boolean; hashes: boolean }>(
    `select to_regclass('supabase_migrations.schema_migrations') is not null as history,
            to_regclass('supabase_migrations.trr_file_hashes') is not null as hashes`,
  );
  if (!known.rows[0]?.history) return [];
  const hash = known.rows[0].hashes
    ? '(select h.sha256 from supabase_migrations.trr_file_hashes h where h.version = m.version)'
    : 'null::text';
  const found = await client.query<Applied>(
    `select m.version, m.name, ${hash} as hash from supabase_migrations.schema_migrations m order by m.version`,
  );
  return found.rows;
}

export async function recordApplied(client: pg.ClientBase, file: MigrationFile): Promise<void> {
  await client.query(
    'insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)',
    [file.version, [file.text], file.name],
  );
  await recordHash(client, file);
}

export async function recordHash(client: pg.ClientBase, file: MigrationFile): Promise<void> {
  await client.query(
    `insert into supabase_migrations.trr_file_hashes (version, sha256) values ($1, $2)
     on conflict (version) do update set sha256 = excluded.sha256`,
    [file.version, file.hash],
  );
}

export interface MigrationState {
  readonly applied: readonly Applied[];
  readonly pending: readonly MigrationFile[];
  /** Applied, but no file here has this version: the database is newer than the code, or the predecessor's. */
  readonly unknown: readonly string[];
  /** Applied, and the file has changed since. */
  readonly changed: readonly string[];
  /** Not applied although a later version is. */
  readonly gaps: readonly string[];
}

/** Compares files and history. Pure. */
export function compare(files: readonly MigrationFile[], applied: readonly Applied[]): MigrationState {
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const done = new Set(applied.map((entry) => entry.version));
  const last = applied.at(-1)?.version ?? '';
  const pending = files.filter((file) => !done.has(file.version));
  return {
    applied,
    pending,
    unknown: applied.map((entry) => entry.version).filter((version) => !byVersion.has(version)),
    changed: applied
      .filter(({ version, hash }) => hash !== null && byVersion.has(version) && byVersion.get(version)?.hash !== hash)
      .map((entry) => entry.version),
    gaps: pending.map((file) => file.version).filter((version) => version < last),
  };
}

/** Last version of the predecessor, whose history `trr db adopt` replaces (design 5). */
const PREDECESSOR_LAST = '0051';

/**
 * Whether migrations of this program were ever applied here, by itself or by the platform's tool. Versions of the predecessor do not count, nor
 * do those of other projects.
 */
export async function hasOurHistory(client: pg.ClientBase, files: readonly MigrationFile[]): Promise<boolean> {
  const { rows } = await client.query<{ hashes: boolean }>(
    "select to_regclass('supabase_migrations.trr_file_hashes') is not null as hashes",
  );
  if (rows[0]?.hashes === true) return true;
  const own = new Set(files.map(({ version }) => version).filter((version) => version > PREDECESSOR_LAST));
  return (await readHistory(client)).some(({ version }) => own.has(version));
}

/** @throws MigrationRefused when the history and the files do not belong together. */
export function refuseMismatch(state: MigrationState): void {
  if (state.unknown.length > 0) {
    const predecessor = state.unknown.every((version) => version <= PREDECESSOR_LAST);
    throw new MigrationRefused(
      'newer',
      predecessor
        ? `the database has the predecessor's migrations (${list(state.unknown)}): run trr db adopt first`
        : `the database is newer than this program, it has the migrations ${list(state.unknown)}: update the program`,
      state.unknown,
    );
  }
  if (state.changed.length > 0) {
    throw new MigrationRefused(
      'changed',
      `applied migrations were edited afterwards (${list(state.changed)}): restore the files and write a new migration`,
      state.changed,
    );
  }
  if (state.gaps.length > 0) {
    throw new MigrationRefused(
      'gap',
      `migrations ${list(state.gaps)} come before the last applied one: give them a higher number`,
      state.gaps,
    );
  }
}

function list(versions: readonly string[]): string {
  return versions.length <= 6 ? versions.join(', ') : `${versions.slice(0, 5).join(', ')} ... ${versions.at(-1)}`;
}

/** @throws MigrationRefused when the database is not exactly at the version of this program. */
export function refuseOutdated(state: MigrationState): void {
  refuseMismatch(state);
  if (state.pending.length === 0) return;
  const versions = state.pending.map((file) => file.version);
  throw new MigrationRefused(
    'pending',
    `the database lacks the migrations ${list(versions)}: run trr db migrate`,
    versions,
  );
}
