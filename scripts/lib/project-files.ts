import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Every file of the project, tracked or new, that no `.gitignore` of the project leaves out; paths relative to `root`, with `/`,
 * in byte order. What only this machine or clone ignores does not count, so that every clone gives the same list. Works in a
 * folder without history (a tarball) too.
 * @throws Error when git is not installed
 */
export function projectFiles(root: string): string[] {
  const rules = ['--exclude-per-directory=.gitignore', '-z'];
  const names = existsSync(join(root, '.git'))
    ? listed(root, ['--cached', '--others', ...rules])
    : withoutHistory(root, ['--others', ...rules]);
  return [...new Set(names)].filter((name) => isFile(join(root, name))).sort();
}

function listed(root: string, args: readonly string[], gitDir: readonly string[] = []): string[] {
  const text = execFileSync('git', [...gitDir, 'ls-files', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return text.split('\0').filter((name) => name !== '');
}

/** Git reads the ignore rules only with a repository at hand: an empty one elsewhere does. */
function withoutHistory(root: string, args: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'trr-git-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', folder]);
    return listed(root, args, [`--git-dir=${folder}`, `--work-tree=${root}`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** False for what was deleted but is still in the index, and for links to elsewhere. */
function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
