import type { EnvReader } from './read.ts';
import type { DatabaseConfig } from './types.ts';

const URL_VARIABLES = ['DATABASE_URL', 'SUPABASE_DB_URL', 'TRR_DB_URL'] as const;

/**
 * The database: the first URL variable, else `PG*`, else the embedded server. Two variables that name different databases
 * are refused, because silently preferring one has sent migrations to the wrong place before.
 */
export function readDatabase(env: EnvReader): DatabaseConfig {
  const poolMax = env.number('DB_POOL_MAX', 8, { min: 2, max: 100 });
  const given: { name: string; value: string }[] = [];
  for (const name of URL_VARIABLES) {
    const value = env.text(name);
    if (value === null) continue;
    if (!URL.canParse(value) || !/^postgres(ql)?:$/.test(new URL(value).protocol)) {
      env.problems.push(`${name} must be a URL like postgresql://user:password@host:5432/database`);
    } else {
      given.push({ name, value });
    }
  }
  const fromParts = readPgVariables(env);
  if (fromParts !== null) given.push({ name: 'PGHOST', value: fromParts });
  const [first, ...others] = given;
  if (first === undefined) return { kind: 'embedded', poolMax };
  for (const other of others) {
    if (sameDatabase(first.value, other.value)) continue;
    env.problems.push(`${first.name} and ${other.name} name different databases: keep one of them`);
  }
  return { kind: 'url', url: first.value, variable: first.name, poolMax };
}

/** `PGHOST` switches this on; every part is encoded, so that passwords with special characters survive. */
function readPgVariables(env: EnvReader): string | null {
  const host = env.text('PGHOST');
  if (host === null) return null;
  const user = encodeURIComponent(env.text('PGUSER') ?? 'postgres');
  const password = env.text('PGPASSWORD');
  const port = env.number('PGPORT', 5432, { min: 1, max: 65_535 });
  const database = encodeURIComponent(env.text('PGDATABASE') ?? decodeURIComponent(user));
  const sslMode = env.text('PGSSLMODE');
  const secret = password === null ? '' : `:${encodeURIComponent(password)}`;
  // A socket directory has no place in the authority part; the driver reads it from the query.
  const authority = host.startsWith('/') ? `${user}${secret}@localhost:${port}` : `${user}${secret}@${host}:${port}`;
  const query = new URLSearchParams();
  if (host.startsWith('/')) query.set('host', host);
  if (sslMode !== null) query.set('sslmode', sslMode);
  return `postgresql://${authority}/${database}${query.size > 0 ? `?${query}` : ''}`;
}

function sameDatabase(a: string, b: string): boolean {
  const [left, right] = [new URL(a), new URL(b)];
  return (
    left.hostname === right.hostname &&
    (left.port || '5432') === (right.port || '5432') &&
    left.pathname === right.pathname &&
    left.username === right.username &&
    left.searchParams.get('host') === right.searchParams.get('host')
  );
}
