import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { envText, ownSettings, portOf } from './place.ts';
import { mainCheckout, takenPorts } from './worktrees.ts';

/** `tsBuildInfoFile` of tsconfig.json. */
const TYPE_CHECK = 'node_modules/.cache/tsc.tsbuildinfo';

export interface Preparation {
  readonly ok: boolean;
  /** What was done and what is left to do, one line each. */
  readonly lines: readonly string[];
}

export interface PrepareOptions {
  readonly install: boolean;
  /** Tests give one that fails; default: a symbolic link. */
  readonly link?: (target: string, path: string) => void;
}

/**
 * Makes a worktree ready: `.env` of the main checkout, settings of its own, dependencies from the lock file. What is there already
 * stays, so it may run twice.
 */
export function prepare(worktree: string, { install, link = symlinkSync }: PrepareOptions): Preparation {
  const main = mainCheckout(worktree);
  const lines = main === worktree ? ['this is the main checkout: .env and port 8000 are its own'] : [];
  if (main !== worktree) {
    lines.push(shareEnvironment(main, worktree, link));
    lines.push(...writeOwnSettings(worktree));
  }
  const installed = install ? npmCi(worktree) : null;
  if (main !== worktree) shareTypeCheck(main, worktree);
  if (installed !== null)
    lines.push(installed ? 'dependencies: npm ci, from the lock file' : 'dependencies: npm ci FAILED');
  else if (!existsSync(join(worktree, 'node_modules'))) lines.push('dependencies are not installed: npm ci');
  return { ok: installed !== false, lines };
}

/** One source of truth where links work; a copy, which drifts, or the example where they do not. */
function shareEnvironment(main: string, worktree: string, link: (target: string, path: string) => void): string {
  const [shared, own, example] = [join(main, '.env'), join(worktree, '.env'), join(worktree, '.env.example')];
  // lstat: a link that leads nowhere is there, too.
  if (lstatSync(own, { throwIfNoEntry: false }) !== undefined) return '.env is there already';
  if (existsSync(shared)) {
    try {
      link(relative(worktree, shared), own);
      return '.env is a link to that of the main checkout';
    } catch (error) {
      copyFileSync(shared, own);
      const why = error instanceof Error ? error.message : String(error);
      return `.env is a COPY (linking failed: ${why}): changes of the original do not arrive here`;
    }
  }
  if (!existsSync(example)) return 'no .env and no .env.example';
  copyFileSync(example, own);
  return '.env was begun from .env.example: the main checkout has none';
}

function writeOwnSettings(worktree: string): string[] {
  const target = join(worktree, '.env.worktree');
  if (existsSync(target)) return ['.env.worktree is there already'];
  const env = join(worktree, '.env');
  const port = portOf(worktree, takenPorts(worktree, worktree));
  const { settings, notes } = ownSettings(worktree, port, existsSync(env) ? readFileSync(env, 'utf8') : '');
  // May repeat a password of the shared file.
  writeFileSync(target, envText(settings), { mode: 0o600 });
  return [`port ${port} and data in .trr are this worktree's own (.env.worktree)`, ...notes];
}

/** What the type check remembers of files by their content: the first check here need not begin from nothing. */
function shareTypeCheck(main: string, worktree: string): void {
  const [from, to] = [join(main, TYPE_CHECK), join(worktree, TYPE_CHECK)];
  if (!existsSync(from) || existsSync(to) || !existsSync(join(worktree, 'node_modules'))) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function npmCi(worktree: string): boolean {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: worktree,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}
