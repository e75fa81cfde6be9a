import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { Problem } from '../errors/problem.ts';
import type { Authentication, Caller, UserCaller } from './caller.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once `identify` ran; null for nobody. Set by the guards below. */
    caller: Caller | null;
    /** Verifies the bearer token; at most once per request. Null when there is none. */
    identify(): Promise<Authentication | null>;
    /** Whether `caller` is an administrator. */
    isAdmin(): Promise<boolean>;
  }
}

/** `preValidation` hook: whoever asks, with or without a token; a bad token is nobody (C13). Without promises for strangers. */
export function anyone(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  if (request.headers.authorization === undefined) return done();
  request.identify().then((identified) => {
    request.caller = identified?.ok ? identified.caller : null;
    done();
  }, done);
}

/** `preValidation` hook: a signed-in person, else 401 (C11), before anything else of the request is judged (C12). */
export async function signedIn(request: FastifyRequest): Promise<void> {
  const caller = await identifiedCaller(request);
  if (caller.kind !== 'user') {
    throw new Problem({
      status: 403,
      code: 'user_required',
      detail: 'Only a person can do this: send the token of a user, not of a service',
    });
  }
  request.caller = caller;
}

/** `preValidation` hook: an administrator or a service, else 401 or 403. */
export async function adminOnly(request: FastifyRequest): Promise<void> {
  request.caller = await identifiedCaller(request);
  if (!(await request.isAdmin())) {
    throw new Problem({ status: 403, code: 'admin_required', detail: 'Only administrators may do this' });
  }
}

/** The person behind a route guarded by `signedIn`. */
export function userOf(request: FastifyRequest): UserCaller {
  if (request.caller?.kind !== 'user') throw new Error('this route lacks the guard signedIn');
  return request.caller;
}

/** Whoever is behind a route guarded by `signedIn` or `adminOnly`. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('this route lacks a guard');
  return request.caller;
}

async function identifiedCaller(request: FastifyRequest): Promise<Caller> {
  const identified = await request.identify();
  if (identified?.ok) return identified.caller;
  if (identified?.code === 'key_set_unavailable') {
    throw new Problem({
      status: 503,
      code: identified.code,
      detail: "The keys of the token's issuer cannot be had at the moment",
      retryable: true,
      retryAfterMs: 2_000,
    });
  }
  throw unauthenticated(identified?.code ?? 'authentication_required');
}

/** 401 with the challenge that clients of the predecessor look for (C11). */
export function unauthenticated(code: string): Problem {
  return new Problem({
    status: 401,
    code,
    detail: `Authentication required${REASONS[code] === undefined ? '' : `: ${REASONS[code]}`}`,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  token_invalid: 'the token cannot be verified',
  token_expired: 'the token has expired',
  token_not_yet_valid: 'the token is not valid yet',
  token_lives_too_long: 'the token is made to live too long',
  token_without_user: 'the token does not speak of a user',
  wrong_audience: 'the token was made for another application',
  unknown_issuer: 'the token comes from an issuer that is not configured here',
  unknown_key: 'the token is signed with a key that its issuer does not publish',
  account_deleted: 'this account was deleted',
};
