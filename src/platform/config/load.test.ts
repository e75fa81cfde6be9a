import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';

const load = (env: Record<string, string>) => loadConfig({ env, envFolders: [] });

function problems(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('works with nothing set', () => {
    const config = load({});
    expect(config.database).toEqual({ kind: 'embedded', poolMax: 8 });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8000, corsAllowOrigins: null });
    expect(config.tmdb.rate).toBe(25);
    expect([...config.sources.live]).toEqual(['tmdb']);
  });

  it('reports all problems at once and names the variables', () => {
    const found = problems({
      PORT: 'eighty',
      TMDB_RATE: '-1',
      TRR_LIVE_SOURCES: 'tmdb,netflix',
      DATABASE_URL: 'mysql://x/y',
      PUBLIC_URL: 'here',
    });
    expect(found).toHaveLength(5);
    for (const name of ['PORT', 'TMDB_RATE', 'TRR_LIVE_SOURCES', 'DATABASE_URL', 'PUBLIC_URL']) {
      expect(found.some((line) => line.startsWith(name))).toBe(true);
    }
  });

  it('takes the first database URL and treats blank as unset', () => {
    const config = load({ DATABASE_URL: '  ', SUPABASE_DB_URL: 'postgres://u:p@h/db' });
    expect(config.database).toMatchObject({ kind: 'url', variable: 'SUPABASE_DB_URL' });
  });

  it('refuses two variables that name different databases, and never prints their values', () => {
    const found = problems({ DATABASE_URL: 'postgres://u:secret1@a/db', TRR_DB_URL: 'postgres://u:secret2@b/db' });
    expect(found).toEqual(['DATABASE_URL and TRR_DB_URL name different databases: keep one of them']);
    expect(problems({ DATABASE_URL: 'postgres://u:p@a/db', TRR_DB_URL: 'postgresql://u:p@a:5432/db' })).toEqual([]);
  });

  it('builds a URL from PG variables with every part encoded', () => {
    const { database } = load({ PGHOST: 'db.example', PGUSER: 'me@home', PGPASSWORD: 'p@ss/word', PGDATABASE: 'trr' });
    expect(database).toMatchObject({ kind: 'url', url: 'postgresql://me%40home:p%40ss%2Fword@db.example:5432/trr' });
  });

  it('prefers the bearer token and accepts its alias', () => {
    expect(load({ TMDB_BEARER: 'b', TMDB_API_KEY: 'k' }).tmdb).toMatchObject({ bearer: 'b', apiKey: 'k' });
    expect(load({ TMDB_BEARER_TOKEN: 'a', TMDB_BEARER: 'b' }).tmdb.bearer).toBe('a');
  });

  it('reads .env from the first folder that has one, without overriding what is set', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trr-env-'));
    writeFileSync(join(folder, '.env'), 'PORT=9000\nTMDB_API_KEY="from file"\n');
    const config = loadConfig({ env: { PORT: '9100' }, envFolders: [join(folder, 'missing'), folder] });
    expect(config.server.port).toBe(9100);
    expect(config.tmdb.apiKey).toBe('from file');
  });

  it('lets a worktree have its own port beside a shared .env', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trr-env-'));
    writeFileSync(join(folder, '.env'), 'PORT=9000\nTMDB_API_KEY=shared\n');
    writeFileSync(join(folder, '.env.worktree'), 'PORT=9001\n');
    const config = loadConfig({ env: {}, envFolders: [folder] });
    expect([config.server.port, config.tmdb.apiKey]).toEqual([9001, 'shared']);
    expect(loadConfig({ env: { PORT: '9100' }, envFolders: [folder] }).server.port).toBe(9100);
  });

  it('refuses to start in production without a named database', () => {
    expect(problems({ NODE_ENV: 'production' })).toEqual([
      expect.stringContaining('DATABASE_URL'),
      expect.stringContaining('TRR_SECRET'),
    ]);
  });

  it('reads issuers of tokens, and names what is wrong with one', () => {
    const issuer = { issuer: 'https://id.example', jwks_url: 'https://id.example/keys', audience: 'app' };
    const { auth } = load({
      SUPABASE_URL: 'https://x.supabase.co/',
      SUPABASE_JWT_SECRET: 's'.repeat(32),
      AUTH_ISSUERS: JSON.stringify([issuer]),
      TRR_INTERNAL_JWT_SECRET: `${'a'.repeat(32)},${'b'.repeat(32)}`,
    });
    expect(auth.supabase).toMatchObject({ issuer: 'https://x.supabase.co/auth/v1' });
    expect(auth.issuers).toEqual([{ issuer: issuer.issuer, jwksUrl: issuer.jwks_url, audience: ['app'] }]);
    expect(auth.internalSecrets).toHaveLength(2);
    const wrong = [
      { ...issuer, jwks_url: 'http://id.example/keys' },
      { ...issuer, audience: [] },
      { ...issuer, issuer: 'trr-local' },
      { ...issuer, issuer: 'supabase' },
      { ...issuer, issuer: 'x'.repeat(501) },
      1,
    ];
    expect(problems({ AUTH_ISSUERS: JSON.stringify(wrong) })).toHaveLength(6);
    expect(problems({ AUTH_ISSUERS: JSON.stringify([issuer, issuer]) })).toEqual([
      'AUTH_ISSUERS names the issuer https://id.example again: list all its audiences in one entry',
    ]);
    const platform = { ...issuer, issuer: 'https://x.supabase.co/auth/v1' };
    const both = { SUPABASE_URL: 'https://x.supabase.co', AUTH_ISSUERS: JSON.stringify([platform]) };
    expect(problems(both)).toHaveLength(1);
    expect(problems({ SUPABASE_URL: 'http://x.supabase.co' })).toEqual([expect.stringContaining('https')]);
    expect(problems({ SUPABASE_URL: 'http://127.0.0.1:54321' })).toEqual([]);
    expect(problems({ AUTH_ISSUERS: '{' })).toHaveLength(1);
    const short = problems({ TRR_SECRET: 'hush', TRR_INTERNAL_JWT_SECRET: 'hush', SUPABASE_JWT_SECRET: 'hush' });
    expect(short).toHaveLength(4);
    expect(short.join()).not.toContain('hush');
  });
});
