import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { FIND_MERGES, FIND_PEOPLE, FIND_SHOWS, LIST_MERGES, MERGE, RECORD, SPLIT } from './queries.ts';
import { Refused, refusing } from './refused.ts';

export type MergeKind = 'show' | 'person';
export type Found = Row<typeof FIND_SHOWS>;
export type StandingMerge = Row<typeof FIND_MERGES>;
export type RecordedMerge = Row<typeof LIST_MERGES>;

/** What a merge did: rows by table and kind of change (`insert`, `update`, `delete`). */
export interface MergeReport {
  readonly merge_id: string;
  /** True: the two were one before; nothing was changed. */
  readonly already_merged: boolean;
  readonly changes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Something that could not go back to where it was before the merge, and stays with the target. */
export interface SplitConflict {
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly why: string;
  readonly field?: string;
}

export interface SplitReport {
  readonly merge_id: string;
  readonly source: string;
  readonly target: string;
  /** Changes taken back, by table. */
  readonly restored: Readonly<Record<string, number>>;
  readonly conflicts: readonly SplitConflict[];
}

export interface ChangeOptions {
  /** Who asks, for the record. */
  readonly actor: string;
  readonly reason?: string | undefined;
  /** Do everything, report it, and roll it back. */
  readonly dryRun?: boolean | undefined;
  /** The signed-in administrator who asks; the audit log names them. */
  readonly onBehalfOf?: string | undefined;
}

export function behalf(user: string | undefined): { onBehalfOf?: string } {
  return user === undefined ? {} : { onBehalfOf: user };
}

/** A daily soap has thousands of episodes, and each that both shows have is united by itself. */
const LONG = 600_000;

/**
 * The one show or person a reference means: uuid, slug, IMDb id, `tmdb:<id>` (any scheme) or whole name.
 * @throws Refused `not_found`, or `ambiguous` naming the candidates
 */
export async function findOne(db: Database, kind: MergeKind, reference: string): Promise<Found> {
  const text = reference.trim();
  const found = await db.asService(`find ${kind}`, (tx) =>
    tx.query(kind === 'show' ? FIND_SHOWS : FIND_PEOPLE, [text, 6]),
  );
  const [only, second] = found;
  if (only === undefined) {
    const gone = await mergesOf(db, kind, text);
    const hint = gone[0] === undefined ? '' : `: it was merged into "${gone[0].target_name}" (${gone[0].target_id})`;
    throw new Refused(`${kind}_not_found`, `no ${kind} "${text}"${hint}`);
  }
  if (second !== undefined) {
    const names = found
      .slice(0, 5)
      .map((one) => `${one.id} (${one.imdb ?? (one.tmdb === null ? one.name : `tmdb:${one.tmdb}`)})`);
    throw new Refused(
      'ambiguous',
      `"${text}" is ${found.length > 5 ? 'more than 5' : found.length} ${kind === 'show' ? 'shows' : 'people'}, give an id: ${names.join(', ')}`,
    );
  }
  return only;
}

/**
 * Merges `source` into `target`: everything that hangs on the source moves to the target, rows that are the same thing are united,
 * the target's values win (`spec/pipeline.md` 6.5). The same merge again is answered with the first one's report.
 * @throws Refused with the rule's name as code: `merge_same`, `show_not_found`, `merged_away`, `target_retired`, ...
 */
export async function merge(
  db: Database,
  kind: MergeKind,
  source: string,
  target: string,
  { actor, reason, dryRun, onBehalfOf }: ChangeOptions,
): Promise<MergeReport> {
  return refusing(() =>
    db.asService(
      `merge ${kind}`,
      async (tx) => {
        const report = (await tx.one(MERGE[kind], [source, target, actor, reason ?? null]))?.report as MergeReport;
        if (!report.already_merged) {
          const change = [JSON.stringify({ id: source }), JSON.stringify({ merge_id: report.merge_id, into: target })];
          await tx.query(RECORD, [`${kind}.merge`, kind, source, ...change, reason ?? null]);
        }
        return report;
      },
      { rollback: dryRun === true, statementTimeoutMs: LONG, ...behalf(onBehalfOf) },
    ),
  );
}

/**
 * Undoes a merge. What somebody changed since stays with the target and is listed in `conflicts`.
 * @throws Refused `merge_not_found`, `merge_undone`, `merge_target_gone` (undo the later merge first), `merge_source_exists`
 */
export async function split(
  db: Database,
  kind: MergeKind,
  mergeId: string,
  { actor, dryRun, onBehalfOf }: ChangeOptions,
): Promise<SplitReport> {
  return refusing(() =>
    db.asService(
      `split ${kind}`,
      async (tx) => {
        const report = (await tx.one(SPLIT[kind], [mergeId, actor]))?.report as SplitReport;
        const change = [JSON.stringify({ merge_id: mergeId }), JSON.stringify({ conflicts: report.conflicts.length })];
        await tx.query(RECORD, [`${kind}.split`, kind, report.source, ...change, null]);
        return report;
      },
      { rollback: dryRun === true, statementTimeoutMs: LONG, ...behalf(onBehalfOf) },
    ),
  );
}

/**
 * The standing merge a reference means: the beginning of its id, or the id or name of what was merged away.
 * @throws Refused `merge_not_found`, `ambiguous`
 */
export async function findMerge(db: Database, kind: MergeKind, reference: string): Promise<StandingMerge> {
  const found = await mergesOf(db, kind, reference.trim());
  const [only, second] = found;
  if (only === undefined) throw new Refused('merge_not_found', `no merge "${reference.trim()}" that could be undone`);
  if (second !== undefined) {
    const names = found.map((one) => `${one.id} ("${one.source_name}" into "${one.target_name}")`);
    throw new Refused('ambiguous', `"${reference.trim()}" is several merges, give an id: ${names.join(', ')}`);
  }
  return only;
}

/** The newest merges first, undone ones too. */
export async function listMerges(
  db: Database,
  kind: MergeKind,
  limit: number,
  after?: { readonly time: string; readonly id: string },
): Promise<RecordedMerge[]> {
  return db.asService('list merges', (tx) =>
    tx.query(LIST_MERGES, [kind, limit, after?.time ?? null, after?.id ?? null]),
  );
}

function mergesOf(db: Database, kind: MergeKind, reference: string): Promise<StandingMerge[]> {
  return db.asService('find merge', (tx) => tx.query(FIND_MERGES, [kind, reference, 5]));
}
