/**
 * Maps of the repository: `npm run repo-map` writes docs/Repository/generated, `npm run repo-map:check` compares and writes
 * nothing.
 *
 *     node scripts/repo-map/run.ts [--check] [--svg FOLDER] [--root FOLDER]
 *
 * `--svg` also draws every chart into FOLDER (outside the maps) with Mermaid's command line, `mmdc`, where it is installed.
 * Exit codes: 0 all good, 1 out of date or a door is broken, 2 misuse.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compareFolder, differenceLines, writeFolder } from '../../src/platform/folder-files.ts';
import { brokenDoors } from './doors.ts';
import { MAPS, repoMaps } from './generate.ts';
import { drawCharts } from './svg.ts';

const REPAIR = 'run npm run repo-map and commit the result';

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { check: { type: 'boolean' }, svg: { type: 'string' }, root: { type: 'string' } },
  });
  const root = path.resolve(values.root ?? path.join(import.meta.dirname, '../..'));
  const folder = path.join(root, MAPS);
  const { files, graph } = repoMaps(root);
  const doors = brokenDoors(graph);
  for (const line of doors) console.error(`door    ${line}`);
  const differences = await (values.check ? compareFolder : writeFolder)(files, folder);
  const lines = differenceLines(differences, MAPS);
  for (const line of lines) (values.check ? console.error : console.log)(line);
  if (values.check && lines.length > 0) console.error(REPAIR);
  else console.log(`${files.size} maps, ${values.check ? 'up to date' : `${lines.length} changed`}`);
  if (values.svg !== undefined) {
    const target = path.resolve(values.svg);
    if (target === folder || target.startsWith(folder + path.sep)) {
      console.error(`--svg: pictures do not belong into ${MAPS}: give another folder`);
      return 2;
    }
    console.log(await drawCharts(files, target));
  }
  return doors.length > 0 || (values.check === true && lines.length > 0) ? 1 : 0;
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    const misuse = error instanceof TypeError && 'code' in error;
    console.error(`repo-map: ${error instanceof Error ? error.message : String(error)}`);
    return misuse ? 2 : 1;
  });
}
