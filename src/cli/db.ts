import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import { stopEmbedded } from '../platform/db/embedded/index.ts';
import { diagnoseDatabase, openOwner } from '../platform/db/open.ts';
import { EXIT, UsageError } from './command.ts';

const json = { type: 'boolean', description: 'Print JSON' } as const;
const dryRun = { type: 'boolean', description: 'Say what would happen and change nothing' } as const;

const migrateCommand = defineCommand({
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
    const { migrate } = await import('../platform/db/migrate/migrate.ts');
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

const statusCommand = defineCommand({
  meta: {
    name: 'status',
    description: 'Show server, version and migrations; exit 1 when the database does not match the program',
  },
  args: { json },
  async run({ args }) {
    const { server, embedded, migrations } = await diagnoseDatabase(loadConfig());
    const wrong = [...migrations.pending, ...migrations.unknown, ...migrations.changed, ...migrations.gaps].length > 0;
    const lines = [
      `server      PostgreSQL ${server.version} (${embedded ? 'embedded' : 'external'}), database ${server.database}`,
      `migrations  ${migrations.applied} applied, newest ${migrations.latest ?? 'none'}`,
      ...(['pending', 'unknown', 'changed', 'gaps'] as const)
        .filter((kind) => migrations[kind].length > 0)
        .map((kind) => `${kind.padEnd(11)} ${migrations[kind].join(', ')}`),
    ];
    print(args.json, { server, embedded, migrations }, lines.join('\n'));
    return wrong ? EXIT.failed : EXIT.ok;
  },
});

const resetCommand = defineCommand({
  meta: { name: 'reset', description: 'Drop everything this program owns, migrate from the start and seed' },
  args: {
    json,
    'dry-run': dryRun,
    yes: { type: 'boolean', description: 'Needed unless the database is the embedded one' },
  },
  async run({ args }) {
    const config = loadConfig();
    const { OWNED_SCHEMAS } = await import('../platform/db/migrate/schemas.ts');
    const { resetDatabase } = await import('../platform/db/migrate/reset.ts');
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

const seedCommand = defineCommand({
  meta: { name: 'seed', description: 'Insert the small development data set; a second run changes nothing' },
  args: { json, 'dry-run': dryRun },
  async run({ args }) {
    const { openDatabase } = await import('../platform/db/open.ts');
    const { SEED_FILE } = await import('../platform/db/migrate/migrate.ts');
    const { seedDatabase } = await import('../platform/db/migrate/reset.ts');
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

const stopCommand = defineCommand({
  meta: { name: 'stop', description: 'Stop the embedded database server of this data folder' },
  args: { json },
  async run({ args }) {
    const config = loadConfig();
    if (config.database.kind !== 'embedded')
      throw new UsageError(`${config.database.variable} names an external database: stop it where it runs`);
    const stopped = await stopEmbedded({ dataDir: config.dataDir });
    print(args.json, { stopped }, stopped ? 'stopped' : 'it was not running');
    return EXIT.ok;
  },
});

/** `trr db ...`: the database as an operator sees it. */
export const dbCommand = defineCommand({
  meta: { name: 'db', description: 'Migrate, inspect, reset and seed the database' },
  subCommands: {
    migrate: migrateCommand,
    status: statusCommand,
    reset: resetCommand,
    seed: seedCommand,
    stop: stopCommand,
  },
});

function print(asJson: boolean | undefined, value: unknown, text: string): void {
  console.log(asJson === true ? JSON.stringify(value) : text);
}
