import { statement } from '../../platform/db/statement.ts';

const ENTRY = `json_build_object('id', a.id::text, 'at', a.at, 'actor_id', a.actor_id, 'actor', a.actor, 'action', a.action,
  'target_type', a.target_type, 'target_id', a.target_id, 'before', a.before, 'after', a.after, 'reason', a.reason)`;

function auditPage(name: string, where: string) {
  return statement(
    `identity.audit.${name}`,
    `/* listAudit */
with page as (
  select * from identity.audit_log a where a.id < $2::bigint${where} order by a.id desc limit $1::int + 1
), a as (
  select p.*, row_number() over (order by p.id desc) as n from page p
)
select coalesce(json_agg(${ENTRY} order by a.n) filter (where a.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more, (max(a.id) filter (where a.n = $1::int))::text as last_id
from a`,
    { body: 'text', more: 'bool', last_id: 'text?' },
  );
}

/** Values: limit, id to begin below; then the target's type and id. Newest first; row security shows it to administrators. */
export const AUDIT = {
  all: auditPage('all', ''),
  ofType: auditPage('ofType', ' and a.target_type = $3'),
  ofTarget: auditPage('ofTarget', ' and a.target_type = $3 and a.target_id = $4'),
} as const;

/** Administrators, oldest first. Read as the service: clients cannot read the list, only the guard's word lets them ask. */
export const ADMINS = statement(
  'identity.admins.list',
  `/* listAdmins */ select coalesce(json_agg(json_build_object('user_id', a.user_id, 'email', u.email, 'handle', p.handle,
  'granted_by', a.granted_by, 'created_at', a.created_at) order by a.created_at, a.user_id), '[]'::json)::text as body
from (select * from identity.admins order by created_at, user_id limit 1000) a
join identity.users u on u.id = a.user_id left join social.profiles p on p.user_id = a.user_id`,
  { body: 'text' },
);

/** Values: user, whether an administrator, reason or null. */
export const SET_ADMIN = statement(
  'identity.admins.set',
  '/* setAdmin */ select identity.set_admin($1::uuid, $2, $3) as changed',
  { changed: 'bool?' },
);
