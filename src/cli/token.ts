import { defineCommand } from 'citty';
import { localToken, tokenUser } from '../identity/tokens/local.ts';
import { localTokenSecret, localTokensRefused } from '../identity/tokens/secrets.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import { EXIT, integerArg, UsageError } from './command.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const WEEK_MINUTES = 7 * 24 * 60;

export const tokenCommand = defineCommand({
  meta: { name: 'token', description: 'Sign a token for a person on this machine, where no issuer is configured' },
  args: {
    user: {
      type: 'string',
      description: 'User id or e-mail address; an unknown one becomes a new user',
      valueHint: 'id',
    },
    admin: { type: 'boolean', description: 'Make the person an administrator (recorded)' },
    minutes: { type: 'string', description: 'How long the token lives', default: '60' },
    json: { type: 'boolean', description: 'Print JSON' },
  },
  async run({ args }) {
    const user = args.user?.trim() ?? '';
    if (!UUID.test(user) && !/^[^\s@]+@[^\s@]+$/.test(user)) {
      throw new UsageError('--user needs a user id (UUID) or an e-mail address');
    }
    const minutes = integerArg('--minutes', args.minutes, { min: 1, max: WEEK_MINUTES }) ?? 60;
    const config = loadConfig();
    const secret = await localTokenSecret(config);
    if (secret === null) throw new UsageError(`tokens of this machine are not accepted: ${localTokensRefused(config)}`);
    const database = await openDatabase(config, { applicationName: 'trr token' });
    try {
      const person = await tokenUser(database.db, user, args.admin === true);
      if (person === 'ambiguous') throw new UsageError(`several users have the address ${user}: give the user id`);
      const token = await localToken(secret, person, minutes * 60);
      if (args.json === true) console.log(JSON.stringify({ token, user_id: person.id, expires_in: minutes * 60 }));
      else console.log(token);
      return EXIT.ok;
    } finally {
      await database.close();
    }
  },
});
