import type { FastifyInstance } from 'fastify';
import type { Authentication, Authenticator } from '../../platform/auth/caller.ts';

/** Puts `identify()` and `isAdmin()` on every request; the guards of `platform/auth` use them. */
export function authPlugin(app: FastifyInstance, authenticator: Authenticator): void {
  const identified = Symbol('identified');
  app.decorateRequest('caller', null);
  app.decorateRequest('identify', function identify(this: { headers: { authorization?: string | undefined } }) {
    const memo = this as { [identified]?: Promise<Authentication | null> };
    const token = bearerToken(this.headers.authorization);
    memo[identified] ??= token === null ? Promise.resolve(null) : authenticator.authenticate(token);
    return memo[identified];
  });
  app.decorateRequest('isAdmin', function isAdmin() {
    return this.caller === null ? Promise.resolve(false) : authenticator.isAdmin(this.caller);
  });
}

/** The token of `Authorization: Bearer x`; null when there is none. A header of another kind counts as a bad token. */
function bearerToken(header: string | undefined): string | null {
  if (header === undefined) return null;
  return /^Bearer +([^\s]+) *$/i.exec(header)?.[1] ?? '';
}
