import type { Database } from '../../platform/db/types.ts';
import type { ObjectStore } from '../stores/store.ts';
import { BEGIN_REMOVAL, END_REMOVAL, OPEN_REMOVALS } from './queries.ts';

export interface UpkeepDependencies {
  readonly db: Database;
  readonly store: ObjectStore;
}

export interface Removed {
  deleted: number;
  failed: { readonly key: string; readonly error: string }[];
}

/**
 * Removes files in three steps, so that a kill between any two leaves nothing wrong: the database forgets them and lists their keys, the store
 * deletes, the database closes the list. It looks again whether anything refers to them.
 */
export async function removeFiles(
  deps: UpkeepDependencies,
  files: readonly string[],
  strays: readonly string[],
  reason: 'unreferenced' | 'stray',
): Promise<Removed> {
  const keys = await deps.db.asService('begin removal', (tx) => tx.query(BEGIN_REMOVAL, [files, strays, reason]));
  return finish(
    deps,
    keys.map(({ key }) => key),
  );
}

/** Ends removals that another run began: one that was killed, or whose store refused. */
export async function finishRemovals(deps: UpkeepDependencies): Promise<Removed> {
  const open = await deps.db.asService('open removals', (tx) => tx.query(OPEN_REMOVALS));
  return finish(
    deps,
    open.map(({ key }) => key),
  );
}

/** Deletes what is listed and closes the list; what the store keeps stays listed for the next time. */
export async function finish({ db, store }: UpkeepDependencies, keys: readonly string[]): Promise<Removed> {
  if (keys.length === 0) return { deleted: 0, failed: [] };
  const { deleted, failed } = await store.deleteMany(keys);
  await db.asService('end removal', (tx) => tx.query(END_REMOVAL, [deleted, JSON.stringify(failed)]));
  return { deleted: deleted.length, failed: [...failed] };
}
