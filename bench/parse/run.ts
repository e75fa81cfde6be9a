/** What parsing costs over the least that must be done; a source adds a file and its question here. */
import { type Check, report } from '../lib/numbers.ts';
import { IMDB_PAGES } from './imdb.ts';
import type { ParseQuestion } from './question.ts';

const QUESTIONS: readonly ParseQuestion[] = [IMDB_PAGES];

const checks: Check[] = [];
for (const question of QUESTIONS) {
  console.log(question.name);
  checks.push(...(await question.run()));
}
process.exitCode = report(checks) ? 0 : 1;
