import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

/** Rows of the HTTP and WebSocket contract by section; the suite in tests/acceptance names each in the title of a test. */
const ROWS = { C: 21, M: 7, S: 11, U: 20, D: 21, X: 12, W: 14 };

it('every row of the contract is named by an acceptance test', () => {
  const folder = join(PROJECT_ROOT, 'tests/acceptance');
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  // A database that fails (C10) is not to be had over HTTP.
  const titles = [...files.map((file) => join(folder, file)), join(PROJECT_ROOT, 'src/server/faults.test.ts')]
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(/\b(?:it|describe)(?:\.\w+)?(?:\([^'"`]*\))?\(\s*(['"`])(.*?)\1/g)].map(
        ([, , title]) => title ?? '',
      );
    })
    .join('\n');
  const named = new Set<string>();
  for (const [, letter = '', from = '', to] of titles.matchAll(/\b([CMSUDXW])(\d+)(?:-\1?(\d+))?\b/g)) {
    for (let n = Number(from); n <= Number(to ?? from); n++) named.add(`${letter}${n}`);
  }
  const rows = Object.entries(ROWS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, n) => `${letter}${n + 1}`),
  );
  expect(rows.filter((row) => !named.has(row))).toEqual([]);
});
