import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PIPELINE_SETTINGS } from '../../src/cli/pipeline-session.ts';
import { planStatements } from '../../src/pipeline/apply.ts';
import { OwnerLink } from '../../src/pipeline/link.ts';
import { countNewTables } from '../../src/pipeline/runs/statistics.ts';
import '../../src/pipeline/stages/index.ts';
import type { Plan } from '../../src/pipeline/plan.ts';
import { NAMESAKES } from '../../src/pipeline/stages/namesakes.ts';
import { registeredStatements } from '../../src/platform/db/statement.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

// A catalogue in which a whole table is far more than any unit needs, and of which the server knows nothing: nobody has counted it yet.
const PEOPLE = 5_000;
const SHOWS = 500;

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner(
    `insert into core.people (full_name) select 'Person ' || n from generate_series(1, ${PEOPLE}) n`,
  );
  await database.owner(`insert into core.shows (name) select 'Show ' || n from generate_series(1, ${SHOWS}) n`);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const [name, value] of Object.entries(PIPELINE_SETTINGS)) {
    await client.query('select set_config($1, $2, false)', [name, value]);
  }
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];

/** The plan that a session of the pipeline keeps for this text. */
async function keptPlan(text: string, values?: readonly unknown[]): Promise<Node[]> {
  const name = `keyed_${randomUUID().replaceAll('-', '')}`;
  await client.query(`prepare ${name} as ${text}`);
  const { rows } = await client.query(
    'select cardinality(parameter_types) as n from pg_prepared_statements where name = $1',
    [name],
  );
  const given = values ?? Array.from({ length: Number(rows[0].n) }, () => null);
  const literals = given.map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value)))).join(', ');
  const analyze = values === undefined ? '' : 'analyze, ';
  const answer = await client.query(
    `explain (${analyze}format json) execute ${name}${literals === '' ? '' : ` (${literals})`}`,
  );
  return flat((answer.rows[0] as Record<string, [{ Plan: Node }]>)['QUERY PLAN']?.[0].Plan as Node);
}

it('new tables are counted once they are more than a few pages, so that plans made for empty ones are made again', async () => {
  const fresh = await createTestDatabase();
  await fresh.owner(`insert into core.people (full_name) select 'Person ' || n from generate_series(1, ${PEOPLE}) n`);
  const states = () =>
    fresh.owner<{ name: string; counted: boolean }>(
      `select oid::regclass::text as name, reltuples >= 0 as counted from pg_class
       where oid in ('core.people'::regclass, 'core.networks'::regclass) order by 1`,
    );
  expect(await states()).toContainEqual({ name: 'core.people', counted: false });
  await OwnerLink.with(fresh.url, countNewTables);
  expect(await states()).toContainEqual({ name: 'core.people', counted: true });
  // A table of a page or none is read fast whatever the plan.
  expect(await states()).toContainEqual({ name: 'core.networks', counted: false });
  await fresh.drop();
});

describe('statements of a unit', () => {
  it('have an index for every table they read, whatever its size', async () => {
    const ofUnits = registeredStatements().filter(({ name }) => name.startsWith('pipeline.'));
    expect(ofUnits.length).toBeGreaterThan(30);
    const whole: string[] = [];
    for (const { name, text } of ofUnits) {
      for (const node of await keptPlan(text)) {
        if (node['Node Type'] === 'Seq Scan') whole.push(`${name} reads ${node['Relation Name']} whole`);
      }
    }
    expect(whole).toEqual([]);
  });

  it('change one row without reading the others, before the server has counted them', async () => {
    const [show] = await database.owner<{ id: string }>('select id from core.shows limit 1');
    const plan: Plan = {
      changes: [
        {
          table: 'core.shows',
          op: 'update',
          key: ['id'],
          columns: ['description'],
          rows: [{ id: show?.id, description: 'x' }],
        },
      ],
      partial: [],
      warnings: [],
    };
    const [write] = planStatements(plan);
    const nodes = await keptPlan(write?.text ?? '', write?.values);
    const read = nodes.filter((node) => node['Relation Name'] === 'shows' && node['Node Type'] !== 'ModifyTable');
    expect(read.length).toBeGreaterThan(0);
    for (const node of read) expect((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)).toBeLessThan(5);
  });

  it('look for namesakes among the people of one cast, not among all', async () => {
    const [show] = await database.owner<{ id: string }>('select id from core.shows limit 1');
    const cast = await database.owner<{ id: string }>('select id from core.people limit 8');
    const nodes = await keptPlan(NAMESAKES.text, [show?.id, `{${cast.map(({ id }) => id).join()}}`]);
    const read = nodes.filter((node) => node['Relation Name'] === 'people');
    expect(read.length).toBeGreaterThan(0);
    for (const node of read)
      expect((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)).toBeLessThan(20);
  });
});
