import { basename, dirname } from 'node:path';

/** Suites that start servers, processes or simulators, or prove by histories: not for between two commits. */
const SLOW = /^tests\/(acceptance|captures|faults|fuzz|media|pipeline|realtime|workshop)\/|\.long\.test\.ts$/;

/**
 * Test files near the changed ones, nearest first: changed tests themselves, then the test of the same name, then the other tests
 * of its folder. Slow suites run only where one of their files was changed itself.
 */
export function nearTests(changed: readonly string[], files: readonly string[]): string[] {
  const tests = files.filter((file) => file.endsWith('.test.ts') && !/^tests\/captures\/|\.long\.test\.ts$/.test(file));
  const known = new Set(tests);
  const code = changed.filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith('generated.ts'));
  const folders = new Set(code.map((file) => dirname(file)));
  return [
    ...new Set([
      ...code.filter((file) => known.has(file)),
      ...code.map((file) => `${dirname(file)}/${basename(file, '.ts')}.test.ts`).filter((file) => known.has(file)),
      ...tests.filter((file) => folders.has(dirname(file)) && !SLOW.test(file)),
    ]),
  ];
}
