import { availableParallelism } from 'node:os';
import type { Database } from '../../platform/db/types.ts';
import type { Downloader } from '../download/download.ts';
import { IMAGE_TABLES, type ImageTable } from '../keys.ts';
import type { ObjectStore } from '../stores/store.ts';
import { createGate, createHosts, forEachBounded } from './limits.ts';
import { groupTouched } from './lookalikes.ts';
import { type DueImage, type MirrorParts, mirrorOne } from './one.ts';
import { COUNT_SKIPPED, DATABASE_TIME, DUE_IMAGES, RECORD_SKIPPED } from './queries.ts';
import { createRecorder, type Try } from './recorder.ts';

/** What mirroring works with; made once per process. */
export interface MirrorDependencies {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly downloader: Downloader;
  /** Where copies are read from (`AWS_CDN_BASE_URL`); null: none is stored with the rows. */
  readonly base: string | null;
  /** Licence tags that may be shown: others are not mirrored. */
  readonly licences: readonly string[];
  /** Sources that may be fetched. */
  readonly live: readonly string[];
}

/** Which images. */
export interface ImageFilter {
  readonly tables: readonly ImageTable[];
  /** `tmdb`, `imdb`, `fandom`. */
  readonly sources: readonly string[];
  readonly showIds: readonly string[] | null;
  readonly personIds: readonly string[] | null;
  readonly kinds: readonly string[] | null;
}

export const ALL_IMAGES: ImageFilter = {
  tables: IMAGE_TABLES,
  sources: ['tmdb', 'imdb', 'fandom'],
  showIds: null,
  personIds: null,
  kinds: null,
};

export interface MirrorRequest {
  readonly filter: ImageFilter;
  /** At most so many images of each table; null: all. */
  readonly limit: number | null;
  readonly force: boolean;
  /** Say what would be done; fetch and write nothing, anywhere. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Images in flight, default 32; per host half of it. */
  readonly concurrency?: number;
  readonly onImage?: (row: DueImage, outcome: Outcome) => void;
}

export type Outcome = {
  readonly kind: 'mirrored' | 'unchanged' | 'skipped' | 'failed' | 'planned';
  readonly reason: string | null;
};

export interface MirrorSummary {
  scanned: number;
  mirrored: number;
  unchanged: number;
  planned: number;
  skipped: number;
  failed: number;
  /** Of skips and failures. */
  reasons: Record<string, number>;
  /** Files that were new to the store, and their bytes. */
  files: number;
  bytes: number;
  cancelled: boolean;
}

const PAGE = 500;
const ALL = 2_147_483_647;

/**
 * Mirrors the images that are due, bounded in everything: at most so many in flight, two decoded per processor, one transaction per hundred.
 * A killed run leaves at worst files that the next one finds in their places.
 */
export async function mirror(deps: MirrorDependencies, request: MirrorRequest): Promise<MirrorSummary> {
  const { db } = deps;
  const summary = newSummary();
  const stopped = new Set<string>();
  const chosen = chosenValues(deps, request.filter);
  const skips = await db.asService('skipped images', async (tx) => {
    if (!request.dryRun) await tx.query(RECORD_SKIPPED, chosen);
    return tx.query(COUNT_SKIPPED, chosen);
  });
  for (const { reason, images } of skips) count(summary, 'skipped', reason, images);

  const run = request.dryRun ? undefined : createRun(deps, request, summary, stopped);
  const began = (await db.asService('now', (tx) => tx.one(DATABASE_TIME)))?.now;
  const due = (most: number) => {
    // What a host keeps from us must not stand before what others give.
    const sources = request.filter.sources.filter((source) => !stopped.has(source));
    const values = chosenValues(deps, { ...request.filter, sources });
    return db.asService('due images', (tx) => tx.query(DUE_IMAGES, [...values, request.force, began, most]));
  };
  // Nothing is written in a dry run, so a second page would be the first one again.
  if (run === undefined) plan(await due(request.limit ?? ALL), summary, request);
  for (let left = request.limit ?? ALL; run !== undefined && left > 0 && !request.signal.aborted; left -= PAGE) {
    if (!(await run.work(await due(Math.min(PAGE, left))))) break;
  }
  summary.cancelled = request.signal.aborted;
  await run?.end();
  return summary;
}

/** @param stopped gets the sources whose host refuses us */
function createRun(deps: MirrorDependencies, request: MirrorRequest, summary: MirrorSummary, stopped: Set<string>) {
  const width = request.concurrency ?? 32;
  const hosts = createHosts(Math.max(1, Math.ceil(width / 2)));
  const recorder = createRecorder(deps.db, deps.store.bucket, deps.base);
  const touched = new Set<string>();
  const downloader: Downloader = {
    ...deps.downloader,
    fetch: (image) => hosts.gate(hostOf(image.url))(() => deps.downloader.fetch(image)),
  };
  const parts: MirrorParts = {
    ...deps,
    downloader,
    processing: createGate(availableParallelism()),
    signal: request.signal,
    files: new Map(),
  };
  /** How many tries were written down; a page without any would come again for ever. */
  let progress = 0;
  let pending: Promise<void>[] = [];
  let broken: unknown;

  const one = async (row: DueImage): Promise<void> => {
    const host = hostOf(row.source_url);
    if (hosts.isStopped(host)) {
      stopped.add(row.source);
      return tell(row, { kind: 'skipped', reason: 'host_stopped' });
    }
    const tried = await mirrorOne(parts, row, request.force);
    if (request.signal.aborted && tried.state !== 'stored') return;
    hosts.answered(host, tried.reason === 'forbidden' || tried.reason === 'rate_limited');
    // Not awaited in its turn: a batch fills while others work. `work` waits for all of them.
    const written = recorder.add(tried).then((verdict) => {
      if (verdict !== 'changed' && verdict !== 'vanished') progress += 1;
      if (verdict === 'stored' && row.person_id !== null) touched.add(row.person_id);
      if (verdict === 'stored' && tried.file?.isNew === true) {
        summary.files += 1;
        summary.bytes += tried.file.image.length;
      }
      tell(row, outcomeOf(tried, verdict));
    });
    pending.push(
      written.catch((error: unknown) => {
        broken ??= error;
      }),
    );
  };
  const tell = (row: DueImage, outcome: Outcome) => {
    summary.scanned += 1;
    count(summary, outcome.kind, outcome.reason, 1);
    request.onImage?.(row, outcome);
  };

  return {
    /** False when there is nothing more to do. */
    async work(page: readonly DueImage[]): Promise<boolean> {
      if (page.length === 0) return false;
      const before = progress;
      await forEachBounded(page, width, request.signal, one);
      await recorder.flush();
      await Promise.all(pending);
      pending = [];
      parts.files.clear();
      if (broken !== undefined) throw broken;
      return progress > before;
    },
    end: () => groupTouched(deps.db, [...touched]),
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function outcomeOf(tried: Try, verdict: string): Outcome {
  if (verdict === 'stored') return { kind: tried.file === null ? 'unchanged' : 'mirrored', reason: null };
  if (verdict === 'lost') return { kind: 'failed', reason: 'being_removed' };
  // The row went, or got another address, while we were at it: a later run sees to what it has now.
  if (verdict === 'changed' || verdict === 'vanished') return { kind: 'skipped', reason: `row_${verdict}` };
  if (verdict === 'taken_down') return { kind: 'skipped', reason: verdict };
  return { kind: 'failed', reason: tried.reason };
}

function plan(page: readonly DueImage[], summary: MirrorSummary, request: MirrorRequest): void {
  for (const row of page) {
    summary.scanned += 1;
    summary.planned += 1;
    request.onImage?.(row, { kind: 'planned', reason: null });
  }
}

function chosenValues(deps: MirrorDependencies, filter: ImageFilter): unknown[] {
  return [filter.tables, filter.sources, filter.showIds, filter.personIds, filter.kinds, deps.licences, deps.live];
}

function newSummary(): MirrorSummary {
  return {
    scanned: 0,
    mirrored: 0,
    unchanged: 0,
    planned: 0,
    skipped: 0,
    failed: 0,
    reasons: {},
    files: 0,
    bytes: 0,
    cancelled: false,
  };
}

function count(summary: MirrorSummary, kind: Outcome['kind'], reason: string | null, images: number): void {
  summary[kind] += images;
  if (reason !== null) summary.reasons[reason] = (summary.reasons[reason] ?? 0) + images;
}
