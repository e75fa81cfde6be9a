/**
 * The catalogue's queries. Each answers rows `{schema, relation, item}`; `item` is the model as JSON. `$1` is the list of
 * schemas. Expressions are written with single blanks; objects of extensions are left out.
 */

const notOfExtension = (catalogue: string, oid: string) =>
  `not exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog.${catalogue}'::regclass and x.objid = ${oid} and x.deptype = 'e')`;

const flat = (expression: string) => `btrim(regexp_replace(${expression}, '\\s+', ' ', 'g'))`;

/** MAINTAIN exists from PostgreSQL 17 on; leaving it out keeps the texts of all versions equal. */
const grants = (acl: string, kind: string, owner: string) => `(
  select coalesce(jsonb_object_agg(g.role, g.privileges order by g.role collate "C"), '{}')
  from (
    select case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee)::text end as role,
           jsonb_agg(distinct a.privilege_type) as privileges
    from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a
    where a.grantee <> ${owner} and a.privilege_type <> 'MAINTAIN'
    group by 1
  ) g)`;

const columnGrants = `(
  select coalesce(jsonb_object_agg(r.role, r.privileges), '{}')
  from (
    select p.role, jsonb_object_agg(p.privilege, p.columns) as privileges
    from (
      select case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee)::text end as role, a.privilege_type as privilege,
             jsonb_agg(t.attname order by t.attnum) as columns
      from pg_catalog.pg_attribute t cross join aclexplode(t.attacl) a
      where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped and a.grantee <> c.relowner
      group by 1, 2
    ) p group by p.role
  ) r)`;

/** Names of the columns with these numbers, in their order. */
const columnNames = (relation: string, numbers: string) => `(
  select coalesce(jsonb_agg(a.attname order by x.place), '[]')
  from unnest(${numbers}) with ordinality x (num, place)
  join pg_catalog.pg_attribute a on a.attrelid = ${relation} and a.attnum = x.num)`;

export const SCHEMAS = `
select n.nspname as "schema", null::text as relation, jsonb_build_object(
  'schema', n.nspname, 'comment', obj_description(n.oid, 'pg_namespace'), 'grants', ${grants('n.nspacl', 'n', 'n.nspowner')},
  'types', (
    select coalesce(jsonb_agg(jsonb_build_object('name', t.typname, 'definition', case t.typtype
        when 'e' then 'enum (' || (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid) || ')'
        else 'domain of ' || format_type(t.typbasetype, t.typtypmod) || coalesce((select ' ' || string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname) from pg_catalog.pg_constraint k where k.contypid = t.oid), '') end)
      order by t.typname collate "C"), '[]')
    from pg_catalog.pg_type t where t.typnamespace = n.oid and t.typtype in ('e', 'd')),
  'sequences', (
    select coalesce(jsonb_agg(jsonb_build_object('name', c.relname, 'data_type', format_type(s.seqtypid, null), 'grants', ${grants('c.relacl', 's', 'c.relowner')})
      order by c.relname collate "C"), '[]')
    from pg_catalog.pg_class c join pg_catalog.pg_sequence s on s.seqrelid = c.oid where c.relnamespace = n.oid)
) as item
from pg_catalog.pg_namespace n where n.nspname = any ($1) order by n.nspname collate "C"`;

export const RELATIONS = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'kind', c.relkind, 'comment', obj_description(c.oid, 'pg_class'),
  'rls_enabled', c.relrowsecurity, 'rls_forced', c.relforcerowsecurity,
  'security_invoker', coalesce(lower(array_to_string(c.reloptions, ',')) ~ 'security_invoker=(true|on|1|yes)', false),
  'insertable', pg_relation_is_updatable(c.oid, false) & 8 = 8, 'updatable', pg_relation_is_updatable(c.oid, false) & 4 = 4,
  'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid, true) end,
  'grants', ${grants('c.relacl', 'r', 'c.relowner')}, 'column_grants', ${columnGrants}
) as item
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm') and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname collate "C", c.relname collate "C"`;

export const COLUMNS = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod), 'is_nullable', not a.attnotnull,
  'default', case when a.attgenerated = '' then ${flat('pg_get_expr(d.adbin, d.adrelid)')} end,
  'is_identity', a.attidentity <> '', 'is_generated', a.attgenerated <> '',
  'generation_expression', case when a.attgenerated <> '' then ${flat('pg_get_expr(d.adbin, d.adrelid)')} end,
  'comment', col_description(c.oid, a.attnum)
) as item
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm')
order by n.nspname collate "C", c.relname collate "C", a.attnum`;

const action = (column: string) =>
  `case ${column} when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' when 'r' then 'restrict' else 'no action' end`;

export const CONSTRAINTS = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'kind', k.contype, 'name', k.conname, 'columns', ${columnNames('k.conrelid', 'k.conkey')}, 'validated', k.convalidated,
  'expression', case k.contype when 'c' then ${flat('pg_get_expr(k.conbin, k.conrelid)')} when 'x' then ${flat('pg_get_constraintdef(k.oid)')} end,
  'nulls_not_distinct', coalesce((select i.indnullsnotdistinct from pg_catalog.pg_index i where i.indexrelid = k.conindid and k.contype = 'u'), false),
  'references', case when k.contype = 'f' then (
    select jsonb_build_object('schema', fn.nspname, 'table', fc.relname, 'columns', ${columnNames('k.confrelid', 'k.confkey')})
    from pg_catalog.pg_class fc join pg_catalog.pg_namespace fn on fn.oid = fc.relnamespace where fc.oid = k.confrelid) end,
  'on_delete', ${action('k.confdeltype')} || coalesce(' (' || (select string_agg(a.attname, ', ' order by a.attnum) from pg_catalog.pg_attribute a
      where a.attrelid = k.conrelid and a.attnum = any (k.confdelsetcols)) || ')', ''),
  'on_update', ${action('k.confupdtype')}, 'deferrable', k.condeferrable
) as item
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1) and c.relkind in ('r', 'p') and k.contype in ('p', 'u', 'c', 'f', 'x')
order by n.nspname collate "C", c.relname collate "C", k.conname collate "C"`;

export const INDEXES = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'name', x.relname, 'unique', i.indisunique, 'method', m.amname, 'valid', i.indisvalid and i.indisready,
  'columns', (
    select jsonb_agg(regexp_replace(${flat('pg_get_indexdef(i.indexrelid, place::int, false)')}, '^[(]([(].*[)])[)]$', '\\1')
        || case when i.indoption[place - 1] & 1 = 1 then ' desc' else '' end order by place)
    from generate_series(1, i.indnkeyatts) place),
  'predicate', ${flat('pg_get_expr(i.indpred, i.indrelid)')},
  'constraint', exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')),
  'definition', pg_get_indexdef(i.indexrelid)
) as item
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = x.relam
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'm')
order by n.nspname collate "C", c.relname collate "C", x.relname collate "C"`;

export const TRIGGERS = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'name', t.tgname, 'timing', case when t.tgtype & 2 = 2 then 'before' when t.tgtype & 64 = 64 then 'instead of' else 'after' end,
  'events', to_jsonb(array_remove(array[case when t.tgtype & 8 = 8 then 'delete' end, case when t.tgtype & 4 = 4 then 'insert' end,
    case when t.tgtype & 32 = 32 then 'truncate' end, case when t.tgtype & 16 = 16 then 'update' end], null)),
  'update_of', ${columnNames('t.tgrelid', 't.tgattr::int2[]')},
  'level', case when t.tgtype & 1 = 1 then 'row' else 'statement' end,
  'function', fn.nspname || '.' || p.proname, 'enabled', t.tgenabled <> 'D', 'definition', pg_get_triggerdef(t.oid)
) as item
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace
where n.nspname = any ($1) and not t.tgisinternal
order by n.nspname collate "C", c.relname collate "C", t.tgname collate "C"`;

export const POLICIES = `
select n.nspname as "schema", c.relname as relation, jsonb_build_object(
  'name', p.polname, 'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
  'permissive', p.polpermissive,
  'roles', (select jsonb_agg(r.role order by r.role collate "C") from (
    select case when o = 0 then 'PUBLIC' else pg_get_userbyid(o)::text end as role from unnest(p.polroles) o) r),
  'using', ${flat('pg_get_expr(p.polqual, p.polrelid)')}, 'with_check', ${flat('pg_get_expr(p.polwithcheck, p.polrelid)')}
) as item
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1)
order by n.nspname collate "C", c.relname collate "C", p.polname collate "C"`;

export const FUNCTIONS = `
select n.nspname as "schema", p.proname as relation, jsonb_build_object(
  'schema', n.nspname, 'name', p.proname,
  'kind', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window' else 'function' end,
  'signature', (select coalesce(string_agg(format_type(t, null), ',' order by place), '') from unnest(p.proargtypes) with ordinality x (t, place)),
  'arguments', pg_get_function_arguments(p.oid), 'returns', coalesce(pg_get_function_result(p.oid), ''), 'language', l.lanname,
  'volatility', case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
  'strict', p.proisstrict, 'security_definer', p.prosecdef, 'config', to_jsonb(coalesce(p.proconfig, '{}')),
  'grants', ${grants('p.proacl', 'f', 'p.proowner')},
  'body_md5', md5(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)), 'standard_body', p.prosqlbody is not null,
  'body_md5_variants', to_jsonb(array[md5(btrim(p.prosrc, E' \\t\\r\\n')), md5(${flat('p.prosrc')})]),
  'comment', obj_description(p.oid, 'pg_proc')
) as item
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where n.nspname = any ($1) and ${notOfExtension('pg_proc', 'p.oid')}
order by n.nspname collate "C", p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`;
