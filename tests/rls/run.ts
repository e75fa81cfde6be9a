import pg from 'pg';
import { id } from './ids.ts';
import { type Case, casesOf, columnRights, entriesOf, type MatrixFile, type Role } from './matrix.ts';

/** Who speaks: database role and, when signed in, the user. Grace is a member of `identity.admins`. */
const SPEAKERS: Record<Role, { role: string; claims: string }> = {
  anon: { role: 'anon', claims: JSON.stringify({ role: 'anon' }) },
  authenticated: { role: 'authenticated', claims: JSON.stringify({ role: 'authenticated', sub: id('user.ada') }) },
  admin: { role: 'authenticated', claims: JSON.stringify({ role: 'authenticated', sub: id('user.grace') }) },
  service_role: { role: 'service_role', claims: JSON.stringify({ role: 'service_role' }) },
};

/**
 * Runs one case and takes everything back. The caller's transaction, in which the client must be, stays as it was.
 * @returns undefined when it went as expected, else one line that says what happened instead.
 */
export async function runCase(client: pg.ClientBase, { name, role, sql, expected }: Case): Promise<string | undefined> {
  const { role: as, claims } = SPEAKERS[role];
  // One round trip. The savepoint also takes the role and the claims back.
  const before = `savepoint one_case; set local role ${as};
    select set_config('request.jwt.claims', ${pg.escapeLiteral(claims)}, true);`;
  let found: string;
  try {
    const results = (await client.query(`${before} ${sql}; set constraints all immediate`)) as unknown;
    found = `${(results as pg.QueryResult[])[3]?.rowCount ?? 0} rows`;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    found = `refused ${error.code}`;
    if (found !== expected) found += ` (${error.message})`;
  }
  await client.query('rollback to savepoint one_case');
  return found === expected ? undefined : `${name}: expected ${expected}, got ${found}`;
}

export interface Catalogue {
  /** Columns by table, in order, without generated ones. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** What the matrix needs to know of the database to be expanded. */
export async function readCatalogue(client: pg.ClientBase): Promise<Catalogue> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select a.attrelid::regclass::text as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
       and c.relnamespace::regnamespace::text !~ '^pg_|^information_schema$'
     group by 1`,
  );
  return { columns: new Map(rows.map(({ name, columns }) => [name, columns])) };
}

/** The cases of a file against this database. */
export function expand(file: MatrixFile, { columns }: Catalogue): Case[] {
  return casesOf(file, (table) => columns.get(table)?.[0] ?? 'missing');
}

/** Rows the matrix names that are not exactly one row of the seed, as lines. Run as the owner. */
export async function seedProblems(client: pg.ClientBase, file: MatrixFile): Promise<string[]> {
  const parts = entriesOf(file).flatMap(([table, { rows }]) =>
    Object.entries(rows).map(
      ([row, condition]) =>
        `select ${pg.escapeLiteral(`${table} (${row})`)} as name, (select count(*) from ${table} where ${condition}) as n`,
    ),
  );
  if (parts.length === 0) return [];
  const { rows } = await client.query<{ name: string; n: string }>(
    `select * from (${parts.join(' union all ')}) t where n <> 1`,
  );
  return rows.map(({ name, n }) => `${name} is ${n} rows of the seed instead of one`);
}

/** Rights on columns, functions and the schema that are not as the file says, as lines. */
export async function rightsProblems(
  client: pg.ClientBase,
  file: MatrixFile,
  { columns }: Catalogue,
): Promise<string[]> {
  const problems: string[] = [];
  const differ = (what: string, expected: readonly string[], found: readonly string[]) => {
    const missing = expected.filter((name) => !found.includes(name));
    const extra = found.filter((name) => !expected.includes(name));
    if (missing.length > 0) problems.push(`${what}: missing ${missing.join(', ')}`);
    if (extra.length > 0) problems.push(`${what}: unexpected ${extra.join(', ')}`);
  };
  const query = async (text: string, values: unknown[]) =>
    (await client.query<{ key: string; names: string[] }>(text, values)).rows;

  const granted = new Map(
    (
      await query(
        `select a.attrelid::regclass::text || ' ' || r || ' ' || v as key, array_agg(a.attname::text) as names
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         cross join unnest(array['anon', 'authenticated', 'service_role', 'trr_reader']) r cross join unnest(array['select', 'insert', 'update']) v
         where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
           and a.attgenerated = '' and has_column_privilege(r, a.attrelid, a.attnum, v)
         group by 1`,
        [file.schema],
      )
    ).map(({ key, names }) => [key, names]),
  );
  for (const { table, role, verb, columns: expected } of columnRights(file, (name) => columns.get(name) ?? [])) {
    differ(`${role}: columns of ${table} to ${verb}`, expected, granted.get(`${table} ${role} ${verb}`) ?? []);
  }

  const functions = await query(
    `select r as key, coalesce(array_agg(distinct p.proname::text) filter (where r = 'all' or (r = 'definer' and p.prosecdef)
         or case when r in ('all', 'definer') then false else has_function_privilege(r, p.oid, 'execute') end), '{}') as names
     from unnest(array['all', 'definer', 'public', 'anon', 'authenticated', 'service_role', 'trr_reader']) r
     left join pg_proc p on p.pronamespace = to_regnamespace($1) group by 1`,
    [file.schema],
  );
  const named = new Map(functions.map(({ key, names }) => [key, names]));
  const all = named.get('all') ?? [];
  for (const role of ['anon', 'authenticated', 'service_role'] as const) {
    const said = file.functions[role];
    differ(`${role}: functions of ${file.schema} to execute`, said === 'all' ? all : said, named.get(role) ?? []);
  }
  const forTheReader = (named.get('trr_reader') ?? []).filter((name) => !(named.get('public') ?? []).includes(name));
  differ(`trr_reader: functions of ${file.schema} to execute`, [], forTheReader);
  differ(`public: functions of ${file.schema} to execute`, [], named.get('public') ?? []);
  differ(`functions of ${file.schema} with their owner's rights`, file.definer ?? [], named.get('definer') ?? []);

  const usage = await query(
    `select 'usage' as key, coalesce(array_agg(r) filter (where has_schema_privilege(r, $1, 'usage')), '{}') as names
     from unnest(array['anon', 'authenticated', 'service_role', 'trr_reader']) r`,
    [file.schema],
  );
  differ(`schema ${file.schema}: who may use it`, file.usage, usage[0]?.names ?? []);
  const creators = await query(
    `select 'create' as key, coalesce(array_agg(r) filter (where has_schema_privilege(r, $1, 'create')), '{}') as names
     from unnest(array['anon', 'authenticated', 'service_role', 'trr_reader']) r`,
    [file.schema],
  );
  differ(`schema ${file.schema}: who may create in it`, [], creators[0]?.names ?? []);
  return problems;
}
