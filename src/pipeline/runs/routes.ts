import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Caller } from '../../platform/auth/caller.ts';
import { adminOnly, callerOf } from '../../platform/auth/guards.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import { notFound, Problem } from '../../platform/errors/problem.ts';
import { decodeCursor, decodeTimeCursor, encodeCursor, encodeTimeCursor } from '../../platform/http/cursor.ts';
import { PRIVATE_CACHE_CONTROL, sendPrivate, sendPrivatePage, sendWrite } from '../../platform/http/private-answer.ts';
import { isoTime } from '../../platform/http/schemas.ts';
import { LONGEST_MS, runEventStream } from './event-stream.ts';
import { RUN_TOTALS } from './queries.ts';
import { failureKey, listFailures, listRuns, showRun, TROUBLE } from './read.ts';
import * as schema from './schema.ts';
import { cancelRun, resumeRun, startRun } from './service.ts';

const tags = ['admin'];
/** Streams of one process at once: each asks the database twice a second. */
const MAX_STREAMS = 20;

/** Imports and syncs for administrators, under `/api/v1/admin/runs`. */
export function runRoutes(db: Database, codeVersion: string): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(readRoutes(db));
    await app.register(controlRoutes(db, codeVersion));
    await app.register(eventRoutes(db));
  };
}

function readRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listRuns',
          summary: 'Imports and syncs, the newest first',
          tags,
          querystring: schema.RunsQuery,
          response: { 200: Type.Array(schema.Run) },
        },
      },
      async (request, reply) => {
        const { limit, status, cursor } = request.query;
        const after = decodeTimeCursor('runs', cursor);
        const found = await listRuns(db, {
          limit: limit + 1,
          ...(status === undefined ? {} : { status }),
          ...(after === undefined ? {} : { after }),
        });
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const next =
          found.length > limit && last !== undefined
            ? encodeTimeCursor('runs', { time: last.created_at, id: last.id })
            : undefined;
        return sendPrivatePage(request, reply, { body: JSON.stringify(page.map(withTimes)), next });
      },
    );
    app.get(
      '/units',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listTroubledUnits',
          summary: 'What failed, was partial, was skipped or waits, over all runs, the newest first',
          tags,
          querystring: schema.UnitsQuery,
          response: { 200: Type.Array(schema.TroubledUnit) },
        },
      },
      async (request, reply) => {
        const { limit, cursor, status, run_id, stage, show_id, upstream, http_status, attempt, kind } = request.query;
        const [time, key] = cursor === undefined ? [] : decodeCursor('units', cursor, isUnitKey);
        const found = await listFailures(db, {
          statuses: status === undefined ? TROUBLE : [status],
          runId: run_id ?? null,
          stage: stage ?? null,
          showId: show_id ?? null,
          upstream: upstream ?? null,
          httpStatus: http_status ?? null,
          attempt: attempt ?? null,
          kind: kind ?? null,
          limit: limit + 1,
          ...(time === undefined ? {} : { after: { time: String(time), key: String(key) } }),
        });
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const next =
          found.length > limit && last !== undefined ? encodeCursor('units', [last.at, failureKey(last)]) : undefined;
        const body = page.map((unit) => ({ ...unit, at: isoTime(unit.at) }));
        return sendPrivatePage(request, reply, { body: JSON.stringify(body), next });
      },
    );
    app.get(
      '/:run_id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'getRun',
          summary: 'One run: what was done, what failed and why',
          tags,
          params: schema.RunParams,
          querystring: schema.RunQuery,
          response: { 200: schema.RunDetail },
        },
      },
      async (request, reply) => {
        const found = await showRun(db, request.params.run_id.toLowerCase(), request.query.limit);
        if (found === undefined || found === 'ambiguous') throw notFound('Run');
        const { run, units, troubled } = found;
        return sendPrivate(reply, {
          ...withTimes(run),
          planned_at: isoTime(run.planned_at),
          event_count: Number(run.event_count),
          units,
          troubled: troubled.map((unit) => ({ ...unit, finished_at: isoTime(unit.finished_at) })),
        });
      },
    );
  };
}

function controlRoutes(db: Database, codeVersion: string): FastifyPluginAsyncTypebox {
  return async (app) => {
    const write = (request: FastifyRequest, reply: FastifyReply, reason: string, fn: (tx: Scope) => Promise<unknown>) =>
      sendWrite(request, reply, { db, caller: callerOf(request), reason, as: 'service' }, fn);
    app.post(
      '/',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'startRun',
          summary: 'Queue an import or a sync for the workers',
          tags,
          body: schema.NewRun,
          response: { 200: schema.RunState },
        },
      },
      async (request, reply) =>
        write(request, reply, 'startRun', (tx) => startRun(tx, request.body, whoIs(callerOf(request)), codeVersion)),
    );
    app.post(
      '/:run_id/cancel',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'cancelRun',
          summary: 'Ask whoever works on a run to stop; units at work get 10 s',
          tags,
          params: schema.RunParams,
          response: { 200: schema.RunState },
        },
      },
      async (request, reply) =>
        write(request, reply, 'cancelRun', (tx) => cancelRun(tx, request.params.run_id.toLowerCase())),
    );
    app.post(
      '/:run_id/resume',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'resumeRun',
          summary: 'Give a run that ended before it was through back to the workers; what succeeded is not done again',
          tags,
          params: schema.RunParams,
          response: { 200: schema.RunState },
        },
      },
      async (request, reply) =>
        write(request, reply, 'resumeRun', (tx) => resumeRun(tx, request.params.run_id.toLowerCase())),
    );
  };
}

function eventRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    const closing = new AbortController();
    app.addHook('preClose', async () => closing.abort());
    let streams = 0;
    app.get(
      '/:run_id/events',
      {
        preValidation: adminOnly,
        // The stream's own limit ends it; this one is for answers.
        handlerTimeout: LONGEST_MS + 60_000,
        schema: {
          operationId: 'followRun',
          summary: 'What happens in a run, as server-sent events, until it ends',
          tags,
          params: schema.RunParams,
          querystring: schema.EventsQuery,
          response: { 200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } } },
        },
      },
      async (request, reply) => {
        const runId = request.params.run_id.toLowerCase();
        const known = await db.asService('run follow', (tx) => tx.one(RUN_TOTALS, [runId]));
        if (known === undefined) throw notFound('Run');
        if (streams >= MAX_STREAMS) {
          throw new Problem({
            status: 503,
            code: 'too_many_streams',
            detail: 'Too many runs are being followed: try again later',
            retryable: true,
            retryAfterMs: 5_000,
          });
        }
        streams += 1;
        const stream = runEventStream(db, runId, request.query.after_seq ?? lastEventId(request), closing.signal);
        stream.once('close', () => {
          streams -= 1;
        });
        // No proxy may keep events back; and what is encoded already is not compressed, which would.
        return reply
          .header('cache-control', `${PRIVATE_CACHE_CONTROL}, no-transform`)
          .header('content-encoding', 'identity')
          .header('x-accel-buffering', 'no')
          .type('text/event-stream; charset=utf-8')
          .send(stream as never);
      },
    );
  };
}

function lastEventId(request: FastifyRequest): number {
  const text = String(request.headers['last-event-id'] ?? '');
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** As the run's record names who asked. */
function whoIs(caller: Caller): string {
  return caller.kind === 'user' ? caller.userId : `service ${caller.issuer}`;
}

function isUnitKey(key: readonly unknown[]): boolean {
  const [at, id] = key;
  if (key.length !== 2 || typeof at !== 'string' || typeof id !== 'string') return false;
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/.test(at) && !Number.isNaN(Date.parse(at));
}

interface Times {
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly cancel_requested_at: string | null;
}

function withTimes<R extends Times>(run: R): R {
  const { created_at, started_at, finished_at, cancel_requested_at } = run;
  return {
    ...run,
    created_at: isoTime(created_at),
    started_at: isoTime(started_at),
    finished_at: isoTime(finished_at),
    cancel_requested_at: isoTime(cancel_requested_at),
  };
}
