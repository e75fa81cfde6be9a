import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { adminOnly } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPrivate } from '../../platform/http/private-answer.ts';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { listRuns, showRun } from './read.ts';

const closed = { additionalProperties: false } as const;
const Json = Type.Record(Type.String(), Type.Unknown());

const runMembers = {
  id: Uuid(),
  who: Type.String(),
  command: Type.String(),
  params: Json,
  status: Type.String({ description: 'queued, running, succeeded, partial, failed, cancelled or interrupted' }),
  counts: Json,
  requests: Json,
  started_at: Nullable(Timestamp()),
  finished_at: Nullable(Timestamp()),
  error: Nullable(Type.String()),
};
const Run = Type.Object(runMembers, closed);
const RunDetail = Type.Object(
  {
    ...runMembers,
    code_version: Nullable(Type.String()),
    event_count: Type.Integer(),
    units: Type.Array(Type.Object({ stage: Type.String(), status: Type.String(), units: Type.Integer() }, closed)),
    troubled: Type.Array(
      Type.Object(
        {
          stage: Type.String(),
          subject: Type.String(),
          show_name: Nullable(Type.String()),
          status: Type.String(),
          reason: Nullable(Type.String()),
          attempt: Type.Integer(),
          error_kind: Nullable(Type.String()),
          error_detail: Nullable(Type.String()),
          error_upstream: Nullable(Type.String()),
          http_status: Nullable(Type.Integer()),
          finished_at: Nullable(Timestamp()),
        },
        closed,
      ),
      { description: 'What failed, was partial or was skipped, worst first' },
    ),
  },
  closed,
);

const RunsQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most this many runs' }),
});
const RunQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 1000, default: 100, description: 'At most this many troubled units' }),
});
const tags = ['admin'];

/** Imports and syncs for administrators, under `/api/v1/admin/runs`. */
export function runRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listRuns',
          summary: 'The newest imports and syncs',
          tags,
          querystring: RunsQuery,
          response: { 200: Type.Array(Run) },
        },
      },
      async (request, reply) => sendPrivate(reply, (await listRuns(db, { limit: request.query.limit })).map(withTimes)),
    );
    app.get(
      '/:run_id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'getRun',
          summary: 'One run: what was done, what failed and why',
          tags,
          params: Type.Object({ run_id: Uuid() }),
          querystring: RunQuery,
          response: { 200: RunDetail },
        },
      },
      async (request, reply) => {
        const found = await showRun(db, request.params.run_id.toLowerCase(), request.query.limit);
        if (found === undefined || found === 'ambiguous') throw notFound('Run');
        const { run, units, troubled } = found;
        return sendPrivate(reply, {
          ...withTimes(run),
          event_count: Number(run.event_count),
          units,
          troubled: troubled.map((unit) => ({ ...unit, finished_at: isoTime(unit.finished_at) })),
        });
      },
    );
  };
}

function withTimes<R extends { started_at: string | null; finished_at: string | null }>(run: R): R {
  return { ...run, started_at: isoTime(run.started_at), finished_at: isoTime(run.finished_at) };
}

/** PostgreSQL's text of a time in UTC, as ISO 8601 (C19). */
function isoTime(text: string | null): string | null {
  return text === null ? null : text.replace(' ', 'T').replace(/\+00$/, '+00:00');
}
