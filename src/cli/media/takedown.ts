import { defineCommand } from 'citty';
import { IMAGE_TABLES, isKey } from '../../media/keys.ts';
import { liftTakedown, type TakedownTarget, takeDown } from '../../media/upkeep/takedown.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { EXIT, repeated, UsageError } from '../command.ts';
import { whoAmI } from '../pipeline-session.ts';
import { WRITING_FLAGS, withMedia } from './session.ts';

/** `trr media takedown`: hides pictures for good, deletes their files and blocks their return. */
export const takedownCommand = defineCommand({
  meta: {
    name: 'takedown',
    description: 'Hide pictures, delete their files and smaller versions, block every later import',
  },
  args: {
    sha256: { type: 'string', description: 'By content; repeatable' },
    key: { type: 'string', description: 'By the path of a file, as in its address; repeatable' },
    url: { type: 'string', description: "By the source's address; repeatable" },
    image: { type: 'string', description: 'By row, e.g. cast_photos:<id>; repeatable' },
    reason: { type: 'string', description: 'Why, for the record' },
    actor: { type: 'string', description: 'Who decided this; default: the name of the user' },
    lift: { type: 'boolean', description: 'Take the block back (by content or address); hidden images stay hidden' },
    ...WRITING_FLAGS,
  },
  async run({ args, rawArgs }) {
    const target = readTarget(rawArgs);
    const dryRun = args['dry-run'] === true;
    const reason = args.reason?.trim() ?? '';
    if (args.lift !== true && reason === '') throw new UsageError('--reason is needed: it is kept with the decision');
    if (reason.length > 2000) throw new UsageError('--reason must have at most 2000 characters');
    if (args.lift === true && target.keys.length + target.images.length > 0) {
      throw new UsageError('--lift takes --sha256 and --url');
    }
    return withMedia(loadConfig(), 'trr media takedown', async ({ deps }) => {
      if (args.lift === true) {
        const lifted = await liftTakedown(deps, target, dryRun);
        console.log(
          args.json === true ? JSON.stringify({ event: 'lift', dry_run: dryRun, lifted }) : `lifted ${lifted} blocks`,
        );
        return lifted === 0 ? EXIT.failed : EXIT.ok;
      }
      const report = await takeDown(deps, target, { reason, actor: args.actor?.trim() || whoAmI(), dryRun });
      const { base } = deps;
      const addresses = report.keys.map((key) => `${base ?? '/media'}/${key}`);
      if (args.json === true)
        console.log(JSON.stringify({ event: 'takedown', dry_run: dryRun, ...report, purge: addresses }));
      else print(report, addresses, dryRun);
      return report.failed.length > 0 ? EXIT.failed : EXIT.ok;
    });
  },
});

function readTarget(rawArgs: readonly string[]): TakedownTarget {
  const contents = repeated(rawArgs, '--sha256').map((text) => text.toLowerCase());
  const keys = repeated(rawArgs, '--key').map((text) => text.replace(/^(https?:\/\/[^/]+)?\/?(media\/)?/, ''));
  const addresses = repeated(rawArgs, '--url');
  const images = repeated(rawArgs, '--image');
  const badHash = contents.find((text) => !/^[0-9a-f]{64}$/.test(text));
  if (badHash !== undefined) throw new UsageError(`--sha256 must be 64 hexadecimal digits, not "${badHash}"`);
  const badKey = keys.find((key) => !isKey(key));
  if (badKey !== undefined) throw new UsageError(`--key must be like images/sha256/ab/<hash>.jpg, not "${badKey}"`);
  const badUrl = addresses.find((url) => !URL.canParse(url));
  if (badUrl !== undefined) throw new UsageError(`--url must be a whole address, not "${badUrl}"`);
  const badImage = images.find((image) => !IMAGE_TABLES.some((table) => image.startsWith(`${table}:`)));
  if (badImage !== undefined)
    throw new UsageError(`--image must be <table>:<id> with one of ${IMAGE_TABLES.join(', ')}, not "${badImage}"`);
  if (contents.length + keys.length + addresses.length + images.length === 0) {
    throw new UsageError('name what is to go: --sha256, --key, --url or --image');
  }
  return { contents, keys, addresses, images };
}

function print(report: Awaited<ReturnType<typeof takeDown>>, addresses: readonly string[], dryRun: boolean): void {
  const will = dryRun ? 'would be ' : '';
  console.log(
    `${report.images.length} images ${will}hidden, ${report.contents.length} contents and ${report.addresses.length} addresses ${will}blocked, ` +
      `${dryRun ? report.files : report.deleted} files ${will}deleted, failed ${report.failed.length}`,
  );
  for (const { table_name: table, row_key: row } of report.images) console.log(`  ${table}:${row}`);
  for (const { key, error } of report.failed) console.log(`  failed ${key}: ${error} (trr media prune tries again)`);
  if (addresses.length > 0) console.log('addresses that caches may still hold:');
  for (const address of addresses) console.log(`  ${address}`);
}
