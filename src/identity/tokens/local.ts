import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { LOCAL_ISSUER, OWN_AUDIENCE } from './issuers.ts';

/** Values: e-mail address. */
const USERS_BY_EMAIL = statement(
  'identity.users.byEmail',
  'select u.id from identity.users u where lower(u.email) = lower($1) order by u.created_at limit 2',
  { id: 'uuid' },
);

/** Values: issuer, id, e-mail address or null. */
const RESOLVE_LOCAL = statement(
  'identity.users.resolveLocal',
  'select identity.resolve_user($1, $2::uuid::text, $3, $2::uuid) as id',
  { id: 'uuid?' },
);

/** Values: user. */
const GRANT_ADMIN = statement(
  'identity.admins.grantLocal',
  "select identity.set_admin($1::uuid, true, 'trr token') as changed",
  {
    changed: 'bool?',
  },
);

export interface LocalPerson {
  readonly id: string;
  readonly email: string | null;
}

/** The person a local token is for: found by id or address, or made. */
export async function tokenUser(db: Database, user: string, admin: boolean): Promise<LocalPerson | 'ambiguous'> {
  return db.asService('trr token', async (tx) => {
    const email = user.includes('@') ? user : null;
    const found = email === null ? [] : await tx.query(USERS_BY_EMAIL, [email]);
    if (found.length > 1) return 'ambiguous';
    const id = email === null ? user.toLowerCase() : (found[0]?.id ?? randomUUID());
    await tx.one(RESOLVE_LOCAL, [LOCAL_ISSUER, id, email]);
    if (admin) await tx.one(GRANT_ADMIN, [id]);
    return { id, email };
  });
}

/** A token this machine's server accepts. */
export function localToken(secret: Uint8Array, person: LocalPerson, seconds: number): Promise<string> {
  return new SignJWT(person.email === null ? {} : { email: person.email })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(LOCAL_ISSUER)
    .setAudience(OWN_AUDIENCE)
    .setSubject(person.id)
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(secret);
}
