import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

/** A clone of this project as it lies here, uncommitted work included, on a clean branch over its default branch. */
export interface Clone {
  readonly folder: string;
  write(file: string, text: string): void;
  append(file: string, text: string): void;
  git(...args: string[]): string;
  /** `npm run SCRIPT`; both streams together. */
  npm(...args: string[]): { readonly status: number | null; readonly output: string };
  /** Takes everything back that was planted. */
  reset(): void;
  remove(): void;
}

/** @param modules `shared`: this project's own dependencies; `none`: whoever uses it installs. */
export function cloneProject(modules: 'shared' | 'none' = 'shared'): Clone {
  const home = mkdtempSync(join(tmpdir(), 'trr-clone-'));
  const folder = join(home, 'trr-backend');
  const run = (cwd: string, args: readonly string[], input?: string) =>
    execFileSync('git', [...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 256 << 20,
      stdio: 'pipe',
      ...(input === undefined ? {} : { input }),
    });
  const git = (...args: string[]) => run(folder, args);
  run(home, ['clone', '--quiet', '--no-hardlinks', PROJECT_ROOT, folder]);
  const changes = run(PROJECT_ROOT, ['diff', '--binary', 'HEAD']);
  if (changes !== '') run(folder, ['apply', '--whitespace=nowarn', '-'], changes);
  const added = run(PROJECT_ROOT, ['ls-files', '--others', '--exclude-standard', '-z']).split('\0');
  for (const file of added.filter((name) => name !== ''))
    cpSync(join(PROJECT_ROOT, file), join(folder, file), { recursive: true });
  git('config', 'user.email', 'newcomer@example.org');
  git('config', 'user.name', 'A newcomer');
  git('remote', 'remove', 'origin');
  git('switch', '--quiet', '-C', 'main');
  git('add', '-A');
  git('commit', '--quiet', '--allow-empty', '-m', 'As it lies here');
  git('switch', '--quiet', '-c', 'feature/planted');
  if (modules === 'shared') {
    appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
    symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(folder, 'node_modules'));
  }
  return {
    folder,
    git,
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    append: (file, text) => appendFileSync(join(folder, file), text),
    npm(...args) {
      // The runner of these tests tells its children who they are; the commands here are nobody's children.
      const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|npm_|TRR_TEST_)/.test(name)),
      );
      const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', ...args], {
        cwd: folder,
        encoding: 'utf8',
        env,
        maxBuffer: 64 << 20,
      });
      return { status, output: `${stdout}${stderr}` };
    },
    reset() {
      git('reset', '--quiet', '--hard', 'main');
      git('clean', '--quiet', '-fd');
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
