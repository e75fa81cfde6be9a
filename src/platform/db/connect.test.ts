import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';

let test1: TestDatabase;
beforeAll(async () => {
  test1 = await createTestDatabase();
});
afterAll(() => test1.drop());

test('a scope', async () => {
  const rows = await test1.db.asService('testing', (tx) =>
    tx.raw('select current_user::text as u, auth.role() as r, current_setting($1) as n', ['application_name']),
  );
  expect(rows).toEqual([{ u: 'service_role', r: 'service_role', n: 'test:testing' }]);
  expect(await test1.db.public.raw('select current_user::text as u')).toEqual([{ u: 'anon' }]);
});
