import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { nearTests } from './near-tests.ts';
import { CHECKS, checksFor, matches } from './table.ts';

const names = (tier: 'fast' | 'medium' | 'full', ...changed: string[]) =>
  checksFor(tier, changed).map(({ name }) => name);
const FAST = ['lint', 'types', 'hygiene', 'secrets', 'tests nearby'];

describe('the table of checks', () => {
  it('names scripts that exist, each check once', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(CHECKS.filter(({ script }) => scripts[script] === undefined).map(({ script }) => script)).toEqual([]);
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
  });

  it('asks the fast tier only for what is quick', () => {
    expect(names('fast', 'supabase/migrations/0200_x.sql', 'src/server/app.ts')).toEqual(FAST);
  });

  it.each([
    ['supabase/migrations/0200_x.sql', ['migrations', 'schema docs', 'row types', 'row security']],
    ['supabase/schema_docs/new.md', ['schema docs']],
    ['src/community/surveys/routes.ts', ['architecture', 'openapi']],
    ['src/platform/config/load.ts', ['architecture', 'environment', 'openapi']],
    ['.env.example', ['environment']],
    ['openapi.json', ['openapi', 'client']],
    ['client/src/extra.generated.ts', ['client']],
    ['.claude/commands/pr.md', ['guides']],
    ['.github/workflows/ci.yml', ['guides']],
    ['README.md', ['guides', 'architecture']],
  ])('%s calls for %j, in the medium tier', (file, expected) => {
    const called = names('medium', file);
    expect(called).toEqual(expect.arrayContaining([...FAST, 'repo map', 'links', ...expected]));
    expect(names('medium')).not.toEqual(expect.arrayContaining(expected));
  });

  it('does not call for the database where nothing of it changed', () => {
    for (const name of ['migrations', 'schema docs', 'row types', 'row security', 'openapi', 'client', 'environment']) {
      expect(names('medium', 'docs/api.md'), name).not.toContain(name);
    }
  });

  it('runs every check in the full tier, whole suites in place of their parts', () => {
    const full = names('full');
    expect(CHECKS.filter(({ notInFull }) => notInFull !== true).map(({ name }) => name)).toEqual(full);
    expect(full).toEqual(expect.arrayContaining(['tests', 'tests on PostgreSQL 15', 'acceptance', 'newcomer']));
  });

  it('matches folders at any depth, names that begin with a dot, and nothing by accident', () => {
    expect(matches('src/a/b.ts', 'src/**')).toBe(true);
    expect(matches('.claude/commands/x.md', '**/*.md')).toBe(true);
    expect(matches('README.md', '**/*.md')).toBe(true);
    expect(matches('docs/README.md', '*.md')).toBe(false);
    expect(matches('xenv.example', '.env.example')).toBe(false);
    expect(matches('srcs/x', 'src/**')).toBe(false);
  });
});

describe('tests nearby', () => {
  const files = [
    'src/a/x.ts',
    'src/a/x.test.ts',
    'src/a/y.test.ts',
    'src/b/z.test.ts',
    'tests/acceptance/s.test.ts',
    'tests/acceptance/t.test.ts',
    'tests/captures/c.test.ts',
    'src/a/l.long.test.ts',
  ];
  it('are the changed test, the one of the same name, then the folder’s', () => {
    expect(nearTests(['src/a/x.ts'], files)).toEqual(['src/a/x.test.ts', 'src/a/y.test.ts']);
    expect(nearTests(['src/a/y.test.ts'], files)).toEqual(['src/a/y.test.ts', 'src/a/x.test.ts']);
    expect(nearTests(['src/a/gone.ts', 'docs/x.md'], files)).toEqual(['src/a/x.test.ts', 'src/a/y.test.ts']);
  });
  it('leave slow suites alone unless one of their files was changed', () => {
    expect(nearTests(['tests/acceptance/s.test.ts'], files)).toEqual(['tests/acceptance/s.test.ts']);
    expect(nearTests(['tests/acceptance/http.ts', 'tests/captures/c.test.ts', 'src/a.generated.ts'], files)).toEqual(
      [],
    );
  });
});
