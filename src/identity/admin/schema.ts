import Type from 'typebox';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';

export const AuditEntry = Type.Object(
  {
    id: Type.String({ description: 'Grows with time' }),
    at: Timestamp(),
    actor_id: Nullable(Uuid()),
    actor: Type.String({ description: 'User id, or which program and why' }),
    action: Type.String(),
    target_type: Type.String(),
    target_id: Type.String(),
    before: Type.Unknown(),
    after: Type.Unknown(),
    reason: Nullable(Type.String()),
  },
  { additionalProperties: false },
);

export const AuditQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 100, default: 50, description: 'At most this many rows' }),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Opaque, from `Link: rel="next"`' })),
  target_type: Type.Optional(
    Type.String({ minLength: 1, maxLength: 60, description: 'e.g. thread, post, report, show, user' }),
  ),
  target_id: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Only with `target_type`' })),
});

export const Admin = Type.Object(
  {
    user_id: Uuid(),
    email: Nullable(Type.String()),
    handle: Nullable(Type.String()),
    granted_by: Type.String(),
    created_at: Timestamp(),
  },
  { additionalProperties: false },
);

export const AdminParams = Type.Object({ user_id: Uuid() });
export const AdminReason = Type.Object({
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the log' })),
});
export const AdminChange = Type.Object(
  { user_id: Uuid(), admin: Type.Boolean(), changed: Type.Boolean() },
  { additionalProperties: false },
);
