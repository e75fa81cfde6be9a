import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSpool } from './spool.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trr-spool-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([1, 400, 3000])(
  'gives back %i kB whole, as often as asked, and leaves nothing however the process ends',
  async (kilobytes) => {
    const parts = Array.from({ length: kilobytes }, (_, n) => Buffer.alloc(1024, n));
    const spool = createSpool(folder);
    for (const part of parts) await spool.write(part);
    expect(spool.bytes).toBe(kilobytes * 1024);
    // Not even now: what waits on disk has no name.
    expect(readdirSync(folder)).toEqual([]);
    expect((await spool.read()).equals(Buffer.concat(parts))).toBe(true);
    expect((await spool.read()).equals(Buffer.concat(parts))).toBe(true);
    await spool.discard();
    await spool.discard();
  },
);
