import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { loadMatrix } from './matrix.ts';
import { type Catalogue, expand, readCatalogue, rightsProblems, runCase, seedProblems } from './run.ts';
import { seed } from './seed.ts';

let database: TestDatabase;
let client: pg.Client;
let catalogue: Catalogue;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await seed(client);
  catalogue = await readCatalogue(client);
});

beforeEach(() => client.query('begin'));
afterEach(() => client.query('rollback'));

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Fails with the lines, one below the other. */
function nothing(lines: readonly string[]): void {
  if (lines.length > 0) expect.fail(`\n${lines.join('\n')}`);
}

describe.each(loadMatrix())('row security of $schema', (file) => {
  it('is tried on rows that exist', async () => {
    nothing(await seedProblems(client, file));
  });

  it('gives each role the rights it needs and no more', async () => {
    nothing(await rightsProblems(client, file, catalogue));
  });

  const subjects = [...Object.keys({ ...file.tables, ...file.views }), ...(file.calls ? ['calls'] : [])];
  it.each(subjects)('holds for %s', async (subject) => {
    const name = subject === 'calls' ? `${file.schema} calls` : `${file.schema}.${subject}`;
    const cases = expand(file, catalogue).filter((one) => one.subject === name);
    expect(cases.length).toBeGreaterThan(0);
    const failures: string[] = [];
    for (const one of cases) {
      const failure = await runCase(client, one);
      if (failure !== undefined) failures.push(failure);
    }
    nothing(failures);
  });
});
