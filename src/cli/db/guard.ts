import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { openOwner } from '../../platform/db/open.ts';
import { guardDatabase } from '../../platform/db/verify/guard.ts';
import { EXIT } from '../command.ts';
import { describeTarget, json, print, targetLine } from './common.ts';

export const guardCommand = defineCommand({
  meta: {
    name: 'guard',
    description: 'Exit 1 unless the database is one of this program: for scripts, before anything dangerous',
  },
  args: { json },
  async run({ args }) {
    const config = loadConfig();
    const { url, from } = describeTarget(config);
    const owner = await openOwner(config, 'trr db guard');
    try {
      const { status, text } = await guardDatabase(owner.ownerUrl);
      print(args.json, { url, from, status, text }, `${targetLine(config)}\n${status}  ${text}`);
      return status === 'FAIL' ? EXIT.failed : EXIT.ok;
    } finally {
      await owner.close();
    }
  },
});
