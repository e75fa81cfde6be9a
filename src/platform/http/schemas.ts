import Type, { type TSchema, type TUnion } from 'typebox';

/** `T | null`. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, ReturnType<typeof Type.Null>]> {
  return Type.Union([schema, Type.Null()]);
}

export const Uuid = () => Type.String({ format: 'uuid' });

/** Calendar date, `YYYY-MM-DD` (C19). */
export const CalendarDate = () => Type.String({ format: 'date' });

/** Timestamp with microseconds and offset, e.g. `2026-01-31T12:00:00.123456+00:00` (C19). */
export const Timestamp = () => Type.String({ format: 'date-time' });

/** PostgreSQL's text of a time in UTC, as ISO 8601 (C19). */
export function isoTime<T extends string | null>(text: T): T {
  return (text === null ? null : text.replace(' ', 'T').replace(/\+00$/, '+00:00')) as T;
}

/** Where a list goes on (C17). */
export const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 1000, description: 'Opaque, from `Link: rel="next"`' }),
);

/** `limit` 0..100 (default 50), `offset` (C14-C16) and the opaque cursor of a `Link: rel="next"` (C17). */
export const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 100, default: 50, description: 'At most this many rows' }),
  offset: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0, description: 'Rows to skip' }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'Opaque, from `Link: rel="next"`; `offset` counts from there',
    }),
  ),
});

const InputErrorSchema = Type.Object({
  type: Type.String(),
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
  msg: Type.String(),
  ctx: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const problemMembers = {
  type: Type.String({ description: 'URI reference naming the kind of problem' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'Stable name; switch on this' }),
  retryable: Type.Boolean({ description: 'Whether the same request may succeed later' }),
  request_id: Type.String(),
  retry_after_ms: Type.Optional(Type.Integer()),
};

/** RFC 9457 problem object (decision C1). */
export const ProblemSchema = Type.Object(
  { ...problemMembers, detail: Type.String(), errors: Type.Optional(Type.Array(InputErrorSchema)) },
  { additionalProperties: false },
);

/** A 422 in `application/json`: `detail` is the array (decision C2). */
export const InvalidInputSchema = Type.Object(
  { ...problemMembers, detail: Type.Array(InputErrorSchema) },
  { additionalProperties: false },
);
