/** Makes a branch with a worktree of its own beside the main checkout: `npm run worktree:new -- feature/x`. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { defaultBranch, git, tryGit } from '../workflow/git.ts';
import { EXIT, Misuse, run, say } from './command.ts';
import { branchProblem, folderOf } from './place.ts';
import { prepare } from './prepare.ts';
import { findWorktree, mainCheckout } from './worktrees.ts';

const USAGE = 'npm run worktree:new -- feature/NAME [--from REF] [--no-install]';

run(USAGE, { from: { type: 'string' }, 'no-install': { type: 'boolean' } }, ({ word: branch, flags }) => {
  if (branch === undefined) throw new Misuse('name the branch');
  const problem = branchProblem(branch);
  if (problem !== null) throw new Misuse(problem);
  const cwd = process.cwd();
  const main = mainCheckout(cwd);
  const folder = folderOf(main, branch);
  const there = findWorktree(cwd, branch);
  if (there !== undefined) throw new Error(`${branch} is checked out in ${there.path} already`);
  if (existsSync(folder)) throw new Error(`${folder} is there already: move it away, or take another name`);
  // Without network one starts from what is known.
  if (tryGit(main, 'remote', 'get-url', 'origin') !== null) tryGit(main, 'fetch', '--quiet', 'origin');
  if (tryGit(main, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`) !== null) {
    git(main, 'worktree', 'add', '--quiet', folder, branch);
    say([`${branch} was there already; its worktree is ${folder}`]);
  } else {
    const from = typeof flags['from'] === 'string' ? flags['from'] : defaultBranch(main)?.ref;
    if (from === undefined) throw new Misuse('no default branch was found: name what to start from with --from');
    if (tryGit(main, 'rev-parse', '--verify', '--quiet', `${from}^{commit}`) === null)
      throw new Misuse(`--from ${from} names no commit`);
    git(main, 'worktree', 'add', '--quiet', '--no-track', '-b', branch, folder, from);
    say([`${branch} begins at ${from}, in ${folder}`]);
  }
  const { ok, lines } = prepare(folder, { install: flags['no-install'] !== true });
  say([...lines, `next: cd ${relative(cwd, folder)}, then npm run validate:fast before every commit`]);
  return ok ? EXIT.ok : EXIT.failed;
});
