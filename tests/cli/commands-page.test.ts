import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../src/pipeline/stage.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';

const page = readFileSync(join(PROJECT_ROOT, 'docs/db/commands.md'), 'utf8');
const rows = [...page.matchAll(/^\| `(core\.\w+)` \| ([^|]*)\|/gm)].map(([, table = '', stages = '']) => ({
  table,
  stages: stages
    .split(',')
    .map((stage) => stage.trim())
    .filter((stage) => stage !== ''),
}));

let database: TestDatabase;
let trr: Trr;
beforeAll(async () => {
  database = await createTestDatabase();
  trr = createTrr(database, null);
});
afterAll(async () => {
  trr.close();
  await database.drop();
});

describe('docs/db/commands.md', () => {
  it('has a row for every table of the catalogue', async () => {
    const tables = await database.owner<{ name: string }>(
      "select format('core.%s', relname) as name from pg_class where relkind = 'r' and relnamespace = 'core'::regnamespace order by 1",
    );
    expect(rows.map(({ table }) => table)).toEqual(tables.map(({ name }) => name));
  });

  it('names stages and commands that exist', async () => {
    const known = new Set<string>(['lists', ...STAGE_NAMES]);
    expect(rows.flatMap(({ stages }) => stages).filter((stage) => !known.has(stage))).toEqual([]);
    const commands = new Set([...page.matchAll(/`trr ((?:[a-z-]+ ?)+)/g)].map(([, words = '']) => words.trim()));
    expect(commands.size).toBeGreaterThan(20);
    for (const command of commands) {
      const ran = await trr.run(...command.split(' '), '--help');
      expect({ command, code: ran.code }).toEqual({ command, code: 0 });
    }
    const { stdout } = await trr.run('db', '--help');
    const sub = [...stdout.matchAll(/^ +(?:\u001b\[\d+m)*([a-z]+)(?:\u001b\[\d+m)* {2,}/gm)].map(
      ([, name = '']) => `db ${name}`,
    );
    expect(sub.filter((name) => !commands.has(name))).toEqual([]);
  }, 120_000);

  it('says of each table what the pipeline records', async () => {
    const snapshots = join(PROJECT_ROOT, 'sample/snapshots');
    const ran = await trr.run('import', '--tmdb-list', '1', '--snapshots', snapshots, '--offline');
    expect(ran.code).toBe(0);
    const seen = await database.owner<{ table_name: string; stage: string }>(
      "select distinct table_name, stage from pipeline.changes where stage is not null and table_name like 'core.%'",
    );
    expect(seen.length).toBeGreaterThan(12);
    const unsaid = seen.filter(
      ({ table_name: table, stage }) => !rows.find((row) => row.table === table)?.stages.includes(stage),
    );
    expect(unsaid).toEqual([]);
  });
});
