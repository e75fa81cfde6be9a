import { statement } from '../../platform/db/statement.ts';

/** Values: table, row, field, value, reason, actor. No row when exactly this override stands already. */
export const SET_OVERRIDE = statement(
  'catalogue.overrides.set',
  `insert into core.overrides as o (table_name, row_key, field, value, reason, actor) values ($1, $2, $3, $4, $5, $6)
   on conflict (table_name, row_key, field) do update
     set value = excluded.value, reason = excluded.reason, actor = excluded.actor where o.value <> excluded.value
   returning id`,
  { id: 'uuid' },
);

export const CLEAR_OVERRIDE = statement(
  'catalogue.overrides.clear',
  'delete from core.overrides where table_name = $1 and row_key = $2 and field = $3 returning value',
  { value: 'jsonb' },
);

/** Values: table, row or null for all rows, limit; of one row's: the last field seen, or null. */
export const LIST_OVERRIDES = statement(
  'catalogue.overrides.list',
  `select o.row_key, coalesce(s.name, p.full_name) as name, o.field, o.value, o.actor, o.reason, o.updated_at
   from core.overrides o
   left join core.shows s on o.table_name = 'shows' and s.id::text = o.row_key
   left join core.people p on o.table_name = 'people' and p.id::text = o.row_key
   where o.table_name = $1 and ($2::text is null or o.row_key = $2) and ($4::text is null or o.field > $4)
   order by coalesce(s.name, p.full_name) collate "und-x-icu", o.row_key, o.field limit $3`,
  {
    row_key: 'text',
    name: 'text?',
    field: 'text',
    value: 'jsonb',
    actor: 'text',
    reason: 'text?',
    updated_at: 'timestamptz',
  },
);
