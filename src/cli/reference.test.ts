import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from './main.ts';
import { commandReference } from './reference.ts';

it('docs/commands.md is what the commands say of themselves: npm run commands (O7)', async () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  expect(page).toBe(await commandReference(root));
  for (const words of [
    '## trr sync',
    '## trr runs failures',
    '`--tmdb-id, --tmdb-show-id <value>`',
    '`--[no-]incremental`',
  ]) {
    expect(page).toContain(words);
  }
});
