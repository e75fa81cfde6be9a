import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { ANSWERED } from './answered.ts';
import { expectedFacts, liveFacts, missing } from './catalogue.ts';
import { createBaselineDatabase } from './databases.ts';

let baseline: TestDatabase;
let migrated: TestDatabase;

beforeAll(async () => {
  baseline = await createBaselineDatabase();
  migrated = await createTestDatabase();
});

afterAll(async () => {
  await baseline.drop();
  await migrated.drop();
});

describe('the squashed baseline', () => {
  it('has exactly the tables, columns, keys, checks, indexes and views of the predecessor', async () => {
    const live = await liveFacts(baseline.owner, { positions: true });
    const expected = expectedFacts({ positions: true });
    expect(missing(expected, live)).toEqual([]);
    expect(missing(live, expected)).toEqual([]);
  });

  it('has no function, trigger or policy of its own', async () => {
    const [counts] = await baseline.owner(
      `
      select (select count(*)::int from pg_proc where pronamespace::regnamespace::text = any ($1)) as functions,
             (select count(*)::int from pg_trigger where not tgisinternal) as triggers,
             (select count(*)::int from pg_policies where schemaname = any ($1)) as policies`,
      [['core', 'surveys', 'social', 'games']],
    );
    expect(counts).toEqual({ functions: 0, triggers: 0, policies: 0 });
  });
});

describe('after all migrations', () => {
  it('lacks nothing of the baseline but what a decision answers', async () => {
    const live = await liveFacts(migrated.owner, { positions: false });
    const gone = missing(expectedFacts({ positions: false }), live);
    expect(gone).toEqual([...ANSWERED.keys()].sort());
  });

  it('keeps the order of the baseline columns', async () => {
    const order = `select attrelid::regclass::text || ' ' || string_agg(attname, ' ' order by attnum) as fact
      from pg_attribute where attrelid::regclass::text ~ '^(core|surveys|social|games)[.]' and attnum > 0 group by attrelid
      having attrelid in (select oid from pg_class where relkind = 'r' or oid = to_regclass('surveys.aggregates'))`;
    const before = await baseline.owner<{ fact: string }>(order);
    const after = await migrated.owner<{ fact: string }>(order);
    const starts = before.filter(
      ({ fact }) => !after.some((row) => row.fact === fact || row.fact.startsWith(`${fact} `)),
    );
    expect(starts).toEqual([]);
  });
});
