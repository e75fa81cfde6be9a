import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { diagnoseDatabase, openOwner } from '../../platform/db/open.ts';
import { EXIT } from '../command.ts';
import { dryRun, json, print } from './common.ts';

export const migrateCommand = defineCommand({
  meta: { name: 'migrate', description: 'Bring the database to the newest version' },
  args: { json, 'dry-run': dryRun },
  async run({ args }) {
    const config = loadConfig();
    if (args['dry-run']) {
      const { migrations } = await diagnoseDatabase(config);
      print(
        args.json,
        { pending: migrations.pending },
        `would apply ${migrations.pending.length} migration(s): ${migrations.pending.join(', ') || 'none'}`,
      );
      return EXIT.ok;
    }
    const { migrate } = await import('../../platform/db/migrate/migrate.ts');
    const owner = await openOwner(config, 'trr db migrate');
    try {
      const applied = await migrate({
        url: owner.ownerUrl,
        onFile: (file) => {
          if (!args.json) console.error(`applying ${file.version}_${file.name}`);
        },
      });
      print(args.json, { applied }, applied.length === 0 ? 'up to date' : `applied ${applied.length} migration(s)`);
      return EXIT.ok;
    } finally {
      await owner.close();
    }
  },
});
