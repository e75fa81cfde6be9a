import { defaultBranch, git, listed, tryGit } from '../workflow/git.ts';

export interface Changes {
  /** What was compared with: a ref and the commit both have in common. Null: no such branch, everything counts as changed. */
  readonly base: { readonly ref: string; readonly commit: string } | null;
  /** Paths relative to the repository, sorted: committed since the merge base, staged, unstaged, deleted and untracked. */
  readonly files: readonly string[];
}

/**
 * What this branch changes, compared with its merge base with `base` (default: the default branch). Untracked files count: a
 * generated file nobody added yet is as stale as one that was.
 * @throws Error when `base` is given and names no commit, or has no history in common
 */
export function changesOf(root: string, base?: string): Changes {
  const ref = base ?? defaultBranch(root)?.ref;
  const untracked = listed(git(root, 'ls-files', '--others', '--exclude-standard', '-z'));
  const commit = ref === undefined ? null : tryGit(root, 'merge-base', ref, 'HEAD');
  if (ref === undefined || commit === null) {
    if (base !== undefined) throw new Error(`--base ${base} names no commit with a history in common with this branch`);
    return { base: null, files: sorted([...listed(git(root, 'ls-files', '-z')), ...untracked]) };
  }
  const changed = listed(git(root, 'diff', '--name-only', '--no-renames', '-z', commit, '--'));
  return { base: { ref, commit }, files: sorted([...changed, ...untracked]) };
}

function sorted(files: readonly string[]): string[] {
  return [...new Set(files)].sort();
}
