import { statement } from '../../platform/db/statement.ts';

/** The caller. Row security shows nobody else. */
export const ME = statement(
  'identity.profiles.me',
  `/* getMe */ select json_build_object('id', u.id, 'email', u.email, 'handle', p.handle, 'display_name', p.display_name,
  'avatar_url', p.avatar_url, 'is_admin', identity.is_admin(), 'created_at', u.created_at)::text as body
from identity.users u left join social.profiles p on p.user_id = u.id where u.id = identity.uid()`,
  { body: 'text' },
);

/** Values: handle, display_name, avatar_url. */
export const SET_PROFILE = statement(
  'identity.profiles.set',
  `/* updateMe */ insert into social.profiles (user_id, handle, display_name, avatar_url) values (identity.uid(), $1, $2, $3)
on conflict (user_id) do update set handle = excluded.handle, display_name = excluded.display_name, avatar_url = excluded.avatar_url`,
  {},
);

const PROFILE = `select json_build_object('user_id', p.user_id, 'handle', p.handle, 'display_name', p.display_name,
  'avatar_url', p.avatar_url, 'created_at', p.created_at)::text as body from social.profiles p`;

/** Values: handle, whatever its case. */
export const PROFILE_BY_HANDLE = statement(
  'identity.profiles.byHandle',
  `/* getProfile */ ${PROFILE} where lower(p.handle) = lower($1)`,
  { body: 'text' },
);

/** Values: user. */
export const PROFILE_BY_ID = statement(
  'identity.profiles.byId',
  `/* getProfile */ ${PROFILE} where p.user_id = $1::uuid`,
  {
    body: 'text',
  },
);

/** Values: user. Everything of the account goes or loses its author, as the foreign keys say (docs/db/decisions.md). */
export const DELETE_USER = statement(
  'identity.users.delete',
  '/* deleteMe */ delete from identity.users where id = $1::uuid',
  {},
);
