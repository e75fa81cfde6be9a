import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('x', () => {
  it('y', async () => {
    const [a] = await database.owner<{ id: string }>("insert into core.shows (name, tmdb_id) values ('A', 1) returning id");
    const [b] = await database.owner<{ id: string }>("insert into core.shows (name, imdb_id) values ('B', 'tt1') returning id");
    console.log(JSON.stringify(await database.db.asService('m', (tx) => tx.raw('select core.merge_shows($1, $2, $3)', [a?.id, b?.id, 'me']))));
    const [m] = await database.owner<{ id: string }>('select id from core.merges');
    console.log(JSON.stringify(await database.db.asService('m', (tx) => tx.raw('select core.split_shows($1, $2)', [m?.id, 'me']))));
    console.log(await database.owner('select name, imdb_id, tmdb_id from core.shows'));
    expect(1).toBe(1);
  });
});
