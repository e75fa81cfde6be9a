import { statement } from '../../platform/db/statement.ts';

const COLUMNS = `c.id, c.txid, c.at, c.run_id, c.stage, c.table_name, c.row_key, c.about_show as show_id, c.op, c.fields, c.licences`;
const TYPES = {
  id: 'int8',
  txid: 'int8',
  at: 'timestamptz',
  run_id: 'uuid?',
  stage: 'text?',
  table_name: 'text',
  row_key: 'text',
  show_id: 'uuid?',
  op: 'text',
  fields: 'jsonb?',
  licences: '_text',
} as const;

/**
 * The history behind a place in it (`$1`, `$2`; -1 is the beginning) or from a moment on (`$3`), in the order in which its transactions
 * became visible: what belongs to one that is still at work, or to a later one, waits.
 */
export const CHANGES_AFTER = statement(
  'pipeline.changes.after',
  `select ${COLUMNS} from pipeline.changes c
   where (c.txid, c.id) > ($1::int8, $2::int8) and ($3::timestamptz is null or c.at >= $3)
     and c.txid < pg_snapshot_xmin(pg_current_snapshot())::text::int8
     and ($4::uuid is null or c.about_show = $4)
     and c.table_name = any($5::text[])
   order by c.txid, c.id limit $6`,
  TYPES,
);

/** Where the history ends now: a reader who begins here hears only of what comes. */
export const CHANGES_END = statement(
  'pipeline.changes.end',
  `select coalesce(max(txid), -1)::int8 as txid, coalesce(max(id), -1)::int8 as id from pipeline.changes
   where txid < pg_snapshot_xmin(pg_current_snapshot())::text::int8`,
  { txid: 'int8', id: 'int8' },
);

/** What one run changed, in order; `$2`: behind this number. */
export const CHANGES_OF_RUN = statement(
  'pipeline.changes.of_run',
  `select ${COLUMNS}, coalesce(s.name, p.full_name) as subject from pipeline.changes c
   left join core.shows s on s.id = c.about_show
   left join core.people p on c.table_name = 'core.people' and p.id::text = c.row_key
   where c.run_id = $1 and c.id > $2 and ($3::uuid is null or c.about_show = $3) and ($4::text is null or c.stage = $4)
   order by c.id limit $5`,
  { ...TYPES, subject: 'text?' },
);

export const FORGET_CHANGES = statement(
  'pipeline.changes.forget',
  `delete from pipeline.changes where id in (
     select id from pipeline.changes where at < $1 order by at limit 10000)
   returning 1 as done`,
  { done: 'int4' },
);
