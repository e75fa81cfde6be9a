import { execFileSync } from 'node:child_process';

/** Runs git in `cwd` and returns what it said, without the last line end. @throws when git fails; its message is the cause's. */
export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', [...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).replace(/\n$/, '');
}

/** Like `git`, null where git fails: for questions whose "no" is an exit code. */
export function tryGit(cwd: string, ...args: readonly string[]): string | null {
  try {
    return git(cwd, ...args);
  } catch {
    return null;
  }
}

/** The parts of a NUL-separated listing. */
export function listed(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

/** The branch that is checked out; null where none is (detached). */
export function currentBranch(cwd: string): string | null {
  return tryGit(cwd, 'symbolic-ref', '--quiet', '--short', 'HEAD');
}

/**
 * The branch work is merged into, asked anew each time: what the remote calls its head, else the usual names.
 * `ref` is what to compare with (the remote's state where there is one), `name` the branch's plain name.
 */
export function defaultBranch(cwd: string): { readonly ref: string; readonly name: string } | null {
  const head = tryGit(cwd, 'symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD');
  const candidates = [...(head === null ? [] : [head]), 'origin/main', 'origin/master', 'main', 'master'];
  const ref = candidates.find((name) => tryGit(cwd, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`) !== null);
  return ref === undefined ? null : { ref, name: ref.replace(/^origin\//, '') };
}
