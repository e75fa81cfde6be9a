import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

const HOOK = join(PROJECT_ROOT, '.claude/hooks/before-bash');
let folder: string;
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trr-hooks-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.email', 'a@example.org');
  git('config', 'user.name', 'A');
  writeFileSync(join(folder, 'x'), 'x');
  git('add', 'x');
  git('commit', '--quiet', '-m', 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

function hook(input: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(HOOK, { input, encoding: 'utf8', env: { ...process.env, ...env } });
  const answer =
    stdout === '' ? null : (JSON.parse(stdout) as { hookSpecificOutput: Record<string, string> }).hookSpecificOutput;
  return { status, answer, stderr };
}
const bash = (command: string) => JSON.stringify({ tool_name: 'Bash', tool_input: { command }, cwd: folder });

describe('before-bash', () => {
  it('answers in the form hooks answer in, with the reason, the safer way and what yes means', () => {
    const { status, answer } = hook(bash('git reset --hard'));
    expect(status).toBe(0);
    expect(answer).toMatchObject({ hookEventName: 'PreToolUse', permissionDecision: 'ask' });
    expect(answer?.['permissionDecisionReason']).toMatch(
      /discard-work: .*\nCommand: .*\nInstead: .*\nConfirm only if you accept/,
    );
    expect(hook(bash('npx trr db migrate')).answer?.['permissionDecisionReason']).toContain('Dry run first');
  });

  it('knows the repository it is asked in', () => {
    expect(hook(bash('git push -f')).answer?.['permissionDecision']).toBe('deny');
    writeFileSync(join(folder, '.env'), 'A=1');
    expect(hook(bash('git add -A')).answer?.['permissionDecision']).toBe('deny');
    writeFileSync(join(folder, '.gitignore'), '.env\n');
    expect(hook(bash('git add -A')).answer).toBeNull();
    git('switch', '--quiet', '-c', 'feature/x');
    expect(hook(bash('git push --force-with-lease')).answer).toBeNull();
  });

  it('has nothing to say about other tools, other commands and input that is none', () => {
    for (const input of [
      bash('make'),
      '',
      'no json',
      '[]',
      'null',
      '{"tool_name":"Read","tool_input":{"command":"rm -rf /"}}',
    ]) {
      expect(hook(input), input).toEqual({ status: 0, answer: null, stderr: '' });
    }
  });

  it('refuses by bare words where the rules cannot be run, and lets npm ci through', () => {
    // A copy without runtime and rules, and a PATH without Node.
    const copy = mkdtempSync(join(tmpdir(), 'trr-bare-'));
    execFileSync('mkdir', ['-p', join(copy, '.claude/hooks')]);
    execFileSync('cp', [HOOK, join(copy, '.claude/hooks/')]);
    const run = (input: string) =>
      spawnSync('/bin/sh', [join(copy, '.claude/hooks/before-bash')], {
        input,
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
      });
    expect(run(bash('rm -rf /')).status).toBe(2);
    expect(run(bash('rm -rf /')).stderr).toContain('npm ci');
    expect(run(bash('npm ci')).status).toBe(0);
    expect(run(bash('ls')).status).toBe(0);
    rmSync(copy, { recursive: true });
  });

  it('does the same by hand: npm run guard', () => {
    const guard = (...args: string[]) =>
      spawnSync(process.execPath, [join(PROJECT_ROOT, 'scripts/hooks/before-bash.ts'), ...args], { encoding: 'utf8' });
    expect(guard('rm -rf /')).toMatchObject({ status: 1, stdout: expect.stringMatching(/^deny\ndelete-root-or-home/) });
    expect(guard('git status')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^allow/) });
    expect(guard('rm', '-rf').status).toBe(2);
  });
});

describe('on-stop', () => {
  const stop = (cwd: string) =>
    spawnSync(join(PROJECT_ROOT, '.claude/hooks/on-stop'), { cwd, encoding: 'utf8', input: '{}' });

  it('tells branch, folder and what is not committed, and never blocks', () => {
    const { status, stdout } = stop(folder);
    expect(status).toBe(0);
    const { systemMessage } = JSON.parse(stdout) as { systemMessage: string };
    expect(systemMessage).toContain('branch feature/x in ');
    expect(systemMessage).toContain('0 changed and 1 untracked files');
    expect(stop(tmpdir())).toMatchObject({ status: 0, stdout: '' });
  });
});

describe('.claude/settings.json', () => {
  it('wires both hooks to files that can be executed', () => {
    const settings = JSON.parse(readFileSync(join(PROJECT_ROOT, '.claude/settings.json'), 'utf8')) as {
      hooks: Record<string, { matcher?: string; hooks: { type: string; command: string }[] }[]>;
    };
    expect(Object.keys(settings.hooks)).toEqual(['PreToolUse', 'Stop']);
    expect(settings.hooks['PreToolUse']?.[0]?.matcher).toBe('Bash');
    for (const { command } of Object.values(settings.hooks).flatMap((groups) => groups.flatMap(({ hooks }) => hooks))) {
      const file = command.replace('"$CLAUDE_PROJECT_DIR"', PROJECT_ROOT);
      expect(statSync(file).mode & 0o111, file).not.toBe(0);
    }
  });
});
