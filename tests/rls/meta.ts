import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { entriesOf, type MatrixFile } from './matrix.ts';

/** Our schemas: all but the server's, the hosted platform's and the queue's. */
const OWNED = `select n.oid, n.nspname from pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname <> all (array['information_schema', 'public', 'pgboss', 'supabase_migrations',
    'auth', 'storage', 'extensions', 'realtime', 'graphql', 'graphql_public', 'vault', 'cron', 'net', 'supabase_functions', 'pgbouncer'])`;

/** Schemas the data API of the hosted platform shows to everybody, as a list of SQL literals. */
const EXPOSED = (
  /^schemas = \[(.*)\]$/m.exec(readFileSync(join(PROJECT_ROOT, 'supabase/config.toml'), 'utf8'))?.[1] ?? ''
).replaceAll('"', "'");

/** Something that must hold for every table, policy or function: `text` selects what breaks it, one line `name` each. */
export interface Rule {
  readonly name: string;
  readonly text: string;
}

const CLIENTS = `unnest(array['anon', 'authenticated', 'service_role']) as r (role)`;

export const RULES: readonly Rule[] = [
  {
    name: 'every table has row security',
    text: `select c.oid::regclass::text as name from pg_class c join owned n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relrowsecurity`,
  },
  {
    name: 'nothing is exposed that row security cannot guard',
    text: `select c.oid::regclass::text as name from pg_class c join owned n on n.oid = c.relnamespace
      where c.relkind in ('m', 'f')
      union all
      select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in (${EXPOSED}) and n.oid not in (select oid from owned) and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`,
  },
  {
    // The stored expression holds a range table only for what it selects from, however that is written; columns of the row at
    // hand need none.
    name: 'no policy refers to its own table (it would recurse, W1)',
    text: `select p.polrelid::regclass::text || ' ' || p.polname as name
      from pg_policy p join pg_class c on c.oid = p.polrelid join owned n on n.oid = c.relnamespace
      where concat(p.polqual::text, ' ', p.polwithcheck::text) ~ (':relid ' || p.polrelid::oid || '\\M')`,
  },
  {
    name: 'no policy lets everybody write',
    text: `select p.polrelid::regclass::text || ' ' || p.polname as name
      from pg_policy p join pg_class c on c.oid = p.polrelid join owned n on n.oid = c.relnamespace
      where p.polcmd <> 'r' and (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true')`,
  },
  {
    name: 'policies name their roles',
    text: `select p.polrelid::regclass::text || ' ' || p.polname as name
      from pg_policy p join pg_class c on c.oid = p.polrelid join owned n on n.oid = c.relnamespace
      where 0::oid = any (p.polroles)`,
  },
  {
    // A body of the SQL standard (prosqlbody) is bound when it is made; without owner's rights it needs no path.
    name: 'every function has a fixed, empty search path',
    text: `select p.oid::regprocedure::text as name from pg_proc p join owned n on n.oid = p.pronamespace
      where (p.prosecdef or p.prosqlbody is null) and not coalesce('search_path=""' = any (p.proconfig), false)`,
  },
  {
    name: 'no function is for PUBLIC',
    text: `select p.oid::regprocedure::text as name from pg_proc p join owned n on n.oid = p.pronamespace
      where has_function_privilege('public', p.oid, 'execute')`,
  },
  {
    name: 'trigger functions are called by triggers only',
    text: `select p.oid::regprocedure::text || ' by ' || r.role as name
      from pg_proc p join owned n on n.oid = p.pronamespace
      cross join unnest(array['anon', 'authenticated']) as r (role)
      where p.prorettype = 'trigger'::regtype and has_function_privilege(r.role, p.oid, 'execute')`,
  },
  {
    name: 'views answer with the rights of whoever asks',
    text: `select c.oid::regclass::text as name from pg_class c join owned n on n.oid = c.relnamespace
      where c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)`,
  },
  {
    name: 'anonymous callers write nothing',
    text: `select c.oid::regclass::text || ' ' || v as name from pg_class c join owned n on n.oid = c.relnamespace
      cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) v
      where c.relkind in ('r', 'p', 'v') and (has_table_privilege('anon', c.oid, v)
        or case when v in ('INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege('anon', c.oid, v) else false end)
      union all
      select c.oid::regclass::text || ' ' || v from pg_class c join owned n on n.oid = c.relnamespace
      cross join unnest(array['USAGE', 'UPDATE']) v where c.relkind = 'S' and has_sequence_privilege('anon', c.oid, v)`,
  },
  {
    name: 'nobody truncates, refers to or puts triggers on a table',
    text: `select r.role || ' ' || c.oid::regclass::text || ' ' || v as name from pg_class c join owned n on n.oid = c.relnamespace
      cross join ${CLIENTS} cross join unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) v
      where c.relkind in ('r', 'p', 'v') and has_table_privilege(r.role, c.oid, v)`,
  },
  {
    name: 'PUBLIC has no right on a table, column or schema',
    text: `select c.oid::regclass::text as name from pg_class c join owned n on n.oid = c.relnamespace, aclexplode(c.relacl) a
      where a.grantee = 0
      union all
      select a.attrelid::regclass::text || '.' || a.attname from pg_attribute a
      join pg_class c on c.oid = a.attrelid join owned n on n.oid = c.relnamespace, aclexplode(a.attacl) g where g.grantee = 0
      union all
      select n.nspname::text from owned o join pg_namespace n on n.oid = o.oid, aclexplode(n.nspacl) a where a.grantee = 0`,
  },
  {
    name: 'rights and policies come together: a client with a right on a table has a policy for it',
    text: `select r.role || ' ' || c.oid::regclass::text || ' ' || v.verb as name
      from pg_class c join owned n on n.oid = c.relnamespace
      cross join unnest(array['anon', 'authenticated', 'trr_reader']) as r (role)
      cross join (values ('select', 'r'), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) as v (verb, command)
      where c.relkind in ('r', 'p')
        and (has_table_privilege(r.role, c.oid, v.verb)
          or case when v.verb <> 'delete' then has_any_column_privilege(r.role, c.oid, v.verb) else false end)
        <> exists (select 1 from pg_policy p join pg_roles g on g.oid = any (p.polroles)
          where p.polrelid = c.oid and g.rolname = r.role and p.polcmd::text in (v.command, '*'))`,
  },
  {
    // All columns of the key, or one of them that alone names the parent row (`id` of a composite key).
    name: 'every foreign key has an index',
    text: `select k.conrelid::regclass::text || ' ' || k.conname as name
      from pg_constraint k join owned n on n.oid = k.connamespace
      where k.contype = 'f' and not exists (
        select 1 from pg_index i
        where i.indrelid = k.conrelid and i.indisvalid
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^[(]\\w+ IS NOT NULL[)]$')
          and ((i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            or exists (
              select 1 from unnest(k.conkey, k.confkey) as pair (mine, theirs)
              join pg_index parent on parent.indrelid = k.confrelid and parent.indisunique and parent.indpred is null
                and parent.indnkeyatts = 1 and parent.indkey[0] = pair.theirs
              where i.indkey[0] = pair.mine)))`,
  },
  {
    // What a policy compares: ids. Flags and times beside them filter rows that an id has found.
    name: 'every id a policy reads has an index of its own table that begins with it',
    text: `select distinct d.refobjid::regclass::text || '.' || a.attname || ' (' || p.polname || ')' as name
      from pg_policy p join pg_class t on t.oid = p.polrelid join owned n on n.oid = t.relnamespace
      join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
        and d.refobjsubid > 0
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.atttypid = 'uuid'::regtype
      where not exists (select 1 from pg_index i where i.indrelid = d.refobjid and i.indisvalid and (
        i.indkey[0] = d.refobjsubid
        -- a later column of a unique key: the rest of the key is what the policy has already found
        or (i.indisunique and d.refobjsubid = any (i.indkey::int2[]) and i.indpred is null)))`,
  },
];

/** Runs one rule; returns what breaks it, sorted. */
export async function broken(client: pg.ClientBase, { text }: Rule): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`with owned as (${OWNED}) ${text}`);
  return rows.map(({ name }) => name).sort();
}

/** Tables, views and schemas that the matrix does not speak about, or speaks about though they are gone. */
export async function unspoken(client: pg.ClientBase, files: readonly MatrixFile[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `with owned as (${OWNED}) select c.oid::regclass::text as name from pg_class c join owned n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
     union all select nspname || '.*' from owned`,
  );
  const found = rows.map(({ name }) => name);
  const said = files.flatMap((file) => [`${file.schema}.*`, ...entriesOf(file).map(([name]) => name)]);
  return [
    ...found.filter((name) => !said.includes(name)).map((name) => `${name} has no entry`),
    ...said.filter((name) => !found.includes(name)).map((name) => `${name} does not exist`),
  ].sort();
}

/**
 * What a table, function and view made by a later migration would be open to: only what the service role needs. Runs in the
 * caller's transaction and takes back what it makes.
 */
export async function openToNewcomers(client: pg.ClientBase, files: readonly MatrixFile[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { schema } of files) {
    await client.query(`savepoint newcomer; create table ${schema}.newcomer (id uuid primary key);
      create function ${schema}.newcomer() returns integer language sql set search_path = '' as 'select 1'`);
    const { rows } = await client.query<{ name: string }>(
      `select r.role || ' ' || v as name from unnest(array['public', 'anon', 'authenticated']) as r (role)
       cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) v
       where case when r.role = 'public' then false else has_table_privilege(r.role, $1 || '.newcomer', v) end
       union all
       select r.role || ' execute' from unnest(array['public', 'anon', 'authenticated']) as r (role)
       where has_function_privilege(r.role, $1 || '.newcomer()', 'execute')`,
      [schema],
    );
    await client.query('rollback to savepoint newcomer');
    problems.push(...rows.map(({ name }) => `${schema}: ${name}`));
  }
  return problems;
}
