import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../platform/config/types.ts';
import { errorCode } from '../../platform/db/errors.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Why this server does not believe tokens of `trr token`; null when it does (design 6). */
export function localTokensRefused(config: Config): string | null {
  const { auth, database, server, production } = config;
  if (production) return 'NODE_ENV is production';
  if (auth.supabase !== null || auth.issuers.length > 0) return 'an issuer of tokens is configured: sign in there';
  if (database.kind === 'url') return `${database.variable} names an external database`;
  if (!LOOPBACK.has(server.host)) return `the server listens on ${server.host}, not on loopback only`;
  return null;
}

/** The secret that signs local tokens; null when this configuration does not accept them. */
export async function localTokenSecret(config: Config): Promise<Uint8Array | null> {
  return localTokensRefused(config) === null ? keptSecret(config.dataDir, 'local-tokens') : null;
}

/** The installation's secret: `TRR_SECRET`, else one kept in the data folder. */
export async function installationSecret(config: Config): Promise<Uint8Array> {
  return config.auth.secret ?? keptSecret(config.dataDir, 'installation');
}

/** A random secret in `<data folder>/secrets`, made once, readable by its owner only; any number of processes get the same. */
async function keptSecret(dataDir: string, name: string): Promise<Uint8Array> {
  const folder = join(dataDir, 'secrets');
  const file = join(folder, name);
  const known = await readFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (known !== null && known.length >= 32) return known;
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, randomBytes(48).toString('base64url'), { mode: 0o600 });
  try {
    if (known !== null) await rm(file, { force: true });
    // Fails when another process was first; then its secret counts.
    await link(temporary, file).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  return readFile(file);
}
