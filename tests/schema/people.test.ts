import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseProblem } from '../../src/platform/errors/database.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { atOnce, type Community, community } from './community.ts';

let database: TestDatabase;
let c: Community;
beforeAll(async () => {
  database = await createTestDatabase();
  c = community(database);
});
afterAll(() => database.drop());

const INSERT = 'insert into core.people (full_name, external_ids) values ($1, $2) returning id';

describe('people by id', () => {
  it.each([
    ['tmdb', '777'],
    ['imdb', 'nm0000777'],
  ])('twenty writers of one %s id at once leave one person; the others get a named conflict', async (scheme, value) => {
    const answers: unknown[] = [];
    const tally = await atOnce(20, async (n) => {
      await c.service(INSERT, [`Writer ${n}`, { [scheme]: value }]).catch((error: unknown) => {
        answers.push(error);
        throw error;
      });
    });
    expect(tally).toEqual({ accepted: 1, 23505: 19 });
    expect(await c.value('select count(*)::int from core.people where external_ids ->> $1 = $2', [scheme, value])).toBe(
      1,
    );
    expect(new Set(answers.map((error) => databaseProblem(error, 'test')?.status))).toEqual(new Set([409]));
  });
});
