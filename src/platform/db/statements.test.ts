import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { mismatches } from '../../../tests/helpers/describe.ts';
import { registeredStatements, type Statement } from './statement.ts';

const SOURCE = fileURLToPath(new URL('../../', import.meta.url));

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Every module that declares statements, found by what it imports, so that none can be forgotten. */
async function declaringModules(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: SOURCE })) {
    if (file.endsWith('.test.ts') || file.endsWith('db/statement.ts')) continue;
    const text = await readFile(path.join(SOURCE, file), 'utf8');
    if (/import \{[^}]*\bstatement\b[^}]*\} from '[^']*statement\.ts'/.test(text)) found.push(file);
  }
  return found.sort();
}

describe('every declared statement', () => {
  test('can be prepared on the migrated database and answers the columns it declares', async () => {
    for (const file of await declaringModules()) await import(pathToFileURL(path.join(SOURCE, file)).href);
    const differences: string[] = [];
    for (const statement of registeredStatements()) differences.push(...(await mismatches(client, statement)));
    expect(differences.join('\n')).toBe('');
  });
});

describe('the comparison itself', () => {
  const made = (text: string, columns: Statement['columns']): Statement => ({ name: 'test.made', text, columns });

  test('accepts what agrees, whatever the types of the parameters', async () => {
    const statement = made(
      "select $1::int8 as a, now() as b, 'x'::varchar(3) as c, array['a'] as d, null::jsonb as e where $2::bool",
      { a: 'int8', b: 'timestamptz', c: 'text', d: '_text', e: 'jsonb?' },
    );
    expect(await mismatches(client, statement)).toEqual([]);
    expect(await mismatches(client, made('delete from auth.users where id = $1', {}))).toEqual([]);
  });

  test('names wrong types, missing, undeclared and doubled columns and broken SQL', async () => {
    const statement = made('select 1 as a, 2 as b, 3 as b, 4 as c', { a: 'int8', b: 'int4', d: 'text' });
    expect(await mismatches(client, statement)).toEqual([
      'test.made: a is int4, declared int8',
      'test.made: two columns are called b',
      'test.made: c (int4) is not declared',
      'test.made: d is declared, but not in the answer',
    ]);
    expect(await mismatches(client, made('select nothing from nowhere', {}))).toEqual([
      'test.made: cannot be prepared: relation "nowhere" does not exist',
    ]);
    // The connection is usable afterwards.
    expect(await mismatches(client, made('select 1 as a', { a: 'int4' }))).toEqual([]);
  });
});
