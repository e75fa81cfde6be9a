import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { diagnoseDatabase } from '../../platform/db/open.ts';
import { EXIT } from '../command.ts';
import { describeTarget, json, print } from './common.ts';

export const statusCommand = defineCommand({
  meta: {
    name: 'status',
    description: 'Show URL, server, version and migrations; exit 1 when the database does not match the program',
  },
  args: { json },
  async run({ args }) {
    const config = loadConfig();
    const target = describeTarget(config);
    const { server, embedded, migrations } = await diagnoseDatabase(config);
    const wrong = [...migrations.pending, ...migrations.unknown, ...migrations.changed, ...migrations.gaps].length > 0;
    const lines = [
      `url         ${target.url} (from ${target.from})`,
      `server      PostgreSQL ${server.version} (${embedded ? 'embedded' : 'external'}), database ${server.database}`,
      `migrations  ${migrations.applied} applied, newest ${migrations.latest ?? 'none'}`,
      ...(['pending', 'unknown', 'changed', 'gaps'] as const)
        .filter((kind) => migrations[kind].length > 0)
        .map((kind) => `${kind.padEnd(11)} ${migrations[kind].join(', ')}`),
    ];
    print(args.json, { ...target, server, embedded, migrations }, lines.join('\n'));
    return wrong ? EXIT.failed : EXIT.ok;
  },
});
