import Type from 'typebox';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { TimePageQuery } from '../discussions/schema.ts';

export const REASONS = ['spam', 'harassment', 'hate', 'spoiler', 'sexual', 'violence', 'illegal', 'other'] as const;

const Reason = Type.Optional(
  Nullable(Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the moderator log' })),
);

export const NewReport = Type.Object({
  type: Type.Union(
    ['thread', 'post', 'message', 'user'].map((name) => Type.Literal(name)),
    { description: 'What is reported' },
  ),
  id: Uuid(),
  reason: Type.Union(REASONS.map((name) => Type.Literal(name))),
  note: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
});

export const ReportId = Type.Object({ id: Uuid() }, { additionalProperties: false });

export const Report = Type.Object(
  {
    id: Uuid(),
    type: Type.String({ description: 'thread, post, message or user' }),
    target_id: Uuid(),
    excerpt: Nullable(
      Type.String({ description: 'Begin of the text that was reported; a message only as far as it was reported' }),
    ),
    reason: Type.String(),
    note: Nullable(Type.String()),
    status: Type.String({ description: 'open, resolved or dismissed' }),
    reporter_id: Nullable(Uuid()),
    resolved_by: Nullable(Uuid()),
    resolved_at: Nullable(Timestamp()),
    created_at: Timestamp(),
  },
  { additionalProperties: false },
);

export const ReportsQuery = Type.Object({
  ...TimePageQuery.properties,
  status: Type.Union(
    ['open', 'resolved', 'dismissed'].map((name) => Type.Literal(name)),
    { default: 'open' },
  ),
});

export const ReportParams = Type.Object({ report_id: Uuid() });
export const Resolution = Type.Object({
  status: Type.Union([Type.Literal('resolved'), Type.Literal('dismissed')]),
  reason: Reason,
});
export const Lock = Type.Object({ locked: Type.Boolean(), reason: Reason });
export const Removal = Type.Object({ removed: Type.Boolean(), reason: Reason });
export const Restoration = Type.Object({ reason: Reason });
