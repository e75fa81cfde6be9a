import { jsonObject } from '../../catalogue/sql.ts';
import { statement } from '../../platform/db/statement.ts';

/** Values: type, id, reason, note or null. */
export const REPORT = statement(
  'community.moderation.report',
  '/* createReport */ select social.report($1, $2::uuid, $3, $4) as id',
  { id: 'uuid?' },
);

const TARGET = 'coalesce(r.thread_id, r.post_id, r.message_id, r.user_id)';

const REPORT_OBJECT = jsonObject({
  id: 'r.id',
  type: `case when r.thread_id is not null then 'thread' when r.post_id is not null then 'post'
      when r.message_id is not null then 'message' else 'user' end`,
  target_id: TARGET,
  excerpt: `left(coalesce((select t.title from social.threads t where t.id = r.thread_id),
      (select p.body from social.posts p where p.id = r.post_id), social.reported_message(r.message_id)), 300)`,
  reason: 'r.reason',
  note: 'r.note',
  status: 'r.status',
  reporter_id: 'r.reporter_id',
  resolved_by: 'r.resolved_by',
  resolved_at: 'r.resolved_at',
  created_at: 'r.created_at',
});

function reportPage(name: string, after: string) {
  return statement(
    `community.moderation.${name}`,
    `/* listReports */
with page as (
  select * from social.reports r where r.status = $1${after} order by r.created_at, r.id limit $2::int + 1 offset $3::int
), r as (
  select p.*, row_number() over (order by p.created_at, p.id) as n from page p
)
select coalesce(json_agg(${REPORT_OBJECT} order by r.n) filter (where r.n <= $2::int), '[]'::json)::text as body,
  count(*) > $2::int as more, max(r.created_at) filter (where r.n = $2::int) as last_time,
  (max(r.id::text) filter (where r.n = $2::int))::uuid as last_id
from r`,
    { body: 'text', more: 'bool', last_time: 'timestamptz?', last_id: 'uuid?' },
  );
}

/** Values: status, limit, offset; then time and id of the last row. Oldest first: nobody waits for ever. */
export const REPORTS = {
  first: reportPage('reports', ''),
  after: reportPage('reportsAfter', ' and (r.created_at, r.id) > ($4::timestamptz, $5::uuid)'),
};

/** Values: report. */
export const REPORT_BY_ID = statement(
  'community.moderation.reportById',
  `/* resolveReport */ select ${REPORT_OBJECT}::text as body from social.reports r where r.id = $1::uuid`,
  { body: 'text' },
);

/** Values: report, dismiss, reason or null. */
export const RESOLVE = statement(
  'community.moderation.resolve',
  '/* resolveReport */ select social.resolve_report($1::uuid, $2, $3)::text as done',
  { done: 'text?' },
);

/** Values: thread, locked, reason or null. */
export const SET_LOCK = statement(
  'community.moderation.setLock',
  '/* setThreadLock */ select social.set_thread_lock($1::uuid, $2, $3) as changed',
  { changed: 'bool?' },
);

/** Values: thread, removed, reason or null. */
export const SET_REMOVED = statement(
  'community.moderation.setRemoved',
  '/* setThreadRemoved */ select social.set_thread_removed($1::uuid, $2, $3) as changed',
  { changed: 'bool?' },
);

/** Values: post, reason or null. */
export const RESTORE_POST = statement(
  'community.moderation.restorePost',
  '/* restorePost */ select social.restore_post($1::uuid, $2)::text as done',
  { done: 'text?' },
);
