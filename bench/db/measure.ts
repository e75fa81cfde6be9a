import pg from 'pg';
import { parsers } from '../../src/platform/db/parsers.ts';
import { median, quantile } from '../lib/numbers.ts';
import { type HotStatement, SIGNED_IN } from './statements.ts';

export type Role = HotStatement['role'] | 'service_role';

/** One connection inside one transaction, as this role: what a statement costs without begin and commit. */
export async function openAs(url: string, role: Role): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, types: parsers });
  await client.connect();
  await client.query('begin');
  // The service role speaks for the same person, so that functions that ask who calls find the same rows.
  const claims = { role, ...(role === 'anon' ? {} : { sub: SIGNED_IN }) };
  await client.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
  await client.query(`set local role ${role}`);
  return client;
}

export interface Plan {
  readonly text: string;
  /** Milliseconds on the server, planning included, of each run after the statement's plan has settled. */
  readonly times: number[];
  readonly rows: number;
  /** Large tables that were read from beginning to end, also inside functions. */
  readonly scanned: string[];
}

/** Below this many rows a table may be read whole: a thousand shows are read faster so than found one by one. */
const LARGE = 5_000;

/** Large tables that the current transaction read from beginning to end. */
export async function scannedTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select s.relid::regclass::text as name from pg_stat_xact_user_tables s join pg_class c on c.oid = s.relid
     where s.seq_scan > 0 and c.reltuples >= $1 order by 1`,
    [LARGE],
  );
  return rows.map(({ name }) => name);
}

interface Explained {
  readonly 'Planning Time': number;
  readonly 'Execution Time': number;
}

/**
 * The plan the server settles on for a prepared statement (six runs decide between custom and generic), and its time in three
 * runs. Costs and times are left out of the text, row counts stay: two runs on the same data give the same file.
 */
export async function explain(client: pg.Client, { text, values }: HotStatement): Promise<Plan> {
  const literals = values.map((value) => (value === null ? 'null' : pg.escapeLiteral(literal(value))));
  await client.query(`prepare hot as ${text}`);
  const call = `execute hot${literals.length === 0 ? '' : `(${literals.join(', ')})`}`;
  let rows = 0;
  for (let run = 0; run < 7; run++) rows = (await client.query(call)).rowCount ?? 0;
  const shown = await client.query<{ 'QUERY PLAN': string }>(
    `explain (analyze, buffers off, costs off, timing off, summary off) ${call}`,
  );
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const { rows: timed } = await client.query<{ 'QUERY PLAN': Explained[] }>(
      `explain (analyze, buffers off, timing off, format json) ${call}`,
    );
    const [result] = timed[0]?.['QUERY PLAN'] ?? [];
    if (result !== undefined) times.push(result['Planning Time'] + result['Execution Time']);
  }
  await client.query('deallocate hot');
  const scanned = await scannedTables(client);
  return { scanned, text: shown.rows.map((row) => normalised(row['QUERY PLAN'])).join('\n'), times, rows };
}

function literal(value: unknown): string {
  return Array.isArray(value) ? `{${value.map((item) => JSON.stringify(String(item))).join(',')}}` : String(value);
}

/** What differs between runs and versions without meaning anything. */
function normalised(line: string): string {
  return line
    .replace(/ ?\(actual rows=(\d+)(?:\.\d+)? loops=(\d+)\)/, ' (rows $1 x $2)')
    .replace(/(Memory|Disk): \d+kB/g, '$1: ?')
    .replace(/Heap Blocks: .*/, 'Heap Blocks: ?')
    .replace(/Storage: .*/, 'Storage: ?');
}

/** Of many runs the lower decile counts: whoever else is on the machine only ever adds time. */
const LOW = 0.1;

/**
 * Time of a statement under two roles, each on its own connection, in alternating blocks, so that both meet the same weather.
 * @returns the ratio (its role / service role) of each round, and milliseconds
 */
export async function compareRoles(
  url: string,
  statement: HotStatement,
  rounds: number,
): Promise<{ ratios: number[]; ours: number; service: number }> {
  const [ours, service] = [await openAs(url, statement.role), await openAs(url, 'service_role')];
  const query = { name: 'hot', text: statement.text, values: [...statement.values] };
  try {
    const once = async (client: pg.Client) => {
      const started = performance.now();
      await client.query(query);
      return performance.now() - started;
    };
    const times = { ours: [] as number[], service: [] as number[] };
    for (let warm = 0; warm < 10; warm++) {
      times.ours.push(await once(ours));
      await once(service);
    }
    // About a third of a second per side and round, between 20 and 400 runs.
    const runs = Math.min(400, Math.max(20, Math.round(300 / median(times.ours))));
    const ratios: number[] = [];
    const all = { ours: [] as number[], service: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const block = { ours: [] as number[], service: [] as number[] };
      for (let run = 0; run < runs; run++) {
        // Whoever is second finds warmer caches: take turns.
        if (run % 2 === 0) block.ours.push(await once(ours));
        block.service.push(await once(service));
        if (run % 2 === 1) block.ours.push(await once(ours));
      }
      ratios.push(quantile(block.ours, LOW) / quantile(block.service, LOW));
      all.ours.push(...block.ours);
      all.service.push(...block.service);
    }
    return { ratios, ours: quantile(all.ours, LOW), service: quantile(all.service, LOW) };
  } finally {
    await Promise.all([ours.end(), service.end()]);
  }
}
