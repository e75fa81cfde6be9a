import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import pg from 'pg';
import { errorCode } from './errors.ts';
import { withOwner } from './owner.ts';

/**
 * Lets the pools of the embedded database log in as `authenticator`, which owns nothing and can only become anon,
 * authenticated or service_role, so that not even injected SQL could take back the owner's rights. Its password is derived
 * from the owner's: nothing more to store. (Databases of somebody else keep the user they were given: on the hosted platform
 * that is no superuser, and its `authenticator` belongs to the platform.)
 * @param ownerUrl superuser's URL, with its password, of a migrated database
 * @returns the same URL for the pools
 */
export async function poolLogin(ownerUrl: string): Promise<string> {
  const owner = new URL(ownerUrl);
  const password = createHmac('sha256', decodeURIComponent(owner.password)).update('authenticator').digest('base64url');
  await withOwner(ownerUrl, async (client) => {
    if (await canLogIn(client, password)) return;
    try {
      await client.query(`alter role authenticator login password ${pg.escapeLiteral(password)}`);
    } catch (error) {
      // Another process did the same in this moment ("tuple concurrently updated").
      if (errorCode(error) !== 'XX000' || !(await canLogIn(client, password))) throw error;
    }
  });
  owner.username = 'authenticator';
  owner.password = password;
  return owner.toString();
}

/** Whether `authenticator` can log in with this password: the owner's may have changed since it was set. */
async function canLogIn(client: pg.ClientBase, password: string): Promise<boolean> {
  const found = await client.query<{ verifier: string | null }>(
    "select rolpassword as verifier from pg_authid where rolname = 'authenticator' and rolcanlogin",
  );
  return isVerifierOf(found.rows[0]?.verifier ?? '', password);
}

/** Checks a stored `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803) of an ASCII password. */
function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations, salt, storedKey] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(verifier) ?? [];
  if (salt === undefined) return false;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return createHash('sha256').update(clientKey).digest('base64') === storedKey;
}
