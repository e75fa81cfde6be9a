import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clientFiles } from '../../scripts/generate-client.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

it('is generated from the committed document (npm run client:generate rewrites it)', async () => {
  const files = await clientFiles(readFileSync(join(PROJECT_ROOT, 'openapi.json'), 'utf8'));
  for (const [path, text] of Object.entries(files)) {
    expect(readFileSync(join(PROJECT_ROOT, path), 'utf8') === text, path).toBe(true);
  }
});

it('builds to plain JavaScript that runs without anything else', () => {
  const out = mkdtempSync(join(tmpdir(), 'trr-client-'));
  try {
    execFileSync(process.execPath, [
      join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      join(PROJECT_ROOT, 'client'),
      '--outDir',
      out,
    ]);
    const code = `import { createClient } from '${join(out, 'index.js')}'; console.log(typeof createClient({ baseUrl: 'http://x' }).getShow)`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(said.trim()).toBe('function');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
