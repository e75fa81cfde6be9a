/**
 * Makes the reduced Survivor data that is committed with the simulator: every row, only the columns the simulator reads, one
 * row per line. Usage: `node scripts/reduce-survivor.ts <folder with the four JSON files> [output folder]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REDUCED_SURVIVOR_DIR, readSurvivorData, SURVIVOR_COLUMNS } from '../tests/simulator/world/survivor-data.ts';

/** The files' contents by name; a pure function of the data, so that a second run changes nothing. */
export function reduceSurvivor(sourceDir: string): Record<string, string> {
  const data = readSurvivorData(sourceDir);
  const files: Record<string, string> = {};
  for (const name of ['seasons', 'episodes', 'castaways', 'people'] as const) {
    const columns: readonly string[] = SURVIVOR_COLUMNS[name];
    const rows = data[name].map((row) =>
      JSON.stringify(columns.map((column) => (row as unknown as Record<string, unknown>)[column])),
    );
    files[`${name}.json`] = `{"columns":${JSON.stringify(columns)},"rows":[\n${rows.join(',\n')}\n]}\n`;
  }
  return files;
}

if (import.meta.main) {
  const [source, output = REDUCED_SURVIVOR_DIR] = process.argv.slice(2);
  if (source === undefined) {
    process.stderr.write('usage: node scripts/reduce-survivor.ts <source folder> [output folder]\n');
    process.exitCode = 2;
  } else {
    mkdirSync(output, { recursive: true });
    for (const [name, content] of Object.entries(reduceSurvivor(source)))
      writeFileSync(path.join(output, name), content);
  }
}
