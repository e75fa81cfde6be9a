import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultBranch } from '../workflow/git.ts';
import { changesOf } from './changes.ts';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const write = (file: string, text = file) => writeFileSync(join(folder, file), text);
const commit = (...files: string[]) => {
  for (const file of files) write(file);
  git('add', '-A');
  git('commit', '--quiet', '-m', 'x');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trr-changes-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.email', 'a@example.org');
  git('config', 'user.name', 'A');
  commit('.gitignore', 'a', 'b', 'c');
  write('.gitignore', 'ignored\n');
  commit();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('changes', () => {
  it('are what the branch committed, staged, changed, deleted and never added, and nothing else', () => {
    git('switch', '--quiet', '-c', 'feature/x');
    commit('committed');
    write('a', 'unstaged');
    write('staged');
    git('add', 'staged');
    rmSync(join(folder, 'b'));
    mkdirSync(join(folder, 'new folder'));
    write('new folder/ü "x"');
    write('ignored');
    expect(changesOf(folder).files).toEqual(['a', 'b', 'committed', 'new folder/ü "x"', 'staged']);
  });

  it('are compared with the merge base: what others merged since is not ours', () => {
    git('switch', '--quiet', '-c', 'feature/x');
    commit('ours');
    git('switch', '--quiet', 'main');
    commit('theirs');
    git('switch', '--quiet', 'feature/x');
    expect(changesOf(folder)).toMatchObject({ base: { ref: 'main' }, files: ['ours'] });
  });

  it('name both ends of a renamed file', () => {
    git('switch', '--quiet', '-c', 'feature/x');
    git('mv', 'a', 'z');
    expect(changesOf(folder).files).toEqual(['a', 'z']);
  });

  it('are everything where no base is to be found', () => {
    git('branch', '-m', 'main', 'elsewhere');
    write('new');
    expect(changesOf(folder)).toEqual({ base: null, files: ['.gitignore', 'a', 'b', 'c', 'new'] });
    expect(() => changesOf(folder, 'nowhere')).toThrow('--base nowhere');
    expect(changesOf(folder, 'HEAD').files).toEqual(['new']);
  });

  it('know the default branch from the remote before any usual name', () => {
    expect(defaultBranch(folder)).toEqual({ ref: 'main', name: 'main' });
    git('update-ref', 'refs/remotes/origin/trunk', 'HEAD');
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    expect(defaultBranch(folder)).toEqual({ ref: 'origin/trunk', name: 'trunk' });
  });
});
