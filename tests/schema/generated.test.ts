import { afterAll, beforeAll, expect, it } from 'vitest';
import { committedTypes, renderTypes } from '../../scripts/generate-types.ts';
import { readCatalogueOf } from '../../src/platform/db/catalogue/read.ts';
import { TABLES } from '../../src/platform/db/generated.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const render = async () => renderTypes(await readCatalogueOf(database.url));

it('src/platform/db/generated.ts is what the migrated database says (else npm run types:generate)', async () => {
  expect(await render()).toBe(committedTypes());
});

it('notices a column that was added', async () => {
  await database.owner('alter table core.people add column extra integer');
  expect(await render()).not.toBe(committedTypes());
  await database.owner('alter table core.people drop column extra');
  expect(await render()).toBe(committedTypes());
});

it('refuses a type the driver is not set up for', async () => {
  await database.owner('alter table core.people add column extra money');
  await expect(render()).rejects.toThrow('core.people.extra: no TypeScript type for money');
  await database.owner('alter table core.people drop column extra');
});

it('tells what the plan applier needs', () => {
  expect(TABLES['core.show_watch_providers'].primaryKey).toEqual(['show_id', 'region', 'offer_type', 'provider_id']);
  expect(TABLES['core.sync_state'].primaryKey).toEqual(['table_name', 'show_id']);
  const still = TABLES['core.episodes'].columns.find(({ name }) => name === 'url_original_still');
  expect(still).toEqual({
    name: 'url_original_still',
    type: 'text',
    nullable: true,
    generated: true,
    hasDefault: false,
  });
  expect(Object.values(TABLES).filter(({ primaryKey }) => primaryKey.length === 0)).toEqual([]);
});
