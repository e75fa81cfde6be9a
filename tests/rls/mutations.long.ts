import pg from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { loadMatrix } from './matrix.ts';
import { allCases, judge, mutations, problemsBefore, type Verdict } from './mutate.ts';
import { readCatalogue } from './run.ts';
import { seed } from './seed.ts';

/** Design 5 and issue 3: taking away any single policy or grant makes a test fail. */
it('misses every policy and grant that is taken away', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await seed(client);
    const files = loadMatrix();
    const catalogue = await readCatalogue(client);
    const cases = allCases(files, catalogue);
    await client.query('begin');
    expect(await problemsBefore(client, files, cases, catalogue)).toEqual([]);
    const verdicts: Verdict[] = [];
    for (const mutation of await mutations(
      client,
      files.map(({ schema }) => schema),
    )) {
      verdicts.push(await judge(client, mutation, files, cases, catalogue));
    }
    const survivors = verdicts.filter(({ killedBy }) => killedBy === undefined);
    console.log(`${verdicts.length} mutations, ${cases.length} cases, ${survivors.length} survivors`);
    for (const { mutation } of survivors) console.log(`survived: ${mutation.name}`);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(survivors.map(({ mutation }) => mutation.name)).toEqual([]);
  } finally {
    await client.end();
    await database.drop();
  }
});
