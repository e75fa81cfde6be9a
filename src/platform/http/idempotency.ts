import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.ts';
import { statement } from '../db/statement.ts';
import type { Scope } from '../db/types.ts';
import { invalidInput, Problem } from '../errors/problem.ts';
import { clientNetwork } from './address.ts';

const HEADER = 'idempotency-key';

/** Values: scope, operation, key, fingerprint. One row: `mine` when the key was free, else what was answered. */
const CLAIM = statement(
  'platform.idempotency.claim',
  'select mine, same, body, headers from identity.claim_idempotency_key($1, $2, $3, $4)',
  { mine: 'bool?', same: 'bool?', body: 'text?', headers: 'jsonb?' },
);

/** Values: scope, operation, key, body, headers. */
const KEEP = statement(
  'platform.idempotency.keep',
  'select identity.keep_idempotent_answer($1, $2, $3, $4, $5::jsonb)::text as kept',
  { kept: 'text?' },
);

/** An answer as it is kept: JSON text and the headers that belong to it. */
export interface Kept {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Runs `perform` unless this caller has sent the same `Idempotency-Key` for the same operation within a day; then the answer of
 * that time is given again. Inside the transaction of the write: a second request with the key waits for the first to end.
 * @throws Problem 422 `idempotency_key_reused` when the key came with another request
 */
export async function performOnce(
  request: FastifyRequest,
  caller: Caller | null,
  tx: Scope,
  perform: () => Promise<Kept>,
): Promise<Kept & { readonly replayed: boolean }> {
  const key = request.headers[HEADER];
  if (key === undefined) return { ...(await perform()), replayed: false };
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalidInput([
      {
        type: 'string_pattern_mismatch',
        loc: ['header', HEADER],
        msg: '1 to 255 printable ASCII characters, no spaces',
      },
    ]);
  }
  const scope = scopeOf(request, caller);
  const operation = request.routeOptions.schema?.operationId ?? request.routeOptions.url ?? '';
  const fingerprint = hash('sha256', JSON.stringify([request.method, request.url, request.body ?? null]), 'base64url');
  const claim = await tx.one(CLAIM, [scope, operation, key, fingerprint]);
  if (claim?.mine !== true) {
    if (claim?.same !== true) {
      throw new Problem({
        status: 422,
        code: 'idempotency_key_reused',
        detail: 'This Idempotency-Key came with another request before: use a new one for each write',
      });
    }
    return {
      body: claim.body ?? 'null',
      headers: (claim.headers ?? {}) as Record<string, string>,
      replayed: true,
    };
  }
  const answer = await perform();
  await tx.query(KEEP, [scope, operation, key, answer.body, JSON.stringify(answer.headers)]);
  return { ...answer, replayed: false };
}

/** Whose key it is. The database replaces it by the signed-in user's id, so that nobody reaches another's answers. */
function scopeOf(request: FastifyRequest, caller: Caller | null): string {
  if (caller?.kind === 'user') return `user ${caller.userId}`;
  if (caller?.kind === 'service') return `service ${caller.issuer}`;
  return `anonymous ${hash('sha256', clientNetwork(request.ip), 'base64url')}`;
}
