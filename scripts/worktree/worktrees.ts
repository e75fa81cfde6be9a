import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { currentBranch, defaultBranch, git, tryGit } from '../workflow/git.ts';

export interface Worktree {
  readonly path: string;
  /** Null: no branch is checked out there. */
  readonly branch: string | null;
}

/** All worktrees of the repository at `cwd`; the first is the main checkout. */
export function worktrees(cwd: string): readonly Worktree[] {
  return git(cwd, 'worktree', 'list', '--porcelain')
    .split('\n\n')
    .filter((block) => block.startsWith('worktree '))
    .map((block) => ({
      path: /^worktree (.*)$/m.exec(block)?.[1] ?? '',
      branch: /^branch refs\/heads\/(.*)$/m.exec(block)?.[1] ?? null,
    }));
}

export function mainCheckout(cwd: string): string {
  const [main] = worktrees(cwd);
  if (main === undefined) throw new Error(`no checkout at ${cwd}`);
  return main.path;
}

/** The worktree a person means: a branch, a folder, or the one at `cwd`. */
export function findWorktree(cwd: string, meant: string | undefined): Worktree | undefined {
  const all = worktrees(cwd);
  if (meant === undefined) {
    const top = git(cwd, 'rev-parse', '--show-toplevel');
    return all.find(({ path }) => path === top);
  }
  const folder = resolve(cwd, meant);
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  return all.find(({ path, branch }) => branch === meant || path === real);
}

/** Ports that other worktrees have. */
export function takenPorts(cwd: string, except: string): Set<number> {
  const files = worktrees(cwd)
    .filter(({ path }) => path !== except)
    .map(({ path }) => join(path, '.env.worktree'));
  return new Set(
    files.filter((file) => existsSync(file)).map((file) => Number(parseEnv(readFileSync(file, 'utf8'))['PORT'])),
  );
}

/**
 * What would be lost, or not be found by others, if this worktree and its branch went away; empty: nothing. A branch whose changes
 * the default branch has (merged, also as one squashed commit) needs no upstream.
 */
export function lossesOf({ path }: Worktree): string[] {
  const entries = git(path, 'status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '');
  const untracked = entries.filter((line) => line.startsWith('??')).length;
  const losses = [
    ...(entries.length > untracked ? [`${entries.length - untracked} uncommitted changes: git status`] : []),
    ...(untracked > 0 ? [`${untracked} untracked files: git status`] : []),
  ];
  const main = defaultBranch(path);
  const branch = currentBranch(path);
  if (main === null || branch === main.name) return losses;
  const homes = [main.ref, main.name].filter(
    (ref) => tryGit(path, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`) !== null,
  );
  if (homes.some((ref) => holds(path, ref))) return losses;
  const upstream = tryGit(path, 'rev-parse', '--abbrev-ref', '@{upstream}');
  const ahead = upstream === null ? 0 : Number(git(path, 'rev-list', '--count', '@{upstream}..HEAD'));
  return [
    ...losses,
    `${branch ?? 'the detached HEAD'} is not merged into ${main.name}, neither here nor at the remote`,
    ...(upstream === null ? ['the branch has no upstream: git push -u origin HEAD'] : []),
    ...(ahead > 0 ? [`${ahead} commits are not pushed to ${upstream}`] : []),
  ];
}

/** True when `ref` has this branch's commits, or merging them would change nothing. */
function holds(path: string, ref: string): boolean {
  if (tryGit(path, 'merge-base', '--is-ancestor', 'HEAD', ref) !== null) return true;
  const merged = tryGit(path, 'merge-tree', '--write-tree', ref, 'HEAD');
  return merged !== null && merged === tryGit(path, 'rev-parse', `${ref}^{tree}`);
}
