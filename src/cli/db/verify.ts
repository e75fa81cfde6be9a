import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { openOwner } from '../../platform/db/open.ts';
import { verifyDatabase } from '../../platform/db/verify/verify.ts';
import { EXIT } from '../command.ts';
import { describeTarget, json, targetLine } from './common.ts';

export const verifyCommand = defineCommand({
  meta: { name: 'verify', description: 'Check structure, rights and rows without changing anything; exit 1 on a FAIL' },
  args: { json },
  async run({ args }) {
    const config = loadConfig();
    const { url, from } = describeTarget(config);
    const owner = await openOwner(config, 'trr db verify');
    try {
      if (!args.json) console.log(targetLine(config));
      const checks = await verifyDatabase({
        url: owner.ownerUrl,
        onCheck: ({ status, name, text }) => {
          if (!args.json) console.log(`${status}  ${name}: ${text}`);
        },
      });
      const failed = checks.filter(({ status }) => status === 'FAIL').length;
      if (args.json) console.log(JSON.stringify({ url, from, failed, checks }));
      return failed > 0 ? EXIT.failed : EXIT.ok;
    } finally {
      await owner.close();
    }
  },
});
