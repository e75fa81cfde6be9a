import { defineCommand } from 'citty';
import { IMAGE_TABLES } from '../../media/keys.ts';
import { rebuildUrls } from '../../media/upkeep/rebuild-urls.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { EXIT, integerArg, UsageError } from '../command.ts';
import { WRITING_FLAGS, withMedia } from './session.ts';
import { PERSON_FLAGS, readPeople, readShows, readWords, SHOW_FLAGS } from './targets.ts';

/** `trr media rebuild-urls`: for programs that read `hosted_url` from the tables; the API does without. */
export const rebuildUrlsCommand = defineCommand({
  meta: {
    name: 'rebuild-urls',
    description: 'Write stored addresses of copies anew after AWS_CDN_BASE_URL changed, for readers of the tables',
  },
  args: {
    table: { type: 'string', description: `Only of ${IMAGE_TABLES.join(', ')}; repeatable` },
    ...SHOW_FLAGS,
    ...PERSON_FLAGS,
    limit: { type: 'string', description: 'Rows per transaction', default: '200' },
    ...WRITING_FLAGS,
  },
  async run({ args, rawArgs }) {
    const config = loadConfig();
    const base = config.media.cdnBaseUrl;
    if (base === null) throw new UsageError('AWS_CDN_BASE_URL is not set: there is no address to write');
    const tables = readWords(rawArgs, '--table', IMAGE_TABLES);
    const batch = integerArg('--limit', args.limit, { min: 1, max: 100_000 }) ?? 200;
    const dryRun = args['dry-run'] === true;
    return withMedia(config, 'trr media rebuild-urls', async ({ deps: { db } }) => {
      const showIds = (await readShows(db, rawArgs)) ?? [];
      const personIds = (await readPeople(db, rawArgs)) ?? [];
      for (const done of await rebuildUrls(db, { tables, showIds, personIds, base, batch, dryRun })) {
        const { table, scanned, updated } = done;
        console.log(
          args.json === true
            ? JSON.stringify({ event: 'rebuild-urls', dry_run: dryRun, ...done })
            : `${table}: scanned ${scanned}, updated ${updated}`,
        );
      }
      return EXIT.ok;
    });
  },
});
