import { createHmac } from 'node:crypto';
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
    if (await canLogIn(client)) return;
    try {
      await client.query(`alter role authenticator login password ${pg.escapeLiteral(password)}`);
    } catch (error) {
      // Another process did the same in this moment ("tuple concurrently updated").
      if (errorCode(error) !== 'XX000' || !(await canLogIn(client))) throw error;
    }
  });
  owner.username = 'authenticator';
  owner.password = password;
  return owner.toString();
}

async function canLogIn(client: pg.ClientBase): Promise<boolean> {
  const found = await client.query<{ ready: boolean }>(
    "select rolcanlogin as ready from pg_roles where rolname = 'authenticator'",
  );
  return found.rows[0]?.ready === true;
}
