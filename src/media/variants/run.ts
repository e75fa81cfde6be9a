import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { forEachBounded } from '../mirror/limits.ts';
import { DATABASE_TIME } from '../mirror/queries.ts';
import { type ObjectStore, StoreError } from '../stores/store.ts';
import { makeVariants, type Variant } from './make.ts';

/** Values: files not to look at again, at most so many. Files without smaller versions, oldest first. */
const WITHOUT_VARIANTS = statement(
  'media.variants.missing',
  `/* variants */ select o.sha256, o.key from media.objects o
where o.variants_at is null and o.variants_error is null and not o.sha256 = any($1::text[])
order by o.created_at, o.sha256 limit $2::int`,
  { sha256: 'text', key: 'text' },
);

const COUNT_WITHOUT = statement(
  'media.variants.count',
  '/* variants */ select count(*)::int as files from media.objects o where o.variants_at is null and o.variants_error is null',
  { files: 'int4' },
);

/** Values: items (`media.record_variants`). */
const RECORD_VARIANTS = statement(
  'media.variants.record',
  '/* variants */ select media.record_variants($1::jsonb) as recorded',
  {
    recorded: 'int8?',
  },
);

export interface VariantsSummary {
  files: number;
  variants: number;
  bytes: number;
  failed: number;
}

const PAGE = 50;

/** Makes the smaller versions of every file that has none yet: once, then never again (P3). */
export async function fillVariants(
  { db, store }: { readonly db: Database; readonly store: ObjectStore },
  signal: AbortSignal,
): Promise<VariantsSummary> {
  const summary: VariantsSummary = { files: 0, variants: 0, bytes: 0, failed: 0 };
  // The store refused them: another run may have more luck.
  const passed: string[] = [];
  while (!signal.aborted) {
    const page = await db.asService('files without variants', (tx) => tx.query(WITHOUT_VARIANTS, [passed, PAGE]));
    const seen = (await db.asService('now', (tx) => tx.one(DATABASE_TIME)))?.now;
    if (page.length === 0) break;
    const items: Record<string, unknown>[] = [];
    await forEachBounded(page, availableParallelism(), signal, async ({ sha256, key }) => {
      try {
        const made = await variantsOf(store, sha256, key);
        summary.files += 1;
        summary.variants += made.length;
        summary.bytes += made.reduce((sum, { bytes }) => sum + bytes.length, 0);
        items.push({
          sha256,
          seen_at: seen,
          error: null,
          variants: made.map(({ bytes, ...rest }) => ({ ...rest, bytes: bytes.length })),
        });
      } catch (error) {
        summary.failed += 1;
        if (error instanceof StoreError) passed.push(sha256);
        else items.push({ sha256, seen_at: seen, error: messageOf(error), variants: [] });
      }
    });
    const done = await db.asService('record variants', (tx) => tx.one(RECORD_VARIANTS, [JSON.stringify(items)]));
    // What could not be recorded (a removal is under way) would come again at once.
    if (Number(done?.recorded ?? 0) < items.length) passed.push(...page.map(({ sha256 }) => sha256));
  }
  return summary;
}

/** How many files are still without. */
export async function countWithoutVariants(db: Database): Promise<number> {
  return (await db.asService('count variants', (tx) => tx.one(COUNT_WITHOUT)))?.files ?? 0;
}

async function variantsOf(store: ObjectStore, sha256: string, key: string): Promise<Variant[]> {
  const found = await store.get(key);
  // Reconciliation notices and has it fetched again.
  if (found === undefined) throw new StoreError(`${key} is not in the store`);
  const made = await makeVariants(sha256, await buffer(found));
  await Promise.all(
    made.map(({ key: name, bytes, format }) =>
      // Made anew, it replaces what is there: only a damaged one or one of a killed run can be.
      store.put(name, bytes, { contentType: `image/${format}`, sha256: hash('sha256', bytes, 'hex'), overwrite: true }),
    ),
  );
  return made;
}

function messageOf(error: unknown): string {
  return ((error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '').slice(0, 300);
}
