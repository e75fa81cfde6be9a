import { defineCommand } from 'citty';
import {
  GRACE_HOURS,
  type PruneReport,
  type PruneRequest,
  prune,
  type ReconcileReport,
  reconcile,
} from '../../media/upkeep/prune.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { EXIT, integerArg, UsageError } from '../command.ts';
import { WRITING_FLAGS, withMedia } from './session.ts';

const FLAGS = {
  'grace-hours': {
    type: 'string',
    description: `Hours without reference before a file goes, at least ${GRACE_HOURS} unless forced`,
    default: String(GRACE_HOURS),
  },
  force: { type: 'boolean', description: 'Take more than a fifth of a family of keys, or sooner' },
  verbose: { type: 'boolean', description: 'Print every key' },
  ...WRITING_FLAGS,
} as const;

/** `trr media prune`: deletes files that nothing refers to, in two phases. */
export const pruneCommand = defineCommand({
  meta: { name: 'prune', description: 'Mark files nothing refers to; delete those marked long enough ago' },
  args: FLAGS,
  async run({ args }) {
    const request = readRequest(args);
    return withMedia(loadConfig(), 'trr media prune', async ({ deps }) => {
      const report = await prune(deps, request);
      printPruned('prune', report, args.json === true, request.dryRun, args.verbose === true);
      return pruneExit(report);
    });
  },
});

/** `trr media reconcile`: store and database, compared in both directions. */
export const reconcileCommand = defineCommand({
  meta: {
    name: 'reconcile',
    description: 'Compare store and database in both directions; queue missing and damaged files again; prune. Weekly',
  },
  args: { ...FLAGS, verify: { type: 'boolean', description: 'Read every file and compare its content' } },
  async run({ args }) {
    const request = { ...readRequest(args), verify: args.verify === true };
    return withMedia(loadConfig(), 'trr media reconcile', async ({ deps }) => {
      const report = await reconcile(deps, request);
      printPruned('reconcile', report, args.json === true, request.dryRun, args.verbose === true);
      return pruneExit(report);
    });
  },
});

function readRequest(args: {
  'grace-hours'?: string | undefined;
  force?: boolean | undefined;
  'dry-run'?: boolean | undefined;
}): PruneRequest {
  const graceHours = integerArg('--grace-hours', args['grace-hours'], { min: 0, max: 87_600 }) ?? GRACE_HOURS;
  if (graceHours < GRACE_HOURS && args.force !== true) {
    throw new UsageError(
      `--grace-hours below ${GRACE_HOURS} needs --force: another process may be about to refer to a file`,
    );
  }
  return { graceHours, force: args.force === true, dryRun: args['dry-run'] === true };
}

/** Found, deleted and failed apart (V2). */
export function printPruned(
  event: 'prune' | 'reconcile',
  report: PruneReport | ReconcileReport,
  json: boolean,
  dryRun: boolean,
  verbose = false,
): void {
  if (json) {
    console.log(JSON.stringify({ event, dry_run: dryRun, ...report }));
    return;
  }
  if ('missing' in report) {
    const verb = dryRun ? 'would be' : 'are';
    console.log(
      `${report.missing.length} files missing, ${report.damaged.length} damaged: ${report.requeued} images ${verb} queued again, ` +
        `smaller versions of ${report.remade} files made again`,
    );
    for (const key of verbose ? [...report.missing, ...report.damaged] : []) console.log(`  ${key}`);
  }
  console.log(
    `${report.listed} files listed; ${report.unreferenced} without reference (${report.marked} newly marked), ${report.strays} unknown; ` +
      `found ${report.found.length} to delete, deleted ${report.deleted}, failed ${report.failed.length}`,
  );
  for (const key of dryRun || verbose ? report.found : []) console.log(`  ${key}`);
  for (const { key, error } of report.failed) console.log(`  failed ${key}: ${error}`);
  if (report.stopped !== null) console.log(`stopped: ${report.stopped}`);
}

export function pruneExit(report: PruneReport): number {
  return report.failed.length > 0 || report.stopped !== null ? EXIT.failed : EXIT.ok;
}
