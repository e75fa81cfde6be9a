import Type from 'typebox';
import { Cursor, Nullable, Timestamp, Uuid } from '../platform/http/schemas.ts';

const closed = { additionalProperties: false } as const;
const Reason = Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the log' }));
const Table = Type.Union([Type.Literal('shows'), Type.Literal('people')]);

/** How a list of decisions or merges is read. */
export const AdminPageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most this many' }),
  cursor: Cursor,
});
export const OverridesParams = Type.Object({ table: Table, id: Uuid() });
export const OverrideParams = Type.Object({
  ...OverridesParams.properties,
  field: Type.String({ minLength: 1, maxLength: 63, description: 'Column of the row, e.g. name' }),
});
export const NewOverride = Type.Object({
  value: Nullable(
    Type.String({
      maxLength: 20_000,
      description: 'As text: numbers and dates as written, lists as JSON; null for none',
    }),
  ),
  reason: Reason,
});
export const Override = Type.Object(
  {
    field: Type.String(),
    value: Type.Unknown(),
    reason: Nullable(Type.String()),
    actor: Type.String(),
    updated_at: Timestamp(),
  },
  closed,
);
export const OverrideChange = Type.Object(
  { field: Type.String(), value: Type.Unknown(), before: Type.Unknown(), changed: Type.Boolean() },
  closed,
);

export const ImageParams = Type.Object({
  kind: Type.Union([Type.Literal('show'), Type.Literal('season'), Type.Literal('cast')]),
  image_id: Uuid(),
});
export const Archiving = Type.Object({ archived: Type.Boolean(), reason: Reason });
export const Archived = Type.Object({ id: Uuid(), archived: Type.Boolean(), changed: Type.Boolean() }, closed);
export const PhotoParams = Type.Object({ image_id: Uuid() });
export const Reassignment = Type.Object({ person_id: Uuid(), reason: Reason });
export const Reassigned = Type.Object({ id: Uuid(), person_id: Uuid() }, closed);

export const MergeParams = Type.Object({ kind: Type.Union([Type.Literal('shows'), Type.Literal('people')]) });
export const Merge = Type.Object(
  {
    id: Uuid(),
    source_id: Uuid(),
    source_name: Type.String(),
    target_id: Uuid(),
    target_name: Type.String(),
    actor: Type.String(),
    reason: Nullable(Type.String()),
    merged_at: Timestamp(),
    undone_at: Nullable(Timestamp()),
    undone_by: Nullable(Type.String()),
  },
  closed,
);
export const SplitParams = Type.Object({ ...MergeParams.properties, merge_id: Uuid() });
export const NewMerge = Type.Object({
  source_id: Uuid(),
  target_id: Uuid(),
  reason: Reason,
  dry_run: Type.Optional(Type.Boolean({ description: 'Report what would happen and change nothing' })),
});
export const Undo = Type.Object({ dry_run: Type.Optional(Type.Boolean()) });
export const Report = Type.Record(Type.String(), Type.Unknown(), { description: 'What was moved, united and kept' });
