import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guideFindings } from '../../scripts/validate/checks/guides.ts';
import { projectAt, told } from '../../scripts/validate/project.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

const read = (file: string) => readFileSync(join(PROJECT_ROOT, file), 'utf8');

describe('guides, prompts, workflows and configurations of tools', () => {
  it('name only npm scripts that exist', () => {
    expect(guideFindings(projectAt(PROJECT_ROOT)).map(told)).toEqual([]);
  });
});

describe('the commands of .claude/commands', () => {
  const names = ['impl', 'plan', 'pr', 'spec', 'validate', 'worktree-new'];
  const page = (name: string) => read(`.claude/commands/${name}.md`);

  it('are six, thin, and each calls a script that holds its logic', () => {
    expect(readdirSync(join(PROJECT_ROOT, '.claude/commands')).sort()).toEqual(names.map((name) => `${name}.md`));
    for (const name of names) {
      expect(page(name), name).toMatch(/^---\ndescription: \S.*\n(argument-hint: .*\n)?---\n/);
      expect(page(name).split('\n').length, name).toBeLessThanOrEqual(60);
      expect(page(name), name).toMatch(/npm run [\w:-]+/);
    }
  });

  it.each([
    ['spec', ['docs/specs/', 'Acceptance', 'migration', 'API', 'pipeline']],
    ['plan', ['checkpoint', 'room', 'schema', 'risk']],
    ['impl', ['validate:fast', '--dry-run', 'commit', 'secret']],
    ['validate', ['validate:medium', 'untracked', 'merge base']],
    ['pr', ['validate:medium', '--base', 'gh pr create', 'Breaking', 'feat', 'gh pr checks']],
    ['worktree-new', ['worktree:new', 'wt switch --create', 'feature/', 'worktree:remove']],
  ])('%s says what it must', (name, words) => {
    for (const word of words) expect(page(name)).toContain(word);
  });
});

describe('the guides', () => {
  it('fit on two screens for newcomers', () => {
    expect(read('CONTRIBUTING.md').split('\n').length).toBeLessThanOrEqual(110);
  });

  it('state each rule in one place: AGENTS.md; the others link to it', () => {
    const rules = [...read('AGENTS.md').matchAll(/^\d+\. \*\*(.+?)\*\*/gm)].map(([, title = '']) => title);
    expect(rules.length).toBeGreaterThanOrEqual(8);
    expect(new Set(rules).size).toBe(rules.length);
    for (const guide of [
      'CONTRIBUTING.md',
      '.claude/commands/impl.md',
      '.claude/commands/pr.md',
      '.claude/commands/plan.md',
    ]) {
      expect(read(guide), guide).toContain('AGENTS.md');
      for (const rule of rules) expect(read(guide), guide).not.toContain(rule);
    }
  });

  it('exist: security policy, changelog, licence', () => {
    for (const file of ['SECURITY.md', 'CHANGELOG.md', 'LICENSE', '.env.example']) {
      expect(existsSync(join(PROJECT_ROOT, file)), file).toBe(true);
    }
    expect(read('CHANGELOG.md')).toContain('## Unreleased');
  });
});

describe('.config/wt.toml', () => {
  it('has the three blocking hooks, each one line that calls our scripts', () => {
    const hooks = new Map(
      [...read('.config/wt.toml').matchAll(/^([a-z-]+) = "(.*)"$/gm)].map(([, name, line]) => [name, line]),
    );
    expect([...hooks.keys()]).toEqual(['pre-start', 'pre-merge', 'pre-remove']);
    expect(hooks.get('pre-start')).toContain('worktree:setup');
    expect(hooks.get('pre-merge')).toContain('validate:medium');
    expect(hooks.get('pre-remove')).toContain('worktree:check');
  });
});
