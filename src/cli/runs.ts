import { defineCommand } from 'citty';
import { listRuns, type RunDetails, type RunRow, showRun, type TroubledUnit } from '../pipeline/runs/read.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { EXIT, integerArg, UsageError } from './command.ts';

const json = { type: 'boolean', description: 'Print JSON' } as const;

const listCommand = defineCommand({
  meta: { name: 'list', description: 'The newest runs: what, when, how it ended' },
  args: { json, limit: { type: 'string', description: 'How many', default: '20' } },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 1000 }) ?? 20;
    return withDatabase(async (db) => {
      const runs = await listRuns(db, limit);
      if (args.json) console.log(JSON.stringify(runs));
      else if (runs.length === 0) console.log('no runs yet');
      else for (const run of runs) console.log(runLine(run));
      return EXIT.ok;
    });
  },
});

const showCommand = defineCommand({
  meta: { name: 'show', description: 'One run: what failed and why, requests by upstream' },
  args: {
    id: { type: 'positional', required: false, description: "The run's id or its beginning; default: the newest" },
    json,
    limit: { type: 'string', description: 'At most so many troubled units', default: '100' },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 100_000 }) ?? 100;
    const id = args.id ?? '';
    if (!/^[0-9a-f-]*$/i.test(id)) throw new UsageError(`run id must be a UUID or its beginning, not "${id}"`);
    return withDatabase(async (db) => {
      const found = await showRun(db, id, limit);
      if (found === 'ambiguous') throw new UsageError(`several runs begin with "${id}": give more of the id`);
      if (found === undefined) {
        console.error(id === '' ? 'trr: no runs yet' : `trr: no run ${id}: see trr runs list`);
        return EXIT.failed;
      }
      if (args.json) console.log(JSON.stringify(found));
      else for (const line of detailLines(found)) console.log(line);
      return EXIT.ok;
    });
  },
});

/** `trr runs`: what runs did, from their records. */
export const runsCommand = defineCommand({
  meta: { name: 'runs', description: 'Look at past and running imports and syncs' },
  subCommands: { list: listCommand, show: showCommand },
});

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(loadConfig(), { applicationName: 'trr runs' });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

function runLine(run: RunRow): string {
  const { shows } = run.counts as { shows?: { total: number; done: number; failed: number } };
  const counts = shows === undefined ? '' : `${shows.done}/${shows.total} shows, ${shows.failed} failed`;
  return [run.id, run.status.padEnd(11), run.command.padEnd(6), run.started_at ?? '-', counts].join('  ');
}

function detailLines({ run, units, troubled }: RunDetails): string[] {
  const requests = Object.entries(run.requests as Record<string, number>);
  return [
    `run       ${run.id}`,
    `what      ${run.command} by ${run.who}, version ${run.code_version ?? '?'}`,
    `params    ${JSON.stringify(run.params)}`,
    `status    ${run.status}${run.error === null ? '' : `: ${run.error}`}`,
    `time      ${run.started_at ?? '-'} to ${run.finished_at ?? 'now'}`,
    `requests  ${requests.length === 0 ? 'none' : requests.map(([host, count]) => `${host}: ${count}`).join(', ')}`,
    'units',
    ...units.map((row) => `  ${row.stage.padEnd(14)} ${row.status.padEnd(15)} ${row.units}`),
    ...(troubled.length === 0 ? [] : ['trouble', ...troubled.map((unit) => `  ${troubleLine(unit)}`)]),
  ];
}

function troubleLine(unit: TroubledUnit): string {
  const what = `${unit.status} ${unit.stage} of ${unit.show_name ?? unit.subject}`;
  if (unit.error_kind === null) return `${what}: ${unit.reason ?? ''}`;
  const where = [unit.error_upstream, unit.http_status].filter((part) => part !== null).join(' ');
  const detail = unit.error_detail?.split('\n')[0] ?? '';
  return `${what}: ${unit.error_kind}${where === '' ? '' : ` (${where})`}: ${detail} (attempt ${unit.attempt})`;
}
