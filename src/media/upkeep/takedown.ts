import type { Row } from '../../platform/db/statement.ts';
import { hashOfKey } from '../keys.ts';
import type { ObjectStore } from '../stores/store.ts';
import { BEGIN_REMOVAL, KEYS_OF_FILES, LIFT_TAKEDOWNS, NAMED_IMAGES, TAKE_DOWN } from './queries.ts';
import { finish, type UpkeepDependencies } from './removal.ts';

/** What is to go: any number of each. */
export interface TakedownTarget {
  readonly contents: readonly string[];
  readonly keys: readonly string[];
  readonly addresses: readonly string[];
  /** `table:id`, e.g. `cast_photos:0b9d...`. */
  readonly images: readonly string[];
}

export interface TakedownReport {
  /** Images that are no longer shown. */
  readonly images: Row<typeof NAMED_IMAGES>[];
  /** Contents and addresses that are blocked. */
  readonly contents: string[];
  readonly addresses: string[];
  /** Under which keys the files could be read, smaller versions and older names included: what to purge from caches. */
  readonly keys: string[];
  /** Files to delete, smaller versions included. */
  readonly files: number;
  readonly deleted: number;
  readonly failed: { readonly key: string; readonly error: string }[];
}

/**
 * Takes pictures down (V3): images that show them are hidden for good, files and smaller versions deleted, and both their content and their
 * addresses blocked for every later import. Unknown contents and addresses are blocked all the same.
 */
export async function takeDown(
  deps: UpkeepDependencies,
  target: TakedownTarget,
  { reason, actor, dryRun }: { readonly reason: string; readonly actor: string; readonly dryRun: boolean },
): Promise<TakedownReport> {
  const named = await deps.db.asService('takedown', (tx) =>
    tx.query(NAMED_IMAGES, [target.contents, target.keys, target.addresses, target.images]),
  );
  const ofKeys = target.keys.flatMap((key) => hashOfKey(key) ?? []);
  const contents = unique([...target.contents, ...ofKeys, ...named.flatMap(({ sha256 }) => sha256 ?? [])]);
  const given = unique([...target.addresses, ...named.flatMap(({ source_url: url }) => url ?? [])]);
  const done = await deps.db.asService(
    'takedown',
    async (tx) => {
      const keys = await tx.query(KEYS_OF_FILES, [contents]);
      const images = await tx.query(TAKE_DOWN, [contents, given, reason, actor]);
      const open = await tx.query(BEGIN_REMOVAL, [contents, [], 'taken_down']);
      return { keys, images, open };
    },
    { rollback: dryRun },
  );
  const removed = dryRun
    ? { deleted: 0, failed: [] }
    : await finish(
        deps,
        done.open.map(({ key }) => key),
      );
  return {
    images: done.images,
    contents,
    addresses: unique([...given, ...done.images.flatMap(({ source_url: url }) => url ?? [])]),
    keys: done.keys.map(({ key }) => key),
    files: done.open.length,
    ...removed,
  };
}

/** Lets contents and addresses be mirrored again. Images that were hidden stay so until an administrator brings them back. */
export async function liftTakedown(
  { db }: { readonly db: UpkeepDependencies['db']; readonly store?: ObjectStore },
  target: Pick<TakedownTarget, 'contents' | 'addresses'>,
  dryRun: boolean,
): Promise<number> {
  const row = await db.asService('lift takedown', (tx) => tx.one(LIFT_TAKEDOWNS, [target.contents, target.addresses]), {
    rollback: dryRun,
  });
  return row?.lifted ?? 0;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
