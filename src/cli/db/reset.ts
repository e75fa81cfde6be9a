import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { openOwner } from '../../platform/db/open.ts';
import { EXIT } from '../command.ts';
import { dryRun, json, print } from './common.ts';

export const resetCommand = defineCommand({
  meta: { name: 'reset', description: 'Drop everything this program owns, migrate from the start and seed' },
  args: {
    json,
    'dry-run': dryRun,
    yes: { type: 'boolean', description: 'Needed unless the database is the embedded one' },
  },
  async run({ args }) {
    const config = loadConfig();
    const { OWNED_SCHEMAS } = await import('../../platform/db/migrate/schemas.ts');
    const { resetDatabase } = await import('../../platform/db/migrate/reset.ts');
    const owner = await openOwner(config, 'trr db reset');
    try {
      if (args['dry-run']) {
        print(
          args.json,
          { drops: OWNED_SCHEMAS },
          `would drop the schemas ${OWNED_SCHEMAS.join(', ')} of ${owner.facts.database}`,
        );
        return EXIT.ok;
      }
      const applied = await resetDatabase({
        url: owner.ownerUrl,
        embedded: owner.embedded,
        confirmed: args.yes === true,
        production: config.production,
      });
      print(args.json, { applied }, `reset: applied ${applied.length} migration(s) and the seed`);
      return EXIT.ok;
    } finally {
      await owner.close();
    }
  },
});
