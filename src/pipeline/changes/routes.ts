import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { adminOnly } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { invalidInput, notFound } from '../../platform/errors/problem.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { sendPrivatePage } from '../../platform/http/private-answer.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { isoTime, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { RUN_TOTALS } from '../runs/queries.ts';
import { PUBLIC_TABLES, publicChange } from './public.ts';
import { CHANGES_AFTER, CHANGES_END, CHANGES_OF_RUN } from './queries.ts';

const closed = { additionalProperties: false } as const;
const Change = Type.Object(
  {
    at: Timestamp(),
    kind: Type.String({
      description: 'show, season, episode, person, credit, show_image, season_image, alternative_name, watch_offer',
    }),
    id: Type.String(),
    show_id: Nullable(Uuid()),
    op: Type.String({ description: 'insert, update, retire (hidden), return, delete' }),
    fields: Nullable(
      Type.Record(
        Type.String(),
        Type.Object(
          { old: Type.Optional(Type.Unknown()), new: Type.Unknown(), source: Nullable(Type.String()) },
          closed,
        ),
        { description: 'By field; null for what came or went whole' },
      ),
    ),
  },
  closed,
);
const ChangesPage = Type.Object(
  {
    changes: Type.Array(Change),
    next: Type.String({ description: 'Send it as `since` to go on; stays valid, also at the end' }),
    more: Type.Boolean({ description: 'Whether there is more already' }),
  },
  closed,
);
const ChangesQuery = Type.Object({
  since: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        '`next` of an earlier answer, a time (ISO 8601), or `now` for a place to begin; default: as far back as is kept',
    }),
  ),
  show_id: Type.Optional(Uuid()),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'At most this many changes' }),
});

/** What has changed in the catalogue, for whoever keeps a copy: `/api/v1/changes`. */
export function changeRoutes(db: Database, licences: readonly string[]): FastifyPluginAsyncTypebox {
  const published = new Set(licences);
  return async (app) => {
    app.get(
      '/changes',
      {
        schema: {
          operationId: 'listChanges',
          summary: 'What has changed, in order, from a place or time on',
          tags: ['catalogue'],
          querystring: ChangesQuery,
          response: { 200: ChangesPage },
        },
      },
      async (request, reply) => {
        const { since, limit, show_id } = request.query;
        // The history holds values under licences that are not published; only what `publicChange` lets through leaves.
        const answer = await db.asService('listChanges: filtered by licence', async (tx) => {
          if (since === 'now') {
            const end = await tx.one(CHANGES_END);
            return { rows: [], last: [Number(end?.txid ?? -1), Number(end?.id ?? -1)] as const, more: false };
          }
          const from = placeOf(since);
          const values = [from.txid, from.id, from.time, show_id?.toLowerCase() ?? null, PUBLIC_TABLES, limit + 1];
          const found = await tx.query(CHANGES_AFTER, values);
          const rows = found.slice(0, limit);
          const end = rows.at(-1);
          const last =
            end === undefined ? ([from.txid, from.id] as const) : ([Number(end.txid), Number(end.id)] as const);
          return { rows, last, more: found.length > limit, time: from.time };
        });
        const changes = answer.rows.flatMap((row) => publicChange({ ...row, at: isoTime(row.at) }, published) ?? []);
        // A time at which nothing has happened yet stays the place to begin.
        const next =
          answer.last[0] < 0 && answer.time != null ? answer.time : encodeCursor('changes', [...answer.last]);
        return sendPublic(request, reply, { body: JSON.stringify({ changes, next, more: answer.more }) }, true);
      },
    );
  };
}

function placeOf(since: string | undefined): { txid: number; id: number; time: string | null } {
  if (since === undefined) return { txid: -1, id: -1, time: null };
  if (/^\d{4}-\d{2}-\d{2}/.test(since)) {
    // A form decoder makes a space of the offset's plus.
    const time = Date.parse(since.replace(/ (?=\d{2}:\d{2}$)/, '+'));
    if (!Number.isNaN(time) && time >= 0) return { txid: -1, id: -1, time: new Date(time).toISOString() };
  }
  try {
    const [txid, id] = decodeCursor('changes', since, isPlace);
    return { txid: Number(txid), id: Number(id), time: null };
  } catch {
    const msg = 'Not a place in the history: use `next` of an earlier answer, an ISO 8601 time, or now';
    throw invalidInput([{ type: 'value_error', loc: ['query', 'since'], msg }]);
  }
}

function isPlace(key: readonly unknown[]): boolean {
  return key.length === 2 && key.every((part) => Number.isSafeInteger(part) && Number(part) >= -1);
}

const RunChange = Type.Object(
  {
    id: Type.Integer(),
    at: Timestamp(),
    stage: Nullable(Type.String()),
    table_name: Type.String(),
    row_key: Type.String(),
    show_id: Nullable(Uuid()),
    subject: Nullable(Type.String({ description: 'Name of the show or person' })),
    op: Type.String(),
    fields: Nullable(Type.Record(Type.String(), Type.Unknown())),
    licences: Type.Array(Type.String()),
  },
  closed,
);
const RunChangesQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'At most this many changes' }),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Opaque, from `Link: rel="next"`' })),
  show_id: Type.Optional(Uuid()),
  stage: Type.Optional(Type.String({ maxLength: 100 })),
});

/** What one run changed, for administrators: `/api/v1/admin/runs/{id}/changes`. */
export function runChangeRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:run_id/changes',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listRunChanges',
          summary: 'What a run changed: per row and field, old and new, by whose word',
          tags: ['admin'],
          params: Type.Object({ run_id: Uuid() }),
          querystring: RunChangesQuery,
          response: { 200: Type.Array(RunChange) },
        },
      },
      async (request, reply) => {
        const { limit, cursor, show_id, stage } = request.query;
        const runId = request.params.run_id.toLowerCase();
        const after =
          cursor === undefined ? -1 : Number(decodeCursor('run-changes', cursor, (key) => isPlace([...key, 0]))[0]);
        const values = [runId, after, show_id?.toLowerCase() ?? null, stage ?? null, limit + 1];
        const found = await db.asService('listRunChanges', async (tx) => {
          if ((await tx.one(RUN_TOTALS, [runId])) === undefined) throw notFound('Run');
          return tx.query(CHANGES_OF_RUN, values);
        });
        const page = found
          .slice(0, limit)
          .map(({ txid: _, run_id: __, ...row }) => ({ ...row, id: Number(row.id), at: isoTime(row.at) }));
        const last = page.at(-1);
        const next = found.length > limit && last !== undefined ? encodeCursor('run-changes', [last.id]) : undefined;
        return sendPrivatePage(request, reply, { body: JSON.stringify(page), next });
      },
    );
  };
}
