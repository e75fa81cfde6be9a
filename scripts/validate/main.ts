/**
 * Runs the checks of a tier:
 *
 *     node scripts/validate/main.ts fast|medium|full [--base REF] [--checks] [--list] [--json]
 *     node scripts/validate/main.ts --only "schema docs"
 *
 * `fast` before every commit, `medium` before a pull request (adds what the changed files call for), `full` is all that guards
 * quality. `--checks` leaves the test suites out, `--list` names what would run and runs nothing. Exit 0 all good, 1 something
 * failed, 2 misuse.
 */
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { changesOf } from './changes.ts';
import { runChecks, type Verdict } from './run.ts';
import { CHECKS, type Check, checksFor, TIERS, type Tier } from './table.ts';

/** The last lines of a failed command; the whole of it is one command away. */
const LINES_SHOWN = 60;

interface Request {
  readonly checks: readonly Check[];
  readonly base: string | undefined;
  /** What was asked for, in words. */
  readonly title: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    base: { type: 'string' },
    only: { type: 'string' },
    checks: { type: 'boolean' },
    list: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});

function requested(): Request | string {
  const unknown = Object.keys(values).find((name) => !['base', 'only', 'checks', 'list', 'json'].includes(name));
  if (unknown !== undefined) return `there is no flag --${unknown}`;
  const base = typeof values['base'] === 'string' ? values['base'] : undefined;
  if (typeof values['only'] === 'string') {
    const check = CHECKS.find(({ name }) => name === values['only']);
    if (check === undefined) return `--only names one of ${CHECKS.map(({ name }) => name).join(', ')}`;
    return { checks: [check], base, title: check.name };
  }
  const [tier] = positionals;
  if (positionals.length !== 1 || !TIERS.includes(tier as Tier)) return `name one tier: ${TIERS.join(', ')}`;
  const changes = changesOf(PROJECT_ROOT, base);
  const against = changes.base === null ? 'no base found, everything counts' : `compared with ${changes.base.ref}`;
  const title = `${tier}, ${changes.files.length} changed files (${against})`;
  const checks = checksFor(tier as Tier, changes.files);
  const withoutSuites = checks.filter(({ suite }) => suite === undefined);
  return { checks: values['checks'] === true ? withoutSuites : checks, base, title };
}

function tell({ check, ok, seconds, output }: Verdict): void {
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(24)} ${seconds.toFixed(1)} s\n`);
  if (ok) return;
  const lines = output.trimEnd().split('\n');
  const cut = lines.length - LINES_SHOWN;
  const shown = cut > 0 ? [`... ${cut} lines before`, ...lines.slice(-LINES_SHOWN)] : lines;
  process.stdout.write(`${shown.map((line) => `      | ${line}`).join('\n')}\n      run:    npm run ${check.script}\n`);
  process.stdout.write(`      repair: ${check.repair}\n`);
}

async function main(): Promise<number> {
  let request: Request | string;
  try {
    request = requested();
  } catch (error) {
    request = error instanceof Error ? error.message : String(error);
  }
  if (typeof request === 'string') {
    process.stderr.write(`validate: ${request}\n`);
    return 2;
  }
  const { checks, base, title } = request;
  const json = values['json'] === true;
  if (values['list'] === true) {
    const rows = checks.map(({ name, script, suite = false }) => ({ name, script, suite }));
    process.stdout.write(json ? `${JSON.stringify(rows)}\n` : rows.map(({ name }) => `${name}\n`).join(''));
    return 0;
  }
  if (!json) process.stdout.write(`validate: ${title}\n`);
  const env = { NO_COLOR: '1', ...(base === undefined ? {} : { TRR_VALIDATE_BASE: base }) };
  const verdicts = await runChecks(PROJECT_ROOT, checks, env, json ? () => undefined : tell);
  const failed = verdicts.filter(({ ok }) => !ok);
  if (json) {
    const rows = verdicts.map(({ check, ...rest }) => ({ name: check.name, repair: check.repair, ...rest }));
    process.stdout.write(`${JSON.stringify({ ok: failed.length === 0, checks: rows })}\n`);
  } else {
    const names = failed.map(({ check }) => check.name).join(', ');
    process.stdout.write(failed.length === 0 ? `${verdicts.length} checks passed\n` : `failed: ${names}\n`);
  }
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
