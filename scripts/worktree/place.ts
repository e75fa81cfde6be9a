import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

/** Kinds of work, as the part of a branch's name before the slash. */
export const BRANCH_KINDS = ['feature', 'fix', 'docs', 'chore', 'refactor', 'test'];

const BRANCH = new RegExp(`^(${BRANCH_KINDS.join('|')})/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$`);

/** Why a branch may not be called so, or null. */
export function branchProblem(branch: string): string | null {
  if (BRANCH.test(branch) && !branch.includes('..') && !branch.endsWith('.lock')) return null;
  return `"${branch}" is no branch name for work here: ${BRANCH_KINDS.join('/, ')}/ and then small letters, digits, "-", "." or "_"`;
}

/** Sibling of the main checkout, named after it and the branch: `../trr-backend.feature-x` (also the worktree tool's default). */
export function folderOf(main: string, branch: string): string {
  return join(dirname(main), `${basename(main)}.${branch.replace(/[/\\]/g, '-')}`);
}

const FIRST_PORT = 8001;
const PORTS = 999;

/** A port of the worktree's own, the same each time unless another worktree has it. The main checkout keeps 8000. */
export function portOf(folder: string, taken: ReadonlySet<number>): number {
  const start = createHash('sha256').update(basename(folder)).digest().readUInt32BE(0) % PORTS;
  for (let step = 0; step < PORTS; step++) {
    const port = FIRST_PORT + ((start + step) % PORTS);
    if (!taken.has(port)) return port;
  }
  throw new Error(`all ports from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} belong to other worktrees`);
}

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const URL_VARIABLES = ['DATABASE_URL', 'SUPABASE_DB_URL', 'TRR_DB_URL'];

export interface OwnSettings {
  /** What `.env.worktree` holds. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the person has to know or do, one line each. */
  readonly notes: readonly string[];
}

/**
 * What a worktree needs for itself beside a shared `.env`: port, data folder, and a database of its own where the shared one is on
 * this machine. A database elsewhere is left alone and named, because nobody can create one there unasked.
 */
export function ownSettings(folder: string, port: number, sharedEnv: string): OwnSettings {
  const shared = parseEnv(sharedEnv);
  const settings: Record<string, string> = { PORT: String(port), TRR_DATA_DIR: '.trr' };
  const notes: string[] = [];
  for (const name of URL_VARIABLES) {
    const value = shared[name]?.trim() ?? '';
    if (value === '' || !URL.canParse(value)) continue;
    const url = new URL(value);
    if (!LOCAL.test(url.hostname)) {
      notes.push(`${name} names a database on ${url.hostname}, which this worktree shares with the others`);
      continue;
    }
    const database = databaseOf(decodeURIComponent(url.pathname.slice(1)), folder);
    url.pathname = `/${encodeURIComponent(database)}`;
    settings[name] = url.href;
    notes.push(`create the database once: createdb ${database}, then npx trr db migrate`);
  }
  const host = shared['PGHOST']?.trim() ?? '';
  if (host !== '' && (LOCAL.test(host) || host.startsWith('/'))) {
    settings['PGDATABASE'] = databaseOf(shared['PGDATABASE'] ?? 'trr', folder);
    notes.push(`create the database once: createdb ${settings['PGDATABASE']}, then npx trr db migrate`);
  } else if (host !== '') {
    notes.push(`PGHOST names a server at ${host}, whose database this worktree shares with the others`);
  }
  if ((shared['REDIS_URL'] ?? '').trim() !== '') {
    notes.push('REDIS_URL is shared: live channels of two worktrees mix; leave it out where you run one process');
  }
  return { settings, notes: [...new Set(notes)] };
}

/** PostgreSQL cuts names at 63 bytes; a cut one ends in a hash, so that two never become one. */
const LONGEST = 63;

function databaseOf(shared: string, folder: string): string {
  const suffix = basename(folder)
    .replace(/^[^.]*\./, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  const name = `${shared}_${suffix}`;
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - 9)}_${hash}`;
}

export function envText(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `# What this worktree has of its own; wins over .env. Written by npm run worktree:setup.\n${lines.join('\n')}\n`;
}
