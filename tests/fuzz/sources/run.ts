/**
 * Reads mutated pages of every source until the time is up: no crash, no page that takes over two seconds, no page about another subject
 * taken. `TRR_FUZZ_MINUTES` (default 10), `TRR_FUZZ_SEED` (default: the clock). A finding is written to a file and ends with exit code 1.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryOnce } from './check.ts';
import { randomOf } from './mutate.ts';
import { TARGETS } from './targets.ts';

const minutes = Number(process.env['TRR_FUZZ_MINUTES'] ?? 10);
const first = Number(process.env['TRR_FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const until = performance.now() + minutes * 60_000;
const HANG_MS = 2000;
let rounds = 0;
let slowest = { target: '', seed: first, milliseconds: 0 };
const findings: string[] = [];

for (let seed = first; performance.now() < until && findings.length < 20; seed++) {
  for (const target of TARGETS) {
    const { finding, milliseconds } = tryOnce(target, randomOf(seed));
    rounds += 1;
    if (milliseconds > slowest.milliseconds) slowest = { target: target.name, seed, milliseconds };
    if (milliseconds > HANG_MS) findings.push(`${target.name}, seed ${seed}: took ${Math.round(milliseconds)} ms`);
    if (finding === null) continue;
    const file = join(mkdtempSync(join(tmpdir(), 'trr-fuzz-')), 'page');
    writeFileSync(file, finding.body);
    findings.push(`${target.name}, seed ${seed}: ${finding.problem} (${file})`);
  }
}
console.log(
  `${rounds} pages of ${TARGETS.length} sorts from seed ${first}; slowest ${slowest.milliseconds.toFixed(0)} ms (${slowest.target}, seed ${slowest.seed})`,
);
for (const line of findings) console.log(`FOUND ${line}`);
process.exitCode = findings.length === 0 ? 0 : 1;
