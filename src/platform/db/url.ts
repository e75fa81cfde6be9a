/** Parameters of a database URL that we set ourselves; a value in the URL must not displace ours. */
const OURS = ['options', 'application_name', 'statement_timeout', 'lock_timeout', 'query_timeout'];

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** True for `postgres://` and `postgresql://` URLs that name a database server. */
export function isDatabaseUrl(url: string): boolean {
  const parsed = parse(url);
  return parsed !== undefined && (parsed.protocol === 'postgres:' || parsed.protocol === 'postgresql:');
}

/** The URL without its password and without parameters that can hold secrets: what may be printed. */
export function maskUrl(url: string): string {
  const parsed = parse(url);
  if (parsed === undefined) return '(not a valid URL)';
  const user = parsed.username === '' ? '' : `${parsed.username}${parsed.password === '' ? '' : ':***'}@`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
}

/** `host:port/database`, for messages. */
export function targetOf(url: string): string {
  const parsed = parse(url);
  if (parsed === undefined) return 'the database';
  const host = parsed.searchParams.get('host') ?? parsed.hostname;
  const port = parsed.searchParams.get('port') ?? (parsed.port || '5432');
  return `database ${host || 'localhost'}:${port}${parsed.pathname === '/' ? '' : parsed.pathname}`;
}

const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)?$/;

/** Whether a URL's host says itself that it is this machine: a loopback name or address, or a socket's folder. */
export function isLocalUrl(url: string): boolean {
  const parsed = parse(url);
  if (parsed === undefined) return false;
  const host = parsed.searchParams.get('host') ?? parsed.hostname;
  return host.startsWith('/') || LOCAL_HOST.test(host);
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.toString();
}

/** Sent when the URL has no password and the server asks for one: the driver would throw and leave its socket open. */
const NO_PASSWORD = 'no-password-in-url';

/** True when the URL brings a password. */
export function hasPassword(url: string): boolean {
  return (parse(url)?.password ?? '') !== '';
}

/**
 * Splits a URL into what the driver gets and the options the person had put into it, which then come before ours (the
 * driver lets a URL win over its settings, and the last `-c` of a name wins on the server). `sslmode` gets the meaning
 * PostgreSQL documents for it (`require` encrypts, `verify-full` also checks the certificate); the driver's own differs.
 */
export function splitUrl(url: string): { connectionString: string; options: string } {
  const parsed = new URL(url);
  const options = parsed.searchParams.get('options') ?? '';
  for (const name of OURS) parsed.searchParams.delete(name);
  const mode = parsed.searchParams.get('sslmode');
  if (mode === 'require' || mode === 'prefer') parsed.searchParams.set('uselibpqcompat', 'true');
  if (parsed.password === '') parsed.password = NO_PASSWORD;
  return { connectionString: parsed.toString(), options };
}
