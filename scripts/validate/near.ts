/** Runs the unit tests near what changed: `npm run test:near [-- --base REF]`. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { changesOf } from './changes.ts';
import { nearTests } from './near-tests.ts';
import { projectAt } from './project.ts';

/** More would no longer be quick; the rest is `npm test`. */
const AT_MOST = 20;

const { values } = parseArgs({ options: { base: { type: 'string' } } });
const base = values.base ?? process.env['TRR_VALIDATE_BASE'];
const tests = nearTests(changesOf(PROJECT_ROOT, base).files, projectAt(PROJECT_ROOT).files);
if (tests.length === 0) {
  process.stdout.write('no unit tests beside what changed\n');
} else {
  const chosen = tests.slice(0, AT_MOST);
  const left = tests.length - chosen.length;
  process.stdout.write(`${chosen.length} test files${left > 0 ? `; ${left} more are left to npm test` : ''}\n`);
  const { status } = spawnSync('npx', ['vitest', 'run', ...chosen], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
