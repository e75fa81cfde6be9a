import { familyOf, type Inventory, takeInventory } from './inventory.ts';
import { CONDEMN, FETCH_AGAIN, MAKE_AGAIN, NOTE_STRAYS, STRAYS, UNREFERENCED } from './queries.ts';
import { finishRemovals, removeFiles, type UpkeepDependencies } from './removal.ts';

export const GRACE_HOURS = 24;
/** A sweep that would take a larger part of a family of keys is a mistake of somebody until a person says otherwise (S5). */
const LARGEST_PART = 0.2;

export interface PruneRequest {
  /** Hours a file must have been without reference; default and least 24, unless forced. */
  readonly graceHours: number;
  /** Also take more than a fifth of a family of keys. */
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly now?: Date;
}

export interface PruneReport {
  listed: number;
  /** Files nothing refers to, and files nobody knows; all of them, whatever their age. */
  unreferenced: number;
  strays: number;
  /** Marked by this run. */
  marked: number;
  /** Keys whose time has come. */
  found: string[];
  deleted: number;
  failed: { readonly key: string; readonly error: string }[];
  /** Why nothing was deleted. */
  stopped: string | null;
}

/**
 * Removes files that nothing refers to, in two phases: marked now, deleted by a later run when that still holds after the time of grace. The
 * same for files in the store that nobody knows, counted from when they were first seen.
 */
export async function prune(deps: UpkeepDependencies, request: PruneRequest): Promise<PruneReport> {
  const ended = request.dryRun ? { deleted: 0, failed: [] } : await finishRemovals(deps);
  const report = await sweep(deps, await takeInventory(deps, false), request);
  return { ...report, deleted: report.deleted + ended.deleted, failed: [...ended.failed, ...report.failed] };
}

async function sweep(deps: UpkeepDependencies, inventory: Inventory, request: PruneRequest): Promise<PruneReport> {
  const { db, store } = deps;
  const now = request.now ?? new Date();
  const due = new Date(now.getTime() - request.graceHours * 3_600_000);
  const strays = inventory.strays.map(({ key, bytes }) => ({ key, bytes }));
  // Read before marking: what is marked or seen for the first time now has its whole time of grace before it.
  const [unreferenced, noted, marked] = await db.asService('mark files', async (tx) => {
    const found = [await tx.query(UNREFERENCED), await tx.query(STRAYS)] as const;
    if (request.dryRun) return [...found, 0] as const;
    await tx.query(NOTE_STRAYS, [JSON.stringify(strays)]);
    return [...found, Number((await tx.one(CONDEMN))?.marked ?? 0)] as const;
  });
  const isDue = (since: string | null | undefined) =>
    request.graceHours === 0 || (since != null && new Date(since) <= due);
  const files = unreferenced.filter(({ condemned_at }) => isDue(condemned_at));
  const seen = new Map(noted.map(({ key, first_seen_at }) => [key, first_seen_at]));
  // A file written a moment ago may be a row's in a moment.
  const old = inventory.strays.filter(({ key, modifiedAt }) => isDue(seen.get(key)) && modifiedAt <= due);
  const found = [...files.flatMap(({ key, variants }) => [key, ...variants]), ...old.map(({ key }) => key)].sort();
  const report: PruneReport = {
    listed: inventory.listed,
    unreferenced: unreferenced.length,
    strays: strays.length,
    marked,
    found,
    deleted: 0,
    failed: [],
    stopped: request.force ? null : tooMany(found, inventory.families),
  };
  if (request.dryRun || report.stopped !== null) return report;
  const gone = await removeFiles(
    deps,
    files.map(({ sha256 }) => sha256),
    old.map(({ key }) => key),
    'unreferenced',
  );
  await store.tidy(due);
  return { ...report, deleted: gone.deleted, failed: gone.failed };
}

function tooMany(found: readonly string[], families: ReadonlyMap<string, number>): string | null {
  for (const [family, keys] of Map.groupBy(found, familyOf)) {
    const all = families.get(family) ?? 0;
    if (keys.length > all * LARGEST_PART) {
      return `${keys.length} of ${all} files under ${family} would go, more than a fifth: look at --dry-run, then repeat with --force`;
    }
  }
  return null;
}

export interface ReconcileRequest extends PruneRequest {
  /** Read every file; else sizes and, in a bucket, checksums of the listing decide. */
  readonly verify: boolean;
}

export interface ReconcileReport extends PruneReport {
  /** Known files that are not in the store, and those that are damaged. */
  readonly missing: string[];
  readonly damaged: string[];
  /** Images that will be fetched again, files whose smaller versions will be made again. */
  readonly requeued: number;
  readonly remade: number;
}

/** Brings store and database into agreement, in both directions (C7, C13); then prunes. */
export async function reconcile(deps: UpkeepDependencies, request: ReconcileRequest): Promise<ReconcileReport> {
  const ended = request.dryRun ? { deleted: 0, failed: [] } : await finishRemovals(deps);
  const inventory = await takeInventory(deps, request.verify);
  const wrong = [...inventory.missing, ...inventory.differing];
  const files = hashes(wrong.filter(({ what }) => what === 'object'));
  const variants = hashes(wrong.filter(({ what }) => what === 'variant'));
  const rows = wrong.filter(({ what }) => what === 'row').map(({ key }) => key);
  let requeued = 0;
  let remade = 0;
  if (!request.dryRun && wrong.length > 0) {
    [requeued, remade] = await deps.db.asService('reconcile', async (tx) => [
      Number((await tx.one(FETCH_AGAIN, [files, rows, 'missing_in_store']))?.images ?? 0),
      Number((await tx.one(MAKE_AGAIN, [variants]))?.files ?? 0),
    ]);
  }
  const report = await sweep(deps, inventory, request);
  return {
    ...report,
    deleted: report.deleted + ended.deleted,
    failed: [...ended.failed, ...report.failed],
    missing: inventory.missing.map(({ key }) => key).sort(),
    damaged: inventory.differing.map(({ key }) => key).sort(),
    requeued,
    remade,
  };
}

function hashes(keys: readonly { readonly sha256: string | null }[]): string[] {
  return [...new Set(keys.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256])))];
}
