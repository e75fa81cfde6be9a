import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { cloneProject } from './clone.ts';

const BLOCK = /^```sh\n([\s\S]*?)^```$/gm;

/** What a newcomer does between two blocks of the guide: a small change with its test, and the merge on the hosting site. */
const CHANGE = `
mkdir -p src/platform/config
printf "%s\\n" "/** Says hello. */" "export function hello(name: string): string {" "  return 'Hello, ' + name;" "}" > src/platform/config/hello.ts
printf "%s\\n" "import { expect, it } from 'vitest';" "import { hello } from './hello.ts';" "" "it('greets', () => expect(hello('Ann')).toBe('Hello, Ann'));" > src/platform/config/hello.test.ts
npm run --silent repo-map
`;
const MERGE = 'git push --quiet origin HEAD:main';

it('the commands of CONTRIBUTING.md, followed to the letter on a fresh clone, land a small change', () => {
  const home = mkdtempSync(join(tmpdir(), 'trr-newcomer-'));
  const source = cloneProject('none');
  try {
    mkdirSync(join(home, 'home'));
    const [first = '', second = '', third = '', ...more] = [
      ...readFileSync(join(PROJECT_ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(BLOCK),
    ].map(([, text = '']) => text);
    expect(more).toEqual([]);
    const script = [
      'set -eu',
      `git clone --quiet --bare "${source.folder}" "${home}/origin.git"`,
      `git -C "${home}/origin.git" symbolic-ref HEAD refs/heads/main`,
      `git clone --quiet "${home}/origin.git" "${home}/trr-backend"`,
      `cd "${home}/trr-backend"`,
      'git config user.email newcomer@example.org',
      'git config user.name Newcomer',
      first,
      CHANGE,
      second,
      MERGE,
      third,
    ].join('\n');
    // The tools a machine with git, Node and npm has, and nothing of this project's or its tests'.
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: join(home, 'home'),
      LANG: 'C.UTF-8',
    };
    const { status, stdout, stderr } = spawnSync('bash', ['-x', '-c', script], {
      encoding: 'utf8',
      env,
      maxBuffer: 64 << 20,
    });
    // -x puts each command on the error stream; the last one is where it stopped.
    expect(status, `${stderr.slice(-500)}\n${stdout.slice(-6000)}`).toBe(0);
    expect(stdout).toContain('checks passed');
    expect(existsSync(join(home, 'trr-backend.feature-my-change'))).toBe(false);
  } finally {
    source.remove();
    rmSync(home, { recursive: true, force: true });
  }
});
