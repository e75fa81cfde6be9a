import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';

const profileMembers = {
  handle: Nullable(Type.String()),
  display_name: Nullable(Type.String()),
  avatar_url: Nullable(Type.String()),
};

export const Me = Type.Object(
  {
    id: Uuid(),
    email: Nullable(Type.String()),
    ...profileMembers,
    is_admin: Type.Boolean(),
    created_at: Timestamp(),
  },
  { additionalProperties: false },
);

/** What everybody may see of a person. */
export const PublicProfile = Type.Object(
  { user_id: Uuid(), ...profileMembers, created_at: Timestamp() },
  { additionalProperties: false },
);

export const ProfileEdit = Type.Object({
  handle: Type.String({
    pattern: '^[A-Za-z0-9_]{3,30}$',
    description: '3 to 30 letters, digits and underscores; unique without regard to case',
  }),
  display_name: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }))),
  avatar_url: Type.Optional(Nullable(Type.String({ maxLength: 2000, pattern: '^https://[^\\s]+$' }))),
});
export type ProfileEdit = Static<typeof ProfileEdit>;

export const ProfileParams = Type.Object({
  handle: Type.String({ minLength: 1, maxLength: 40, description: 'Handle, in any case, or user id' }),
});

export const Deletion = Type.Object({
  confirm: Type.Literal('delete', { description: 'Says that this is meant: it cannot be undone' }),
});
export const Deleted = Type.Object({ id: Uuid(), deleted: Type.Literal(true) }, { additionalProperties: false });

export const Export = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Everything kept about the person, one member per kind, each a list',
});
