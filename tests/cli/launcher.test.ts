import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

/** An installed Node that is too old to run the program itself, if this machine has one. */
function olderNode(): string | undefined {
  const folders = [
    '/usr/local/bin',
    '/usr/bin',
    ...(process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules')),
  ];
  return folders
    .map((folder) => join(folder, 'node'))
    .find(
      (path) =>
        existsSync(path) &&
        Number(execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 24,
    );
}

const launch = (runtime: string, ...args: string[]) =>
  spawnSync(runtime, [join(PROJECT_ROOT, 'bin/trr.mjs'), ...args], { encoding: 'utf8' }).status;

describe('the launcher', () => {
  it('runs under the Node that runs the tests', () => {
    expect(launch(process.execPath, '--version')).toBe(0);
  });

  it('hands over to the packaged runtime when the machine has an old Node, and passes the exit code on', () => {
    const old = olderNode();
    if (old === undefined) return expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(launch(old, '--version')).toBe(0);
    expect(launch(old, '--frobnicate')).toBe(2);
  });
});
