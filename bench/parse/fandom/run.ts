import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../../src/platform/config/load.ts';
import { parsePerson } from '../../../src/sources/fandom/parse/person.ts';
import { median, report } from '../../lib/numbers.ts';
import { temporaryFolder } from '../../lib/processes.ts';
import { largePage } from './page.ts';

const ROUNDS = 12;
const python = ['/usr/bin/python3', 'python3'].find((program) => spawnSync(program, ['-c', 'import bs4']).status === 0);
if (python === undefined) {
  console.log(
    'skipped: no Python with bs4 here (Debian: apt-get install python3-bs4), so there is nothing to compare with',
  );
  process.exit(0);
}
const folder = temporaryFolder();
const page = largePage();
const file = join(folder.path, 'page.html');
writeFileSync(file, page);
const bytes = Buffer.from(page);

function ours(): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    const result = parsePerson(bytes);
    const took = performance.now() - started;
    if (!result.ok || result.value.photos.length < 200 || result.missing.length > 0)
      throw new Error('the page was not read');
    return took;
  });
  return Math.min(...times);
}

function baseline(): { tree: number; whole: number } {
  const script = join(PROJECT_ROOT, 'bench/parse/fandom/baseline.py');
  const { stdout, stderr, status } = spawnSync(python ?? '', [script, file, String(ROUNDS)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the baseline failed: ${stderr}`);
  const [tree = 0, whole = 0] = stdout.trim().split(' ').map(Number);
  return { tree, whole };
}

ours();
const runs = Array.from({ length: 3 }, () => {
  const [us, them] = [ours(), baseline()];
  const run = { us, tree: them.tree / us, whole: them.whole / us };
  console.log(
    `ours ${us.toFixed(1)} ms, bs4 tree ${them.tree.toFixed(1)} ms, tree and reading ${them.whole.toFixed(1)} ms`,
  );
  return run;
});
folder.remove();
const good = report([
  {
    name: `page of ${Math.round(bytes.length / 1000)} kB: bs4 tree alone / our whole record`,
    value: median(runs.map(({ tree }) => tree)),
    unit: 'x',
    bound: { atLeast: 2 },
  },
  {
    name: 'bs4 tree and reading / our whole record',
    value: median(runs.map(({ whole }) => whole)),
    unit: 'x',
    bound: { atLeast: 2 },
  },
]);
process.exit(good ? 0 : 1);
