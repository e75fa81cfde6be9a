import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { prepare } from './prepare.ts';

let home: string;
let main: string;
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const at = (branch: string) => `${main}.${branch.replace('/', '-')}`;

function script(name: string, cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT_ROOT, `scripts/worktree/${name}.ts`), ...args],
    {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' },
      // Nothing ever waits for an answer.
      input: '',
    },
  );
  return { status, said: stdout, error: stderr };
}
const make = (branch: string, ...args: string[]) => script('new', main, branch, '--no-install', ...args);
const commit = (cwd: string, file: string, text = file) => {
  writeFileSync(join(cwd, file), text);
  git(cwd, 'add', file);
  git(cwd, 'commit', '--quiet', '-m', file);
};

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'trr-worktree-')));
  const origin = join(home, 'origin.git');
  git(home, 'init', '--quiet', '--bare', '--initial-branch=trunk', origin);
  main = join(home, 'shop');
  git(home, 'clone', '--quiet', origin, main);
  git(main, 'config', 'user.email', 'a@example.org');
  git(main, 'config', 'user.name', 'A');
  git(main, 'switch', '--quiet', '--orphan', 'trunk');
  commit(main, '.gitignore', '.env\n.env.*\n!.env.example\nnode_modules/\n');
  commit(main, '.env.example', '# PORT=8000\n');
  git(main, 'push', '--quiet', '-u', 'origin', 'trunk');
  git(main, 'remote', 'set-head', 'origin', 'trunk');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('worktree:new', () => {
  it('makes a sibling from the remote’s default branch, whatever that is called, with a shared .env and its own port', () => {
    writeFileSync(join(main, '.env'), 'TMDB_API_KEY=x\n');
    const made = make('feature/x');
    expect(made).toMatchObject({ status: 0, error: '' });
    expect(made.said).toContain('begins at origin/trunk');
    expect(git(at('feature/x'), 'branch', '--show-current')).toBe('feature/x\n');
    expect(lstatSync(join(at('feature/x'), '.env')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(at('feature/x'), '.env'), 'utf8')).toBe('TMDB_API_KEY=x\n');
    expect(readFileSync(join(at('feature/x'), '.env.worktree'), 'utf8')).toMatch(/PORT=8\d\d\d\nTRR_DATA_DIR=\.trr/);
    expect(statSync(join(at('feature/x'), '.env.worktree')).mode & 0o777).toBe(0o600);
    expect(git(at('feature/x'), 'status', '--porcelain')).toBe('');
    // A second one, made from within the first, is a sibling too, with another port.
    expect(script('new', at('feature/x'), 'fix/y', '--no-install').status).toBe(0);
    expect(readFileSync(join(at('fix/y'), '.env.worktree'), 'utf8')).not.toBe(
      readFileSync(join(at('feature/x'), '.env.worktree'), 'utf8'),
    );
  });

  it('starts from what others merged since', () => {
    const other = join(home, 'other');
    git(home, 'clone', '--quiet', join(home, 'origin.git'), other);
    git(other, 'config', 'user.email', 'b@example.org');
    git(other, 'config', 'user.name', 'B');
    commit(other, 'theirs');
    git(other, 'push', '--quiet');
    expect(make('feature/x').status).toBe(0);
    expect(existsSync(join(at('feature/x'), 'theirs'))).toBe(true);
  });

  it('begins .env from the example where the main checkout has none', () => {
    expect(make('feature/x').said).toContain('begun from .env.example');
    expect(readFileSync(join(at('feature/x'), '.env'), 'utf8')).toBe('# PORT=8000\n');
  });

  it('copies, and warns that copies drift, where links cannot be made', () => {
    writeFileSync(join(main, '.env'), 'A=1\n');
    git(main, 'worktree', 'add', '--quiet', '-b', 'feature/x', at('feature/x'));
    const { lines } = prepare(at('feature/x'), {
      install: false,
      link: () => {
        throw new Error('no links here');
      },
    });
    expect(lines.join('\n')).toMatch(/COPY .*no links here.*do not arrive/);
    expect(lstatSync(join(at('feature/x'), '.env')).isSymbolicLink()).toBe(false);
    expect(prepare(at('feature/x'), { install: false }).lines.join('\n')).toContain('.env is there already');
  });

  it('takes up a branch that exists', () => {
    git(main, 'branch', 'feature/x');
    expect(make('feature/x').said).toContain('was there already');
  });

  it('tells misuse (2) from refusal (1), and changes nothing', () => {
    for (const args of [
      [],
      ['main'],
      ['feature/x', 'y'],
      ['feature/x', '--no-such'],
      ['feature/x', '--from', 'nowhere'],
    ]) {
      const { status, error } = script('new', main, ...args);
      expect(status, args.join(' ')).toBe(2);
      expect(error).toContain('usage: npm run worktree:new');
    }
    mkdirSync(at('feature/x'));
    expect(make('feature/x')).toMatchObject({ status: 1, error: expect.stringContaining('there already') });
    expect(make('fix/y').status).toBe(0);
    expect(make('fix/y')).toMatchObject({ status: 1, error: expect.stringContaining('checked out in') });
    expect(script('new', home, 'feature/z').status).toBe(1);
    expect(git(main, 'branch', '--list', 'feature/*')).toBe('');
  });

  it('installs from the lock file, and fails when that fails', () => {
    commit(main, 'package.json', JSON.stringify({ name: 'shop', version: '1.0.0' }));
    git(main, 'push', '--quiet');
    const failed = script('new', main, 'feature/x');
    expect(failed).toMatchObject({ status: 1, said: expect.stringContaining('npm ci FAILED') });
    commit(
      main,
      'package-lock.json',
      JSON.stringify({
        name: 'shop',
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: 'shop', version: '1.0.0' } },
      }),
    );
    git(main, 'push', '--quiet');
    mkdirSync(join(main, 'node_modules/.cache'), { recursive: true });
    writeFileSync(join(main, 'node_modules/.cache/tsc.tsbuildinfo'), 'what is known');
    expect(script('new', main, 'feature/y')).toMatchObject({
      status: 0,
      said: expect.stringContaining('from the lock file'),
    });
    // Nothing to install makes no folder; set up again where there is one.
    mkdirSync(join(at('feature/y'), 'node_modules'), { recursive: true });
    expect(script('setup', at('feature/y'), '--no-install').status).toBe(0);
    expect(readFileSync(join(at('feature/y'), 'node_modules/.cache/tsc.tsbuildinfo'), 'utf8')).toBe('what is known');
  });
});

describe('worktree:check and worktree:remove', () => {
  const check = (branch: string) => script('check', main, branch);
  const remove = (branch: string, ...args: string[]) => script('remove', main, branch, ...args);

  beforeEach(() => {
    expect(make('feature/x').status).toBe(0);
  });

  it('lets a merged worktree go, with its branch', () => {
    commit(at('feature/x'), 'a');
    git(main, 'merge', '--quiet', '--no-ff', '-m', 'merge', 'feature/x');
    expect(check('feature/x')).toMatchObject({ status: 0, said: expect.stringContaining('everything is merged') });
    expect(remove('feature/x')).toMatchObject({ status: 0, error: '' });
    expect(existsSync(at('feature/x'))).toBe(false);
    expect(git(main, 'branch', '--list', 'feature/x')).toBe('');
  });

  it('knows a branch that was merged as one commit', () => {
    commit(at('feature/x'), 'a');
    commit(at('feature/x'), 'b');
    git(main, 'merge', '--quiet', '--squash', 'feature/x');
    git(main, 'commit', '--quiet', '-m', 'squashed');
    commit(main, 'later');
    expect(check('feature/x').status).toBe(0);
  });

  it('knows a branch that was merged at the remote', () => {
    commit(at('feature/x'), 'a');
    git(at('feature/x'), 'push', '--quiet', 'origin', 'feature/x:trunk');
    expect(git(main, 'log', '--format=%s', 'trunk')).not.toContain('a\n');
    expect(check('feature/x').status).toBe(0);
  });

  it('refuses while changes, files, commits or an upstream are missing elsewhere, and names each', () => {
    writeFileSync(join(at('feature/x'), 'new'), 'x');
    writeFileSync(join(at('feature/x'), '.env.example'), 'changed');
    expect(check('feature/x')).toMatchObject({
      status: 1,
      said: expect.stringMatching(/1 uncommitted changes[\s\S]*1 untracked files/),
    });
    git(at('feature/x'), 'add', '-A');
    git(at('feature/x'), 'commit', '--quiet', '-m', 'x');
    expect(check('feature/x').said).toMatch(/not merged into trunk[\s\S]*no upstream/);
    git(at('feature/x'), 'push', '--quiet', '-u', 'origin', 'feature/x');
    expect(check('feature/x').said).not.toContain('no upstream');
    commit(at('feature/x'), 'c');
    expect(check('feature/x').said).toContain('1 commits are not pushed');
    expect(remove('feature/x')).toMatchObject({ status: 1, said: expect.stringContaining('nothing was removed') });
    expect(existsSync(at('feature/x'))).toBe(true);
    expect(remove('feature/x', '--force', '--keep-branch').status).toBe(0);
    expect(git(main, 'branch', '--list', 'feature/x')).toContain('feature/x');
  });

  it('works from within, by folder, and leaves the main checkout alone', () => {
    expect(script('check', at('feature/x')).status).toBe(0);
    expect(script('remove', main)).toMatchObject({ status: 2, error: expect.stringContaining('main checkout') });
    expect(script('check', main, 'feature/none').status).toBe(2);
    expect(script('remove', at('feature/x'), at('feature/x')).status).toBe(0);
    expect(existsSync(at('feature/x'))).toBe(false);
  });
});
