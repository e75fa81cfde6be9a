import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

/** The acceptance checks of the pipeline: how many of each letter, and which of them benches answer instead of tests. */
const CHECKS = { B: 9, L: 14, I: 6, S: 6, R: 6, O: 8 } as const;
const BENCHES = { S1: 'bench/sync/README.md', S6: 'bench/sync/README.md' } as const;

it('every acceptance check of the pipeline is a test named by its number, or a bench that names it', () => {
  const titles = globSync(
    ['tests/{pipeline,faults,cli,schema}/**/*.test.ts', 'src/{cli,pipeline,sources}/**/*.test.ts'],
    {
      cwd: PROJECT_ROOT,
    },
  )
    .flatMap((file) => readFileSync(join(PROJECT_ROOT, file), 'utf8').match(/\b(?:it|test|describe)[\w.]*\(.*/g) ?? [])
    // A title on a line of its own, as long ones are written.
    .concat(
      globSync('tests/{pipeline,faults,cli,schema}/**/*.test.ts', { cwd: PROJECT_ROOT }).flatMap(
        (file) => readFileSync(join(PROJECT_ROOT, file), 'utf8').match(/^\s*['"`].*\([A-Z]\d+.*\)['"`],$/gm) ?? [],
      ),
    );
  const named = new Set(titles.flatMap((title) => title.match(/\b[BLISRO]\d{1,2}\b/g) ?? []));
  const wanted = Object.entries(CHECKS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  const ofBench = ([check, page]: [string, string]) => readFileSync(join(PROJECT_ROOT, page), 'utf8').includes(check);
  for (const bench of Object.entries(BENCHES)) expect(ofBench(bench), bench.join(' ')).toBe(true);
  expect(wanted.filter((check) => !named.has(check) && !(check in BENCHES))).toEqual([]);
});
