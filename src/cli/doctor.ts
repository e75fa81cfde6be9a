import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import type { Config } from '../platform/config/types.ts';
import { DatabaseUnavailable } from '../platform/db/errors.ts';
import { MigrationRefused } from '../platform/db/migrate/refused.ts';
import { diagnoseDatabase } from '../platform/db/open.ts';
import { EXIT } from './command.ts';

interface Finding {
  readonly area: 'runtime' | 'configuration' | 'database' | 'migrations' | 'sources';
  /** `warn`: works, but not everything will. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

/** `trr doctor`: everything that could keep the program from working, with the fix. Exit 1 when something fails. */
export const doctorCommand = defineCommand({
  meta: { name: 'doctor', description: 'Check runtime, configuration, database, migrations and sources' },
  args: { json: { type: 'boolean', description: 'Print JSON' } },
  async run({ args }) {
    const config = loadConfig();
    const findings: Finding[] = [runtime(), configuration(config), ...(await database(config)), ...sources(config)];
    if (args.json) console.log(JSON.stringify(findings));
    else for (const { level, area, text } of findings) console.log(`${level.padEnd(4)}  ${area.padEnd(13)}  ${text}`);
    return findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
  },
});

function runtime(): Finding {
  const packaged = process.execPath.includes('node_modules');
  return {
    area: 'runtime',
    level: 'ok',
    text: `Node ${process.versions.node} on ${process.platform}-${process.arch}${packaged ? ', packaged' : ''}`,
  };
}

function configuration(config: Config): Finding {
  const target =
    config.database.kind === 'embedded'
      ? `embedded, data in ${config.dataDir}`
      : `named by ${config.database.variable}`;
  return { area: 'configuration', level: 'ok', text: `valid; database ${target}` };
}

async function database(config: Config): Promise<Finding[]> {
  try {
    const { server, embedded, migrations } = await diagnoseDatabase(config);
    const where = embedded ? 'embedded' : 'external';
    const budget = config.database.poolMax > server.maxConnections / 2;
    return [
      { area: 'database', level: 'ok', text: `PostgreSQL ${server.version} (${where}), database ${server.database}` },
      ...(budget
        ? [
            {
              area: 'database',
              level: 'warn',
              text: `DB_POOL_MAX ${config.database.poolMax} is over half of the server's ${server.maxConnections} connections`,
            } as const,
          ]
        : []),
      migrationFinding(migrations),
    ];
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable || error instanceof MigrationRefused)) throw error;
    return [
      { area: 'database', level: 'fail', text: error instanceof DatabaseUnavailable ? error.line : error.message },
    ];
  }
}

function migrationFinding(state: Awaited<ReturnType<typeof diagnoseDatabase>>['migrations']): Finding {
  const area = 'migrations';
  if (state.unknown.length > 0)
    return {
      area,
      level: 'fail',
      text: `the database has versions this program does not know: ${state.unknown.join(', ')}`,
    };
  if (state.changed.length > 0)
    return { area, level: 'fail', text: `edited after they were applied: ${state.changed.join(', ')}` };
  if (state.gaps.length > 0)
    return { area, level: 'fail', text: `numbered before the last applied one: ${state.gaps.join(', ')}` };
  if (state.pending.length > 0)
    return {
      area,
      level: 'warn',
      text: `${state.pending.length} pending: run trr db migrate (serve does it for the embedded database)`,
    };
  return { area, level: 'ok', text: `${state.applied} applied, newest ${state.latest}` };
}

function sources(config: Config): Finding[] {
  const { tmdb } = config;
  const live = config.sources.live.has('tmdb');
  const credential = tmdb.bearer !== null ? 'bearer token' : tmdb.apiKey !== null ? 'API key' : null;
  const findings: Finding[] = [];
  if (!live)
    findings.push({
      area: 'sources',
      level: 'ok',
      text: 'TMDb is switched off (TRR_LIVE_SOURCES); snapshots still work',
    });
  else if (credential === null)
    findings.push({
      area: 'sources',
      level: 'warn',
      text: 'TMDb has no credential: set TMDB_BEARER_TOKEN or TMDB_API_KEY to fetch live; snapshots work without',
    });
  else findings.push({ area: 'sources', level: 'ok', text: `TMDb with a ${credential}, ${tmdb.rate} requests/s` });
  if (live && config.sources.contactUrl === null) {
    findings.push({
      area: 'sources',
      level: 'warn',
      text: 'TRR_CONTACT_URL is not set: sources cannot tell who is asking',
    });
  }
  return findings;
}
