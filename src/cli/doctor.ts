import { defineCommand } from 'citty';
import { loadConfig, PROJECT_ROOT, readEnvironment } from '../platform/config/load.ts';
import { type OpenedOwner, openOwner } from '../platform/db/open.ts';
import { EXIT, integerArg } from './command.ts';
import { CHECKS } from './doctor/checks.ts';
import { type Result, runChecks } from './doctor/run.ts';

/** `trr doctor`: everything that could keep the program from working, with the fix. Exit 1 when something fails. */
export const doctorCommand = defineCommand({
  meta: {
    name: 'doctor',
    description: 'Check runtime, packages, environment, disk, database, rights, keys, object store, broker and sources',
  },
  args: {
    json: { type: 'boolean', description: 'Print one JSON object' },
    offline: { type: 'boolean', description: 'Ask nothing beyond this machine' },
    'probe-writes': { type: 'boolean', description: 'Write an object to the object store, read it back, remove it' },
    timeout: { type: 'string', description: 'Longest time of a check, seconds', default: '10', valueHint: 'seconds' },
  },
  async run({ args }) {
    const seconds = integerArg('--timeout', args.timeout, { min: 1, max: 600 }) ?? 10;
    const config = loadConfig();
    let opening: Promise<OpenedOwner> | undefined;
    let opened: OpenedOwner | undefined;
    const context = {
      config,
      environment: readEnvironment(),
      root: PROJECT_ROOT,
      offline: args.offline === true,
      probeWrites: args['probe-writes'] === true,
      database() {
        opening ??= openOwner(config, 'trr doctor').then((owner) => {
          opened = owner;
          return owner;
        });
        return opening;
      },
    };
    const { results, hanging } = await runChecks(CHECKS, context, seconds * 1000);
    // One that is still being opened is not waited for.
    await opened?.close();
    const failed = results.some(({ status }) => status === 'fail');
    if (args.json) console.log(JSON.stringify({ ok: !failed, findings: results }));
    else for (const line of table(results)) console.log(line);
    const code = failed ? EXIT.failed : EXIT.ok;
    // A connection nobody answers would keep the process for as long as its own library waits.
    if (hanging) process.exit(code);
    return code;
  },
});

/** One line a finding; the time of a check stands at its first. */
function table(results: readonly Result[]): string[] {
  const width = Math.max(...results.map(({ check }) => check.length));
  return results.map(({ check, status, text, ms }, at) => {
    const first = results[at - 1]?.check !== check;
    const time = first ? `${ms} ms` : '';
    return `${status.padEnd(7)}  ${(first ? check : '').padEnd(width)}  ${time.padStart(8)}  ${text}`;
  });
}
