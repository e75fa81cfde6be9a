import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { stopEmbedded } from '../../platform/db/embedded/index.ts';
import { EXIT, UsageError } from '../command.ts';
import { json, print } from './common.ts';

export const stopCommand = defineCommand({
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
