import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { EPISODES } from '../acceptance/fixture.ts';
import { makeThread } from '../acceptance/people.ts';
import { startOwnServer } from '../acceptance/server.ts';
import { until } from './live-world.ts';

type Shown = { threads(): readonly { readonly id: string }[]; stop(): void; close(): void };
type Module = { showDiscussion(episodeId: string, token: () => Promise<string | null>): Shown };

let folder: string;
let target: Awaited<ReturnType<typeof startOwnServer>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trr-readme-'));
  target = await startOwnServer();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await target.close();
});

it('shows a discussion with the example of client/README.md', async () => {
  const page = readFileSync(join(PROJECT_ROOT, 'client/README.md'), 'utf8');
  const [, example = ''] = /## Live channels[\s\S]*?```ts\n([\s\S]*?)```/.exec(page) ?? [];
  const file = join(folder, 'example.mts');
  const here = example
    .replace("'trr-client'", `'${join(PROJECT_ROOT, 'client/src/index.ts')}'`)
    .replace('http://127.0.0.1:8000', target.baseUrl);
  writeFileSync(file, here);
  const compilerOptions = {
    noEmit: true,
    declaration: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    rootDir: '/',
  };
  const settings = { extends: join(PROJECT_ROOT, 'client/tsconfig.json'), compilerOptions, include: [], files: [file] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  expect(compiled.stdout).toBe('');

  const { showDiscussion } = (await import(pathToFileURL(file).href)) as Module;
  const person = await target.user();
  const thread = await makeThread(target, person);
  const shown = showDiscussion(EPISODES.first, async () => person.token);
  await until(() => shown.threads().some(({ id }) => id === thread));
  await target.own.owner('update social.threads set deleted_at = now() where id = $1::uuid', [thread]);
  await until(() => shown.threads().every(({ id }) => id !== thread));
  shown.stop();
  shown.close();
});
