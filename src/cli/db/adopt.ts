import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { type Adoption, adoptDatabase } from '../../platform/db/adopt/adopt.ts';
import { migrate } from '../../platform/db/migrate/migrate.ts';
import { openOwner } from '../../platform/db/open.ts';
import { EXIT, type ExitCode, repeated, UsageError } from '../command.ts';
import { dryRun, json } from './common.ts';

export const adoptCommand = defineCommand({
  meta: {
    name: 'adopt',
    description: "Take over the predecessor's database: explain every difference, then mark the baseline as applied",
  },
  args: {
    json,
    'dry-run': dryRun,
    accept: { type: 'string', description: 'Id of a difference that is meant to be so; may be repeated' },
    'accept-all': { type: 'boolean', description: 'Accept every difference' },
    rehearse: { type: 'boolean', description: 'Run all migrations and take them back (locks the tables meanwhile)' },
    migrate: { type: 'boolean', description: 'Upgrade right afterwards, as trr db migrate does' },
  },
  async run({ args, rawArgs }) {
    const accept = repeated(rawArgs, '--accept');
    if (args.migrate && (args['dry-run'] || args.rehearse)) {
      throw new UsageError('--migrate excludes --dry-run and --rehearse, which change nothing');
    }
    const owner = await openOwner(loadConfig(), 'trr db adopt');
    try {
      const adoption = await adoptDatabase({
        url: owner.ownerUrl,
        accept,
        acceptAll: args['accept-all'] === true,
        dryRun: args['dry-run'] === true,
        rehearse: args.rehearse === true,
      });
      const upgrade = args.migrate === true && ['adopted', 'nothing'].includes(adoption.outcome);
      const code = exitOf(adoption);
      const applied = upgrade && code === EXIT.ok ? await migrate({ url: owner.ownerUrl }) : [];
      if (args.json) console.log(JSON.stringify({ ...adoption, applied }));
      else report(adoption, applied);
      return code;
    } finally {
      await owner.close();
    }
  },
});

/** A database that needs no adopting is no failure; one that is not the predecessor's is. */
function exitOf({ outcome, verdict }: Adoption): ExitCode {
  if (outcome === 'refused') return EXIT.failed;
  return outcome === 'nothing' && (verdict === 'foreign' || verdict === 'older') ? EXIT.failed : EXIT.ok;
}

function report(adoption: Adoption, applied: readonly string[]): void {
  for (const { id, line, accepted } of adoption.differences) {
    console.log(`${accepted ? 'accepted' : 'DIFFERS '}  ${line}`);
    if (!accepted) console.log(`          --accept '${id}'`);
  }
  for (const { id, what, count, examples } of adoption.problems) {
    console.log(`ROWS      ${id}: ${count} ${what}; ${examples.join(', ')}`);
  }
  for (const id of adoption.unknownAccepts) console.error(`trr: --accept ${id} names no difference of this database`);
  console.log(adoption.message);
  if (applied.length > 0) console.log(`applied ${applied.length} migration(s)`);
}
