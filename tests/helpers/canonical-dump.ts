import pg from 'pg';
import { OWNED_SCHEMAS } from '../../src/platform/db/migrate/schemas.ts';
import { parsers } from '../../src/platform/db/parsers.ts';

/** Records of the work and of what happened, not its result. */
const LEFT_OUT = new Set(['pipeline', 'live', 'pgboss', 'supabase_migrations']);

/** When something happened or was tried; two equal catalogues may differ in it. */
const VOLATILE = new Set([
  'created_at',
  'updated_at',
  'fetched_at',
  'tmdb_fetched_at',
  'imdb_fetched_at',
  'scraped_at',
  'hosted_at',
  'hosted_logo_at',
  'last_success_at',
  'last_attempt_at',
  'attempts',
  'next_attempt_at',
  'checked_at',
  'retired_at',
]);

/** What a row is known by in its field, where its key is a random id. Other tables are known by all their values. */
const NATURAL_KEYS: Readonly<Record<string, readonly string[]>> = {
  'core.shows': ['imdb_id', 'tmdb_id', 'name'],
  'core.seasons': ['show_id', 'season_number'],
  'core.episodes': ['show_id', 'season_number', 'episode_number'],
  'core.people': ['full_name', 'external_ids'],
  'core.show_cast': ['show_id', 'person_id', 'credit_category'],
  'core.show_images': ['show_id', 'source', 'kind', 'source_image_id'],
  'core.season_images': ['season_id', 'source', 'file_path'],
  'core.cast_photos': ['person_id', 'source', 'source_image_id', 'url'],
};

type Json = Readonly<Record<string, unknown>>;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WITHIN = /(?<=\/)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\/)/g;

/**
 * Everything the catalogue says, as text that is equal exactly when two databases are (design 7): all rows of the owned schemas
 * except `pipeline`, in natural-key order, random ids replaced by those keys, without times of creation, change, fetch and attempt and
 * without the time and way of provenance entries. A retired row shows that it is, not when.
 * @param ownerUrl URL of a role that may read everything
 */
export async function canonicalDump(ownerUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl, types: parsers });
  await client.connect();
  try {
    const tables = await tablesOf(client);
    const rows = new Map<string, Json[]>();
    for (const table of tables) {
      const found = await client.query<{ row: Json }>(`select to_jsonb(t) as row from ${table} t`);
      rows.set(
        table,
        found.rows.map(({ row }) => row),
      );
    }
    const labels = new Labels(rows);
    return tables.map((table) => `${table}\n${linesOf(rows.get(table) ?? [], labels).join('\n')}\n`).join('\n');
  } finally {
    await client.end();
  }
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const schemas = OWNED_SCHEMAS.filter((schema) => !LEFT_OUT.has(schema));
  const found = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any($1) order by 1`,
    [schemas],
  );
  return found.rows.map(({ name }) => name);
}

function linesOf(rows: readonly Json[], labels: Labels): string[] {
  return rows.map((row) => JSON.stringify(labels.replaced(steady(row)))).sort();
}

/** The row without what may differ: volatile columns, its own id, the when and how of provenance. */
function steady(row: Json): Json {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(row).sort()) {
    if (name === 'id' && typeof row[name] === 'string' && UUID.test(row[name])) continue;
    if (name === 'retired_at') kept.retired = row[name] !== null;
    else if (name === 'provenance') kept[name] = steadyProvenance(row[name]);
    else if (!VOLATILE.has(name)) kept[name] = row[name];
  }
  return kept;
}

function steadyProvenance(provenance: unknown): unknown {
  if (typeof provenance !== 'object' || provenance === null) return provenance;
  return Object.fromEntries(
    Object.entries(provenance as Record<string, Json>).map(([field, entry]) => {
      const { at: _at, via: _via, ...rest } = entry;
      return [field, rest];
    }),
  );
}

/** Names for random ids. */
class Labels {
  readonly #owners = new Map<string, { table: string; row: Json }>();
  readonly #known = new Map<string, string>();

  constructor(rows: ReadonlyMap<string, readonly Json[]>) {
    for (const [table, all] of rows) {
      for (const row of all)
        if (typeof row.id === 'string' && UUID.test(row.id)) this.#owners.set(row.id, { table, row });
    }
  }

  /** The value with every random id in it, at any depth, replaced by its row's natural key. */
  replaced(value: unknown): unknown {
    if (typeof value === 'string') return UUID.test(value) ? this.#label(value) : this.#withinText(value);
    if (Array.isArray(value)) return value.map((item) => this.replaced(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, item]) => [name, this.replaced(item)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Keys of files hold ids between slashes. */
  #withinText(text: string): string {
    return text.replaceAll(WITHIN, (id) => (this.#owners.has(id) ? this.#label(id) : id));
  }

  #label(id: string): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const owner = this.#owners.get(id);
    if (owner === undefined) return '<unknown id>';
    // Rows that refer to each other in a circle: the inner mention stays a bare table name.
    this.#known.set(id, owner.table);
    const columns = NATURAL_KEYS[owner.table];
    const named = columns === undefined ? steady(owner.row) : Object.fromEntries(columns.map((c) => [c, owner.row[c]]));
    const label = `${owner.table}${JSON.stringify(this.replaced(named))}`;
    this.#known.set(id, label);
    return label;
  }
}
