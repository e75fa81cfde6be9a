import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type History, history } from './commands.ts';
import { openStage, play, type Stage } from './play.ts';

/** Histories per run; CI plays 1,000. */
const RUNS = Number(process.env['TRR_TEST_HISTORIES'] ?? 150);
/** Played at the same time, each on a database of its own. */
const STAGES = 4;
/** How long a history that fails is made smaller. */
const SHRINK_MS = Number(process.env['TRR_TEST_SHRINK_MS'] ?? 120_000);
const SEED = Number(process.env['TRR_TEST_SEED'] ?? Date.now() % 2 ** 31);

/** A file a failed run wrote: played alone. */
const REPLAY = process.env['TRR_TEST_HISTORY'];

const stages: Stage[] = [];

beforeAll(async () => {
  for (let n = 0; n < STAGES; n++) stages.push(await openStage());
});

afterAll(async () => {
  for (const stage of stages) await stage.close();
});

it(`keeps its promises in ${REPLAY ?? RUNS} histories of faults`, async () => {
  const [stage] = stages;
  if (REPLAY !== undefined && stage !== undefined) {
    expect(await play(stage, read(REPLAY))).toEqual([]);
    return;
  }
  const played = await Promise.allSettled(stages.map((each, n) => playMany(each, Math.ceil(RUNS / STAGES), SEED + n)));
  for (const each of played) if (each.status === 'rejected') throw each.reason;
}, 3_600_000);

async function playMany(stage: Stage, runs: number, seed: number): Promise<void> {
  let failedAt = Number.POSITIVE_INFINITY;
  const result = await fc.check(
    fc.asyncProperty(history, async (given) => {
      // Time is up for making it smaller: what is left passes for good.
      if (Date.now() - failedAt > SHRINK_MS) return;
      const problems = await play(stage, given);
      if (problems.length > 0) failedAt = Math.min(failedAt, Date.now());
      expect(problems).toEqual([]);
    }),
    { seed, numRuns: runs },
  );
  if (!result.failed) return;
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'trr-history-')), 'history.jsonl');
  const [smallest] = result.counterexample ?? [];
  if (smallest !== undefined) writeFileSync(file, lines(smallest));
  throw new Error(
    `a history broke a promise (seed ${seed}, path ${result.counterexamplePath}); its smallest form is in ${file}:\n${
      smallest === undefined ? '' : lines(smallest)
    }`,
    { cause: result.errorInstance },
  );
}

/** One command a line; the first line says how slow the machine is. */
function lines({ grain, commands }: History): string {
  return [{ grain }, ...commands].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function read(file: string): History {
  const [head, ...commands] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
  return { ...(head as Pick<History, 'grain'>), commands: commands as History['commands'] };
}
