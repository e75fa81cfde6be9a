/** Tells what would be lost if a worktree went away: `npm run worktree:check [-- BRANCH|FOLDER]`. Exit 1 when something would. */
import { EXIT, Misuse, run, say } from './command.ts';
import { findWorktree, lossesOf } from './worktrees.ts';

run('npm run worktree:check [-- BRANCH|FOLDER]', {}, ({ word }) => {
  const worktree = findWorktree(process.cwd(), word);
  if (worktree === undefined) throw new Misuse(`no worktree has the branch or folder ${word}: git worktree list`);
  const losses = lossesOf(worktree);
  say(losses.length === 0 ? [`${worktree.path}: everything is merged`] : losses);
  return losses.length === 0 ? EXIT.ok : EXIT.failed;
});
