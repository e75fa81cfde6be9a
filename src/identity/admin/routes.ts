import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { asCaller } from '../../platform/auth/caller.ts';
import { adminOnly, callerOf } from '../../platform/auth/guards.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import { invalidInput, Problem } from '../../platform/errors/problem.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { sendPrivate, sendPrivatePage, sendWrite } from '../../platform/http/private-answer.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { ADMINS, AUDIT, SET_ADMIN } from './queries.ts';
import { Admin, AdminChange, AdminParams, AdminReason, AuditEntry, AuditQuery } from './schema.ts';

const tags = ['admin'];
const CURSOR = 'audit';
const NEWEST = '9223372036854775807';

/** Who administrates, and what they did; under `/api/v1/admin`. */
export function adminRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/audit',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listAudit',
          summary: 'What administrators and moderators did, newest first',
          tags,
          querystring: AuditQuery,
          response: { 200: Type.Array(AuditEntry) },
        },
      },
      async (request, reply) =>
        sendPrivatePage(
          request,
          reply,
          await asCaller(db, callerOf(request), 'listAudit', (tx) => listAudit(tx, request.query)),
        ),
    );
    app.get(
      '/admins',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listAdmins',
          summary: 'Who administrates',
          tags,
          response: { 200: Type.Array(Admin) },
        },
      },
      async (_request, reply) =>
        sendPrivate(
          reply,
          (await db.asService('list administrators for one of them', (tx) => tx.one(ADMINS)))?.body ?? '[]',
        ),
    );
    for (const [method, operationId, admin] of [
      ['PUT', 'grantAdmin', true],
      ['DELETE', 'revokeAdmin', false],
    ] as const) {
      app.route({
        method,
        url: '/admins/:user_id',
        preValidation: adminOnly,
        schema: {
          operationId,
          summary: admin ? 'Make somebody an administrator' : 'Take the rights of an administrator back',
          tags,
          params: AdminParams,
          querystring: AdminReason,
          response: { 200: AdminChange },
        },
        handler: async (request, reply) => {
          const user_id = request.params.user_id.toLowerCase();
          const caller = callerOf(request);
          if (!admin && caller.kind === 'user' && caller.userId === user_id) {
            throw new Problem({
              status: 409,
              code: 'own_admin_rights',
              detail: 'Nobody takes their own rights back: ask another administrator',
            });
          }
          return sendWrite(request, reply, { db, caller, reason: operationId }, (tx) =>
            setAdmin(tx, user_id, admin, request.query.reason ?? null),
          );
        },
      });
    }
  };
}

async function listAudit(tx: Scope, query: Static<typeof AuditQuery>): Promise<PublicAnswer> {
  const { limit, cursor, target_type: type, target_id: id } = query;
  if (id !== undefined && type === undefined) {
    throw invalidInput([{ type: 'missing', loc: ['query', 'target_type'], msg: 'Field required beside target_id' }]);
  }
  const [below] = cursor === undefined ? [NEWEST] : decodeCursor(CURSOR, cursor, isLogId);
  const row =
    type === undefined
      ? await tx.one(AUDIT.all, [limit, below])
      : id === undefined
        ? await tx.one(AUDIT.ofType, [limit, below, type])
        : await tx.one(AUDIT.ofTarget, [limit, below, type, id]);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const goesOn = row.more && row.last_id !== null;
  return { body: row.body, next: goesOn ? encodeCursor(CURSOR, [row.last_id ?? '']) : undefined };
}

function isLogId(key: readonly unknown[]): boolean {
  return key.length === 1 && typeof key[0] === 'string' && /^\d{1,18}$/.test(key[0]);
}

async function setAdmin(tx: Scope, user: string, admin: boolean, reason: string | null): Promise<object> {
  const row = await tx.one(SET_ADMIN, [user, admin, reason]);
  return { user_id: user, admin, changed: row?.changed === true };
}
