import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Caller } from '../platform/auth/caller.ts';
import { adminOnly, callerOf } from '../platform/auth/guards.ts';
import type { Database } from '../platform/db/types.ts';
import { notFound, Problem } from '../platform/errors/problem.ts';
import { decodeCursor, decodeTimeCursor, encodeCursor, encodeTimeCursor } from '../platform/http/cursor.ts';
import { sendPrivate, sendPrivatePage, sendWrite } from '../platform/http/private-answer.ts';
import { isoTime } from '../platform/http/schemas.ts';
import * as schema from './admin-schema.ts';
import { REASSIGN_PHOTO, SET_ARCHIVED } from './images/queries.ts';
import { Refused } from './merging/refused.ts';
import { type ChangeOptions, listMerges, merge, split } from './merging/service.ts';
import { clearOverride, listOverrides, setOverride } from './overrides/service.ts';

const tags = ['admin'];
const KINDS = { shows: 'show', people: 'person' } as const;

/** What administrators do with the catalogue by hand, under `/api/v1/admin`; the same services as `trr shows` and `trr people`. */
export function catalogueAdminRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(overrideRoutes(db));
    await app.register(imageAdminRoutes(db));
    await app.register(mergeRoutes(db));
  };
}

function overrideRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/overrides/:table/:id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listOverrides',
          summary: 'What somebody decided by hand about a show or person',
          tags,
          params: schema.OverridesParams,
          querystring: schema.AdminPageQuery,
          response: { 200: Type.Array(schema.Override) },
        },
      },
      async (request, reply) => {
        const { table, id } = request.params;
        const { limit, cursor } = request.query;
        const after = cursor === undefined ? null : String(decodeCursor('overrides', cursor, isField)[0]);
        const found = await listOverrides(db, table, id.toLowerCase(), limit + 1, after);
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const next = found.length > limit && last !== undefined ? encodeCursor('overrides', [last.field]) : undefined;
        const body = page.map(({ field, value, reason, actor, updated_at }) => {
          return { field, value, reason, actor, updated_at: isoTime(updated_at) };
        });
        return sendPrivatePage(request, reply, { body: JSON.stringify(body), next });
      },
    );
    app.put(
      '/overrides/:table/:id/:field',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'setOverride',
          summary: 'Decide a field by hand; no sync changes it any more',
          tags,
          params: schema.OverrideParams,
          body: schema.NewOverride,
          response: { 200: schema.OverrideChange },
        },
      },
      async (request, reply) => {
        const { table, id, field } = request.params;
        const { value, reason } = request.body;
        const options = changeOptions(callerOf(request), reason);
        return sendPrivate(
          reply,
          await answering(() => setOverride(db, table, id.toLowerCase(), field, value, options)),
        );
      },
    );
    app.delete(
      '/overrides/:table/:id/:field',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'clearOverride',
          summary: 'Take a decision back: the next sync sets the field',
          tags,
          params: schema.OverrideParams,
          response: { 200: schema.OverrideChange },
        },
      },
      async (request, reply) => {
        const { table, id, field } = request.params;
        const options = changeOptions(callerOf(request));
        return sendPrivate(reply, await answering(() => clearOverride(db, table, id.toLowerCase(), field, options)));
      },
    );
  };
}

function imageAdminRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.put(
      '/images/:kind/:image_id/archived',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'setImageArchived',
          summary: 'Take an image away, or bring it back; no sync undoes it',
          tags,
          params: schema.ImageParams,
          body: schema.Archiving,
          response: { 200: schema.Archived },
        },
      },
      async (request, reply) => {
        const { kind, image_id } = request.params;
        const { archived, reason } = request.body;
        return sendWrite(request, reply, { db, caller: callerOf(request), reason: 'setImageArchived' }, async (tx) => {
          const row = await tx.one(SET_ARCHIVED, [kind, image_id, archived, reason ?? null]);
          if (row?.changed == null) throw notFound('Image');
          return { id: image_id, archived, changed: row.changed };
        });
      },
    );
    app.put(
      '/images/cast/:image_id/person',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'reassignPhoto',
          summary: 'Give a photo to the person it shows',
          tags,
          params: schema.PhotoParams,
          body: schema.Reassignment,
          response: { 200: schema.Reassigned },
        },
      },
      async (request, reply) => {
        const { person_id, reason } = request.body;
        return sendWrite(request, reply, { db, caller: callerOf(request), reason: 'reassignPhoto' }, async (tx) => {
          const row = await tx.one(REASSIGN_PHOTO, [request.params.image_id, person_id, reason ?? null]);
          if (row?.id == null) throw notFound('Image');
          return { id: row.id, person_id };
        });
      },
    );
  };
}

function mergeRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:kind/merges',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listMerges',
          summary: 'Merges of shows or people, the newest first, undone ones too',
          tags,
          params: schema.MergeParams,
          querystring: schema.AdminPageQuery,
          response: { 200: Type.Array(schema.Merge) },
        },
      },
      async (request, reply) => {
        const { limit, cursor } = request.query;
        const after = decodeTimeCursor('merges', cursor);
        const found = await listMerges(db, KINDS[request.params.kind], limit + 1, after);
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const next =
          found.length > limit && last !== undefined
            ? encodeTimeCursor('merges', { time: last.merged_at, id: last.id })
            : undefined;
        const body = page.map((one) => {
          return { ...one, merged_at: isoTime(one.merged_at), undone_at: isoTime(one.undone_at) };
        });
        return sendPrivatePage(request, reply, { body: JSON.stringify(body), next });
      },
    );
    app.post(
      '/:kind/merges',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'mergeEntries',
          summary: 'Merge one show or person into another; again answers the first report',
          tags,
          params: schema.MergeParams,
          body: schema.NewMerge,
          response: { 200: schema.Report },
        },
      },
      async (request, reply) => {
        const { source_id: source, target_id: target, reason, dry_run: dryRun } = request.body;
        const options = { ...changeOptions(callerOf(request), reason), dryRun };
        const kind = KINDS[request.params.kind];
        return sendPrivate(
          reply,
          await answering(() => merge(db, kind, source.toLowerCase(), target.toLowerCase(), options)),
        );
      },
    );
    app.post(
      '/:kind/merges/:merge_id/undo',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'undoMerge',
          summary: 'Undo a merge; what changed since stays and is listed',
          tags,
          params: schema.SplitParams,
          body: schema.Undo,
          response: { 200: schema.Report },
        },
      },
      async (request, reply) => {
        const { kind, merge_id } = request.params;
        const options = { ...changeOptions(callerOf(request)), dryRun: request.body.dry_run };
        return sendPrivate(reply, await answering(() => split(db, KINDS[kind], merge_id.toLowerCase(), options)));
      },
    );
  };
}

function isField(key: readonly unknown[]): boolean {
  return key.length === 1 && typeof key[0] === 'string' && key[0].length <= 63;
}

function changeOptions(caller: Caller, reason?: string): ChangeOptions {
  return caller.kind === 'user'
    ? { actor: caller.userId, reason, onBehalfOf: caller.userId }
    : { actor: `service ${caller.issuer}`, reason };
}

/** What cannot be done becomes an answer: 404 for what is not there, 422 for a wrong request, else 409. */
async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const status = /not_found|no_override/.test(error.code) ? 404 : error.misuse ? 422 : 409;
    throw new Problem({ status, code: error.code.toLowerCase(), detail: error.message, cause: error });
  }
}
