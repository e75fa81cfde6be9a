import Type, { type Static } from 'typebox';
import { Cursor, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { STAGE_NAMES } from '../stage.ts';
import { TROUBLE } from './read.ts';

const closed = { additionalProperties: false } as const;
const Json = Type.Record(Type.String(), Type.Unknown());

const runMembers = {
  id: Uuid(),
  who: Type.String(),
  command: Type.String(),
  params: Json,
  mode: Type.String({ description: 'process: one process carries it out; workers: all workers do' }),
  priority: Type.Integer(),
  schedule: Nullable(Type.String({ description: 'The timetable entry that asked for it' })),
  status: Type.String({ description: 'queued, running, succeeded, partial, failed, cancelled or interrupted' }),
  counts: Json,
  requests: Json,
  created_at: Timestamp(),
  started_at: Nullable(Timestamp()),
  finished_at: Nullable(Timestamp()),
  cancel_requested_at: Nullable(Timestamp()),
  error: Nullable(Type.String()),
};

export const Run = Type.Object(runMembers, closed);

const unitMembers = {
  stage: Type.String({ description: 'job: a show that was given up' }),
  subject: Type.String(),
  show_name: Nullable(Type.String()),
  status: Type.String(),
  reason: Nullable(Type.String()),
  attempt: Type.Integer(),
  error_kind: Nullable(Type.String()),
  error_detail: Nullable(Type.String()),
  error_upstream: Nullable(Type.String()),
  http_status: Nullable(Type.Integer()),
};

export const RunDetail = Type.Object(
  {
    ...runMembers,
    code_version: Nullable(Type.String()),
    event_count: Type.Integer(),
    planned_at: Nullable(Timestamp()),
    shows_total: Type.Integer(),
    warnings: Type.Array(Type.String()),
    units: Type.Array(Type.Object({ stage: Type.String(), status: Type.String(), units: Type.Integer() }, closed)),
    troubled: Type.Array(Type.Object({ ...unitMembers, finished_at: Nullable(Timestamp()) }, closed), {
      description: 'What failed, was partial, was skipped or waits, worst first; all of it: `listTroubledUnits`',
    }),
  },
  closed,
);

export const TroubledUnit = Type.Object(
  { run_id: Uuid(), command: Type.String(), show_id: Nullable(Uuid()), ...unitMembers, at: Timestamp() },
  closed,
);

export const RunsQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most this many runs' }),
  cursor: Cursor,
  status: Type.Optional(
    Type.Enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'interrupted'], {
      description: 'Only runs in this state',
    }),
  ),
});

export const RunParams = Type.Object({ run_id: Uuid() });

export const RunQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 1000, default: 100, description: 'At most this many troubled units' }),
});

export const UnitsQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most this many units' }),
  cursor: Cursor,
  run_id: Type.Optional(Uuid()),
  stage: Type.Optional(Type.String({ maxLength: 100 })),
  show_id: Type.Optional(Uuid()),
  upstream: Type.Optional(Type.String({ maxLength: 100, description: 'A source: tmdb' })),
  status: Type.Optional(Type.Enum([...TROUBLE])),
  http_status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
  attempt: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'At least so many tries' })),
  kind: Type.Optional(Type.String({ maxLength: 100, description: 'Kind of error: rate_limited, given_up' })),
});

export const EventsQuery = Type.Object({
  after_seq: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2 ** 53 - 1,
      description: 'Only events after this number; else `Last-Event-ID`, else all',
    }),
  ),
});

const Stage = Type.Enum([...STAGE_NAMES]);
const tmdbId = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const imdbId = Type.String({ pattern: '^tt[0-9]{1,12}$' });

/** What an administrator asks for; one closed object, as everything not named is a mistake. */
export const NewRun = Type.Object(
  {
    command: Type.Enum(['sync', 'import']),
    stages: Type.Optional(Type.Array(Stage, { minItems: 1, maxItems: 50, description: 'Default: all but mirror' })),
    show_ids: Type.Optional(Type.Array(Uuid(), { maxItems: 1000, description: 'sync: only these shows' })),
    tmdb_ids: Type.Optional(Type.Array(tmdbId, { maxItems: 1000 })),
    imdb_ids: Type.Optional(Type.Array(imdbId, { maxItems: 1000 })),
    tmdb_lists: Type.Optional(
      Type.Array(Type.String({ pattern: '^[0-9]{1,12}$' }), {
        maxItems: 100,
        description: 'import: numbers of TMDb lists',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'At most so many shows' })),
    force: Type.Boolean({ default: false, description: 'Ignore what is recorded about earlier runs' }),
    incremental: Type.Boolean({ default: true, description: 'Skip what is up to date' }),
    resume: Type.Boolean({ default: true, description: 'Take up again what failed or was partly done' }),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'Also redo what last succeeded before' })),
    priority: Type.Integer({ minimum: -100, maximum: 100, default: 0, description: 'Higher goes first' }),
  },
  closed,
);
export type NewRun = Static<typeof NewRun>;

export const RunState = Type.Object(
  {
    id: Uuid(),
    status: Type.String(),
    workers: Type.Integer({ description: 'Workers that live; without one a queued run waits' }),
  },
  closed,
);
