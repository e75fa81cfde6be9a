import { defineCommand } from 'citty';
import { IMAGE_TABLES, type ImageTable } from '../../media/keys.ts';
import { ALL_IMAGES, type ImageFilter, type MirrorSummary, mirror } from '../../media/mirror/mirror.ts';
import { GRACE_HOURS, prune } from '../../media/upkeep/prune.ts';
import { countWithoutVariants, fillVariants, type VariantsSummary } from '../../media/variants/run.ts';
import { loadConfig } from '../../platform/config/load.ts';
import type { Database } from '../../platform/db/types.ts';
import { EXIT, integerArg, UsageError } from '../command.ts';
import { printPruned, pruneExit } from './prune.ts';
import { WRITING_FLAGS, withMedia } from './session.ts';
import { PERSON_FLAGS, readPeople, readShows, readWords, SHOW_FLAGS } from './targets.ts';

const KINDS = ['poster', 'backdrop', 'logo', 'media', 'still'] as const;

/** `trr media mirror`: fetches images that are due, then makes their smaller versions. */
export const mirrorCommand = defineCommand({
  meta: {
    name: 'mirror',
    description: 'Fetch images that have no copy or whose source changed, and make smaller versions',
  },
  args: {
    table: { type: 'string', description: `Only of ${IMAGE_TABLES.join(', ')}; repeatable` },
    source: { type: 'string', description: 'Only from tmdb, imdb, fandom; repeatable' },
    kind: { type: 'string', description: `Only ${KINDS.join(', ')}; repeatable` },
    ...SHOW_FLAGS,
    ...PERSON_FLAGS,
    limit: { type: 'string', description: 'At most so many images of each table, 0 for all', default: '200' },
    force: { type: 'boolean', description: 'Fetch again what has a copy or was refused; never what was taken down' },
    variants: { type: 'boolean', default: true, description: 'Make smaller versions of what has none' },
    prune: { type: 'boolean', description: 'Then prune (trr media prune)' },
    concurrency: { type: 'string', description: 'Images in flight', default: '32' },
    verbose: { type: 'boolean', description: 'Print a line for every image' },
    ...WRITING_FLAGS,
  },
  async run({ args, rawArgs }) {
    const limit = integerArg('--limit', args.limit, { min: 0, max: 1_000_000 }) ?? 200;
    const concurrency = integerArg('--concurrency', args.concurrency, { min: 1, max: 256 }) ?? 32;
    const words = readFilter(rawArgs);
    const dryRun = args['dry-run'] === true;
    return withMedia(loadConfig(), 'trr media mirror', async ({ deps, signal }) => {
      const filter = { ...words, ...(await readTargets(deps.db, rawArgs, words.tables)) };
      const summary = await mirror(deps, {
        filter,
        limit: limit === 0 ? null : limit,
        force: args.force === true,
        dryRun,
        signal,
        concurrency,
        onImage: (row, { kind, reason }) => {
          if (args.verbose !== true && kind !== 'failed' && !(dryRun && args.json !== true)) return;
          const line = {
            event: 'image',
            table: row.table_name,
            row: row.row_key,
            url: row.source_url,
            outcome: kind,
            reason,
          };
          console.log(
            args.json === true
              ? JSON.stringify(line)
              : `${kind.padEnd(9)} ${row.table_name} ${row.row_key} ${reason ?? ''}`.trimEnd(),
          );
        },
      });
      const variants = await makeVariants(deps, args.variants !== false, dryRun, signal);
      print(args.json === true, summary, variants, dryRun);
      const code = mirrorExit(summary, variants);
      if (args.prune !== true || summary.cancelled) return code;
      const pruned = await prune(deps, { graceHours: GRACE_HOURS, force: false, dryRun });
      printPruned('prune', pruned, args.json === true, dryRun);
      return code === EXIT.ok ? pruneExit(pruned) : code;
    });
  },
});

async function makeVariants(
  deps: Parameters<typeof fillVariants>[0],
  wanted: boolean,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<VariantsSummary> {
  if (wanted && !dryRun) return fillVariants(deps, signal);
  return { files: wanted ? await countWithoutVariants(deps.db) : 0, variants: 0, bytes: 0, failed: 0 };
}

function readFilter(rawArgs: readonly string[]): ImageFilter {
  const kinds = rawArgs.some((word) => /^--kind(=|$)/.test(word)) ? readWords(rawArgs, '--kind', KINDS) : null;
  return {
    ...ALL_IMAGES,
    tables: readWords(rawArgs, '--table', IMAGE_TABLES),
    sources: readWords(rawArgs, '--source', ['tmdb', 'imdb', 'fandom']),
    kinds,
  };
}

/** Shows and people together mean both; tables that have neither are left out. */
async function readTargets(
  db: Database,
  rawArgs: readonly string[],
  tables: readonly ImageTable[],
): Promise<Pick<ImageFilter, 'showIds' | 'personIds' | 'tables'>> {
  const showIds = await readShows(db, rawArgs);
  const personIds = await readPeople(db, rawArgs);
  if (showIds !== null && personIds !== null) {
    throw new UsageError('name either shows or people: one image belongs to one of them');
  }
  return { showIds, personIds, tables };
}

/** 0 all good, 3 some images failed, 1 all of them, 130 cancelled. */
function mirrorExit(summary: MirrorSummary, variants: VariantsSummary): number {
  if (summary.cancelled) return EXIT.cancelled;
  if (summary.failed + variants.failed === 0) return EXIT.ok;
  return summary.mirrored + summary.unchanged + variants.files === 0 ? EXIT.failed : EXIT.partial;
}

function print(json: boolean, summary: MirrorSummary, variants: VariantsSummary, dryRun: boolean): void {
  if (json) {
    console.log(JSON.stringify({ event: 'mirror', dry_run: dryRun, ...summary, variants }));
    return;
  }
  const { scanned, mirrored, unchanged, skipped, failed, files, bytes, planned } = summary;
  const reasons = Object.entries(summary.reasons).map(([reason, images]) => `${reason} ${images}`);
  console.log(
    dryRun
      ? `would look at ${planned} images, skip ${skipped}, and make smaller versions of ${variants.files} files`
      : `scanned ${scanned}: mirrored ${mirrored} (${files} new files, ${bytes} bytes), unchanged ${unchanged}, failed ${failed}; skipped ${skipped}`,
  );
  if (reasons.length > 0) console.log(`reasons: ${reasons.join(', ')}`);
  if (!dryRun && variants.files + variants.failed > 0) {
    console.log(
      `smaller versions: ${variants.variants} of ${variants.files} files (${variants.bytes} bytes), failed ${variants.failed}`,
    );
  }
}
