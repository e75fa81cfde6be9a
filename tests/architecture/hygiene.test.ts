import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentFindings } from '../../scripts/validate/checks/environment.ts';
import { projectAt } from '../../scripts/validate/project.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

const code = projectAt(PROJECT_ROOT).files.filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith('generated.ts'));
const lines = new Map(code.map((file) => [file, readFileSync(join(PROJECT_ROOT, file), 'utf8').split('\n').length]));

describe('hygiene', () => {
  it('keeps every file within 600 lines and the median within 100', () => {
    expect([...lines].filter(([, count]) => count > 600)).toEqual([]);
    const sorted = [...lines]
      .filter(([file]) => file.startsWith('src/'))
      .map(([, count]) => count)
      .sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)] ?? 0).toBeLessThanOrEqual(100);
  });

  it('has no unfinished marks in code', () => {
    const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'not ' + 'implemented'].join('|'));
    const marked = code.filter(
      (file) => file.startsWith('src/') && marks.test(readFileSync(join(PROJECT_ROOT, file), 'utf8')),
    );
    expect(marked).toEqual([]);
  });

  it('documents every environment variable the configuration reads, and no other', () => {
    expect(environmentFindings(projectAt(PROJECT_ROOT))).toEqual([]);
  });

  it('keeps direct runtime dependencies under 35, each with its line in docs/dependencies.md', () => {
    const manifest = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const names = Object.keys(manifest.dependencies);
    expect(names.length).toBeLessThan(35);
    const page = readFileSync(join(PROJECT_ROOT, 'docs/dependencies.md'), 'utf8');
    expect(
      [...names, ...Object.keys(manifest.devDependencies)].filter((name) => !page.includes(`\`${name}\``)),
    ).toEqual([]);
  });

  it('records no download addresses in the lock file', () => {
    expect(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});
