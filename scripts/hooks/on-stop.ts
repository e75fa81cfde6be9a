/** Tells where the work stands when an agent stops. Information only: it never blocks and always exits 0. */
import { currentBranch, defaultBranch, git, tryGit } from '../workflow/git.ts';

/** One line each: branch and folder, what is not committed, what is not pushed, and what to do about it. */
export function standing(cwd: string): string[] {
  const top = git(cwd, 'rev-parse', '--show-toplevel');
  const branch = currentBranch(cwd);
  const main = defaultBranch(cwd);
  const entries = git(cwd, 'status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '');
  const untracked = entries.filter((line) => line.startsWith('??')).length;
  const changed = entries.length - untracked;
  const upstream = tryGit(cwd, 'rev-parse', '--abbrev-ref', '@{upstream}');
  const range = upstream === null ? main?.ref : upstream;
  const ahead = range === undefined ? 0 : Number(tryGit(cwd, 'rev-list', '--count', `${range}..HEAD`) ?? 0);
  const others = git(cwd, 'worktree', 'list').split('\n').length - 1;
  const merged = branch !== main?.name && main !== null && ahead === 0 && entries.length === 0;
  return [
    `branch ${branch ?? '(detached)'} in ${top}`,
    ...(changed + untracked > 0 ? [`${changed} changed and ${untracked} untracked files: commit small steps`] : []),
    ...(ahead > 0
      ? [`${ahead} commits not pushed${upstream === null ? ' (no upstream: git push -u origin HEAD)' : ''}`]
      : []),
    ...(branch === main?.name && entries.length > 0
      ? ['this is the default branch: npm run worktree:new -- feature/NAME']
      : []),
    ...(merged ? ['nothing here is unmerged: npm run worktree:remove when the work is done'] : []),
    ...(others > 0 ? [`${others} other worktrees: git worktree list`] : []),
  ];
}

if (import.meta.main) {
  try {
    process.stdout.write(`${JSON.stringify({ systemMessage: standing(process.cwd()).join('\n') })}\n`);
  } catch {
    // No repository, no git, no commit yet: nothing to tell.
  }
}
