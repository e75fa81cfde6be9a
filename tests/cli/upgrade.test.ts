import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { GENERATED_LIST, generatedWorld, startSimulator } from '../simulator/index.ts';

it('a database of another major version is refused with the way out, and the way works between two embedded servers', async () => {
  const simulator = await startSimulator({ world: generatedWorld({ shows: 3, seasons: 2 }) });
  const trr = createTrr(null, simulator);
  const dataDir = trr.env['TRR_DATA_DIR'] ?? '';
  const good = async (program: Trr, ...args: string[]): Promise<string> => {
    const ran = await program.run(...args);
    expect(ran, `${args.join(' ')}: ${ran.stderr}`).toMatchObject({ code: 0 });
    return ran.stdout;
  };
  const kinds = ['shows', 'cast', 'appearances', 'images'];
  const everything = async (program: Trr) => {
    const texts: string[] = [];
    for (const kind of kinds) texts.push(await good(program, 'export', kind, '--licences', 'all'));
    return texts;
  };
  await good(trr, 'db', 'migrate');
  await good(trr, 'import', '--tmdb-list', GENERATED_LIST);
  const before = await everything(trr);
  const backup = path.join(path.dirname(dataDir), 'backup.jsonl.gz');
  await good(trr, 'export', '--all', '--out', backup);
  await trr.run('db', 'stop');

  // The update brings programs of another major version: to them the folder is of an older one.
  const [file = ''] = globSync(`${dataDir}/**/PG_VERSION`, { cwd: '/' }).toSorted((a, b) => a.length - b.length);
  const moved = file === '' ? pointedTo(dataDir) : file;
  const made = readFileSync(moved, 'utf8');
  writeFileSync(moved, `${Number(made) - 1}\n`);
  for (const command of [['db', 'status'], ['sync'], ['import', '--all', backup]]) {
    const ran = await trr.run(...command);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain(`is of PostgreSQL ${Number(made) - 1}, the bundled programs are ${made.trim()}`);
    expect(ran.stderr).toContain('trr export --all --out backup.jsonl.gz');
    expect(ran.stderr).toContain('trr import --all backup.jsonl.gz');
  }

  const anew = createTrr(null, simulator);
  await good(anew, 'db', 'migrate');
  await good(anew, 'import', '--all', backup);
  expect(await everything(anew)).toEqual(before);
  expect(await anew.run('sync', '--json')).toMatchObject({ code: 0 });
  anew.close();
  trr.close();
  await simulator.close();
}, 180_000);

/** Root keeps the cluster outside a folder that its server's user cannot reach, and a note where. */
function pointedTo(dataDir: string): string {
  const folder = readFileSync(path.join(dataDir, 'postgres', 'location'), 'utf8').trim();
  const [file = ''] = globSync(`${folder}/**/PG_VERSION`).toSorted((a, b) => a.length - b.length);
  return file;
}
