import expected from '../../src/platform/db/expected-catalogue.json' with { type: 'json' };

type Query = <R extends Record<string, unknown>>(text: string, values?: unknown[]) => Promise<R[]>;

/** The predecessor's schemas that hold tables; `public` holds nothing. */
export const BASELINE_SCHEMAS = ['core', 'surveys', 'social', 'games'];

/**
 * Facts of a database as lines, `core.shows column name text not null`: easy to compare, and a difference reads well.
 * Column lines carry their position where `positions` is set.
 */
export type Facts = Set<string>;

interface Fact extends Record<string, unknown> {
  fact: string;
}

const LIVE = `
with tables as (
  select c.oid, n.nspname || '.' || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and c.relkind = 'r'
), views as (
  select c.oid, n.nspname || '.' || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and c.relkind = 'v'
), keyed as (
  select k.*, t.name as table_name,
    (select string_agg(a.attname, ',' order by x.place)
     from unnest(k.conkey) with ordinality x (num, place)
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.num) as columns,
    (select string_agg(a.attname, ',' order by x.place)
     from unnest(k.confkey) with ordinality x (num, place)
     join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.num) as refers
  from pg_constraint k join tables t on t.oid = k.conrelid
)
select t.name || ' column ' || case when $2 then row_number() over (partition by t.oid order by a.attnum) || ' ' else '' end
    || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
    || case a.attgenerated when 's' then ' generated ' else coalesce(' default ' || nullif(pg_get_expr(d.adbin, d.adrelid), ''), '') end
    || case a.attgenerated when 's' then pg_get_expr(d.adbin, d.adrelid) else '' end as fact
from tables t
join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
union all
select table_name || case contype when 'p' then ' primary key ' else ' unique ' end || conname || ' (' || columns || ')'
from keyed where contype in ('p', 'u')
union all
select table_name || ' check ' || conname || ' ' || pg_get_expr(conbin, conrelid) from keyed where contype = 'c'
union all
select table_name || ' foreign key ' || conname || ' (' || columns || ') -> ' || confrelid::regclass::text || ' (' || refers || ') '
    || case confdeltype when 'c' then 'cascade' when 'n' then 'set null' else 'no action' end
from keyed where contype = 'f'
union all
select t.name || ' index ' || c.relname || case when i.indisunique then ' unique' else '' end || ' ' || m.amname || ' ('
    || (select string_agg(
          regexp_replace(pg_get_indexdef(i.indexrelid, place::int, false), '^[(]([(].*[)])[)]$', '\\1') || case when i.indoption[place - 1] & 1 = 1 then ' desc' else '' end,
          ',' order by place)
        from generate_series(1, i.indnkeyatts) place)
    || ')' || coalesce(' where ' || pg_get_expr(i.indpred, i.indrelid), '')
from tables t
join pg_index i on i.indrelid = t.oid
join pg_class c on c.oid = i.indexrelid
join pg_am m on m.oid = c.relam
union all
select v.name || ' view column ' || a.attnum || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
from views v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
union all
select v.name || ' view insertable ' || (pg_relation_is_updatable(v.oid, false) & 8 = 8)
    || ' updatable ' || (pg_relation_is_updatable(v.oid, false) & 4 = 4)
from views v`;

/** Facts of the database behind `query`. */
export async function liveFacts(query: Query, options: { positions: boolean }): Promise<Facts> {
  const rows = await query<Fact>(LIVE, [BASELINE_SCHEMAS, options.positions]);
  return new Set(rows.map((row) => row.fact));
}

interface ExpectedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly position: number;
  readonly default?: string;
  readonly generated?: string;
}

function columnFact(table: string, column: ExpectedColumn, positions: boolean): string {
  const place = positions ? `${column.position} ` : '';
  const value =
    column.generated !== undefined
      ? ` generated ${column.generated}`
      : column.default !== undefined
        ? ` default ${column.default}`
        : '';
  return `${table} column ${place}${column.name} ${column.type}${column.nullable ? '' : ' not null'}${value}`;
}

/** Facts of the predecessor's final database, from the project's own data file. */
export function expectedFacts(options: { positions: boolean }): Facts {
  const facts: Facts = new Set();
  for (const schema of expected.schemas.filter(({ name }) => BASELINE_SCHEMAS.includes(name))) {
    for (const table of schema.tables) {
      const name = `${schema.name}.${table.name}`;
      for (const column of table.columns as ExpectedColumn[]) facts.add(columnFact(name, column, options.positions));
      const key = table.primary_key;
      if (key) facts.add(`${name} primary key ${key.name} (${key.columns.join(',')})`);
      for (const unique of table.unique_constraints) {
        facts.add(`${name} unique ${unique.name} (${unique.columns.join(',')})`);
      }
      for (const check of table.check_constraints as { name: string; expression: string }[]) {
        facts.add(`${name} check ${check.name} ${check.expression}`);
      }
      for (const foreign of table.foreign_keys) {
        const { schema: to, table: target, columns } = foreign.references;
        facts.add(
          `${name} foreign key ${foreign.name} (${foreign.columns.join(',')}) -> ${to}.${target} (${columns.join(',')}) ${foreign.on_delete}`,
        );
      }
      for (const index of table.indexes as {
        name: string;
        keys: string[];
        method: string;
        unique: boolean;
        predicate?: string;
      }[]) {
        const where = index.predicate === undefined ? '' : ` where ${index.predicate}`;
        facts.add(
          `${name} index ${index.name}${index.unique ? ' unique' : ''} ${index.method} (${index.keys.join(',')})${where}`,
        );
      }
    }
    for (const view of schema.views ?? []) {
      const name = `${schema.name}.${view.name}`;
      for (const column of view.columns)
        facts.add(`${name} view column ${column.position} ${column.name} ${column.type}`);
      facts.add(`${name} view insertable ${view.insertable} updatable ${view.updatable}`);
    }
  }
  return facts;
}

/** What the first set has and the second lacks, sorted. */
export function missing(from: Facts, inside: Facts): string[] {
  return [...from].filter((fact) => !inside.has(fact)).sort();
}
