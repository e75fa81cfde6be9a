import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';

/** Values: ids of users. Those that are none any more. */
const GONE = statement(
  'identity.users.gone',
  'select g.id from unnest($1::uuid[]) as g (id) where not exists (select 1 from identity.users u where u.id = g.id)',
  { id: 'uuid?' },
);

/** Which of these accounts were deleted: their open connections end, whichever server deleted them. */
export async function goneUsers(db: Database, ids: readonly string[]): Promise<string[]> {
  const rows = await db.asService('gone users', (tx) => tx.query(GONE, [ids]));
  return rows.flatMap(({ id }) => id ?? []);
}
