import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOOKUP } from '../../src/catalogue/lookup/queries.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // Enough rows that reading them all is the worse plan.
  await database.owner(`insert into core.shows (name, tvdb_id, wikidata_id, imdb_id, tmdb_id)
    select 'Show ' || n, n, 'Q' || n, 'tt' || (1000000 + n), n from generate_series(1, 2000) n`);
  await database.owner(`insert into core.seasons (show_id, season_number, tmdb_season_id, external_tvdb_id, external_wikidata_id)
    select s.id, k, s.tmdb_id * 10 + k, s.tmdb_id * 10 + k, 'Q9' || s.tmdb_id || k from core.shows s, generate_series(1, 5) k`);
  await database.owner('analyze core.shows, core.seasons');
});
afterAll(() => database.drop());

describe('looking up ids of other catalogues', () => {
  it.each([
    ['tvdb', '11'],
    ['wikidata', 'Q11'],
    ['tmdb', '11'],
    ['imdb', 'tt1000011'],
  ] as const)('by %s reads no table whole', async (scheme, id) => {
    const { text } = LOOKUP[scheme];
    const literal = (n: number) => [`'${scheme}'`, `'${id}'`, "array['tmdb']", 'null::text'][n - 1] ?? 'null';
    const plan = await database.owner<{ 'QUERY PLAN': string }>(
      `explain (costs off) ${text.replace(/\$(\d)/g, (_, n: string) => `(${literal(Number(n))})`)}`,
    );
    const lines = plan.map((row) => row['QUERY PLAN']);
    expect(lines.filter((line) => /Seq Scan on (shows|seasons)/.test(line))).toEqual([]);
    expect(lines.join('\n')).toMatch(/Index/);
  });
});
