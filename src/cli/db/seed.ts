import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { EXIT } from '../command.ts';
import { dryRun, json, print } from './common.ts';

export const seedCommand = defineCommand({
  meta: { name: 'seed', description: 'Insert the small development data set; a second run changes nothing' },
  args: { json, 'dry-run': dryRun },
  async run({ args }) {
    const { openDatabase } = await import('../../platform/db/open.ts');
    const { SEED_FILE } = await import('../../platform/db/migrate/migrate.ts');
    const { seedDatabase } = await import('../../platform/db/migrate/reset.ts');
    const opened = await openDatabase(loadConfig(), { applicationName: 'trr db seed' });
    try {
      if (args['dry-run']) {
        print(
          args.json,
          { file: 'supabase/seed.sql' },
          `would run ${SEED_FILE.split('/').slice(-2).join('/')}, which inserts only what is missing`,
        );
        return EXIT.ok;
      }
      await seedDatabase(opened.ownerUrl);
      print(args.json, { seeded: true }, 'seeded');
      return EXIT.ok;
    } finally {
      await opened.close();
    }
  },
});
