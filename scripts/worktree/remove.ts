/**
 * Removes a worktree and its branch once they are merged: `npm run worktree:remove [-- BRANCH|FOLDER]`. Refuses (exit 1) while
 * something would be lost, unless `--force` says so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../workflow/git.ts';
import { EXIT, Misuse, run, say } from './command.ts';
import { findWorktree, lossesOf, mainCheckout } from './worktrees.ts';

const USAGE = 'npm run worktree:remove [-- BRANCH|FOLDER] [--force] [--keep-branch]';

run(USAGE, { force: { type: 'boolean' }, 'keep-branch': { type: 'boolean' } }, ({ word, flags }) => {
  const main = mainCheckout(process.cwd());
  const worktree = findWorktree(process.cwd(), word);
  if (worktree === undefined) throw new Misuse(`no worktree has the branch or folder ${word}: git worktree list`);
  if (worktree.path === main) throw new Misuse('this is the main checkout; it stays');
  const losses = lossesOf(worktree);
  if (losses.length > 0 && flags['force'] !== true) {
    say([...losses, 'nothing was removed; --force removes it with all that']);
    return EXIT.failed;
  }
  // Its embedded database would go on running without its files.
  if (existsSync(join(worktree.path, '.trr')) && existsSync(join(worktree.path, 'node_modules'))) {
    spawnSync(process.execPath, ['bin/trr.mjs', 'db', 'stop'], { cwd: worktree.path, stdio: 'ignore' });
  }
  process.chdir(main);
  git(main, 'worktree', 'remove', ...(flags['force'] === true ? ['--force'] : []), worktree.path);
  say([`${worktree.path} is removed`]);
  if (worktree.branch !== null && flags['keep-branch'] !== true) {
    // Merged was decided above, also for squashed branches, which git branch -d does not recognise.
    git(main, 'branch', '--quiet', '-D', worktree.branch);
    say([`${worktree.branch} is deleted here; at the remote it stays`]);
  }
  return EXIT.ok;
});
