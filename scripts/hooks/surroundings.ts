import { homedir } from 'node:os';
import { currentBranch, defaultBranch, listed, tryGit } from '../workflow/git.ts';
import type { Surroundings } from './kinds.ts';

/** Answers from the repository at `cwd`, each asked for when a rule needs it. */
export function surroundingsAt(cwd: string): Surroundings {
  return {
    cwd,
    home: process.env['HOME'] ?? homedir(),
    branch: () => currentBranch(cwd),
    defaultBranch: () => defaultBranch(cwd)?.name ?? null,
    addableSecrets: () =>
      listed(tryGit(cwd, 'ls-files', '--others', '--modified', '--exclude-standard', '-z', '--', ':/') ?? '').filter(
        (file) => /(^|\/)(\.env(\.(?!example$)[\w-]+)?|credentials\/.*)$/.test(file),
      ),
  };
}
