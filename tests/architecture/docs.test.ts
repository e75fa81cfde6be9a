import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles } from '../../scripts/lib/project-files.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

const pages = projectFiles(PROJECT_ROOT).filter((file) => file.endsWith('.md'));
const read = (page: string) => readFileSync(join(PROJECT_ROOT, page), 'utf8');

describe('documents', () => {
  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:-]+)/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => scripts[name] === undefined),
    );
    expect(unknown).toEqual([]);
  });
});
