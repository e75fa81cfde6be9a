import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { writeOrCheck } from './write-or-check.ts';

let root: string;
let said: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trr-write-'));
  mkdirSync(join(root, 'a'));
  said = [];
  const keep = (line: string) => said.push(line);
  vi.spyOn(console, 'error').mockImplementation(keep);
  vi.spyOn(console, 'log').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const FILES = { 'a/one.ts': 'one\n', 'a/two.ts': 'two\n' };
const check = (existing: readonly string[] = []) =>
  writeOrCheck(FILES, { check: true, repair: 'npm run make', root, existing });

it('is content with what it wrote', () => {
  expect(writeOrCheck(FILES, { check: false, repair: 'npm run make', root })).toBe(0);
  expect(check(['a/one.ts'])).toBe(0);
  expect(said).toEqual(['a/one.ts, a/two.ts: up to date']);
});

it('names what is missing, stale or left over with the command that mends it, and writes nothing', () => {
  writeFileSync(join(root, 'a/two.ts'), 'two\r\n');
  expect(check(['a/three.ts'])).toBe(1);
  expect(said).toEqual([
    'missing a/one.ts\nstale   a/two.ts\nextra   a/three.ts\nrun npm run make and commit the result',
  ]);
  expect(readFileSync(join(root, 'a/two.ts'), 'utf8')).toBe('two\r\n');
});
