import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { s3Environment } from '../helpers/media.ts';
import { redisIsHere, startRedis } from '../helpers/redis.ts';
import { startSilentServer } from '../helpers/silent.ts';
import { createTrr, type Finished, type Trr } from '../helpers/trr.ts';
import { sendJson, startUpstream, type Upstream } from '../helpers/upstream.ts';
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../s3/server.ts';
import { type Simulator, startSimulator, survivorWorld } from '../simulator/index.ts';

interface Line {
  readonly check: string;
  readonly status: string;
  readonly text: string;
  readonly ms: number;
}

let database: TestDatabase;
let simulator: Simulator;
let s3: S3Server;
let issuer: Upstream;
let published: Record<string, unknown>[] = [];
const open: Trr[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ world: survivorWorld() });
  s3 = await startS3Server();
  issuer = await startUpstream((_request, response) => sendJson(response, { keys: published }));
  const { publicKey } = await generateKeyPair('ES256');
  published = [
    { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' },
    { kty: 'oct', k: 'c2hhcmVk' },
  ];
});
afterAll(async () => {
  for (const trr of open) trr.close();
  await Promise.all([issuer[Symbol.asyncDispose](), s3.close(), simulator.close(), database.drop()]);
});

function program(
  extra: Record<string, string> = {},
  db: TestDatabase | null = database,
  sim: Simulator | null = simulator,
): Trr {
  const trr = createTrr(db, sim, { TRR_CONTACT_URL: 'https://example.org/contact', ...extra });
  open.push(trr);
  return trr;
}

const read = ({ stdout }: Finished): { ok: boolean; findings: Line[] } => JSON.parse(stdout);
const of = (ran: Finished, check: string) => read(ran).findings.filter((line) => line.check === check);
const statusOf = (ran: Finished, check: string) => of(ran, check).map(({ status }) => status);
const issuers = (url: string) => JSON.stringify([{ issuer: 'https://issuer.test', jwks_url: url, audience: 'app' }]);

describe('trr doctor', () => {
  it('finds nothing wrong where nothing is, and looks at every part', async () => {
    const redis = redisIsHere() ? await startRedis() : null;
    try {
      const trr = program({
        ...s3Environment(s3),
        AUTH_ISSUERS: issuers(`${issuer.url}/keys`),
        ...(redis === null ? {} : { REDIS_URL: redis.url }),
      });
      const ran = await trr.run('doctor', '--json');
      expect(read(ran).findings.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect([...new Set(read(ran).findings.map(({ check }) => check))]).toEqual([
        ...['runtime', 'dependencies', 'environment', 'disk', 'database', 'rights', 'data API', 'token keys'],
        ...['object store', 'broker', 'tmdb', 'imdb-datasets', 'imdb-web', 'fandom', 'sheet'],
      ]);
      expect(of(ran, 'token keys')[0]?.text).toMatch(/^https:\/\/issuer\.test: 1 usable key\(s\), 1 others$/);
      expect(of(ran, 'tmdb')[0]?.text).toMatch(/^answers \(the change feed, \d+ ms\)$/);
      expect(of(ran, 'object store')[0]?.text).toMatch(/^bucket test-bucket can be read/);
      if (redis !== null) expect(of(ran, 'broker')[0]?.text).toMatch(/^Redis \d+\.\d+.* at 127\.0\.0\.1:\d+, ping /);
      expect(read(ran).findings.every(({ ms }) => Number.isInteger(ms))).toBe(true);
    } finally {
      await redis?.stop();
    }
  });

  it('is a table for people, with the time of each check', async () => {
    const ran = await program().run('doctor');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^ok {7}database +\d+ ms {2}PostgreSQL \d+(\.\d+)? \(external\), database trr_test_/m);
    expect(ran.stdout).toMatch(/^skipped {2}fandom +\d+ ms {2}off \(TRR_LIVE_SOURCES/m);
  });

  it('says "skipped: no key" and asks nothing without a credential', async () => {
    const before = simulator.counts();
    const ran = await program({ TMDB_BEARER_TOKEN: '' }).run('doctor', '--json');
    expect(of(ran, 'tmdb')).toMatchObject([
      { status: 'skipped', text: expect.stringMatching(/^no key: set TMDB_BEARER_TOKEN/) },
    ]);
    expect(simulator.counts()).toEqual(before);
    expect(ran.code).toBe(0);
  });

  it('makes a finding of everything that does not answer, within its time', async () => {
    await using silent = await startSilentServer();
    const at = `http://127.0.0.1:${silent.port}`;
    const trr = program(
      {
        ...s3Environment(s3),
        AWS_ENDPOINT_URL_S3: at,
        AUTH_ISSUERS: issuers(`${at}/keys`),
        REDIS_URL: `redis://:hunter2-redis@127.0.0.1:${silent.port}`,
        DATABASE_URL: `postgresql://u:hunter2-database@127.0.0.1:${silent.port}/db`,
        TMDB_API_BASE_URL: `${at}/3`,
        TMDB_API_KEY: 'hunter2-tmdb',
        IMDB_BASE_URL: `${at}/imdb`,
        IMDB_DATASETS_BASE_URL: `${at}/datasets`,
        FANDOM_BASE_URL: `${at}/fandom`,
        TRR_FANDOM_WIKIS: '{"Survivor": "survivor.fandom.com"}',
        TRR_LIVE_SOURCES: 'tmdb,imdb-web,imdb-datasets,fandom',
      },
      null,
      null,
    );
    const started = performance.now();
    const ran = await trr.run('doctor', '--json', '--timeout', '2');
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(ran.code).toBe(1);
    for (const check of [
      'database',
      'token keys',
      'object store',
      'broker',
      'tmdb',
      'imdb-web',
      'imdb-datasets',
      'fandom',
    ]) {
      expect({ check, lines: of(ran, check) }).toMatchObject({ check, lines: [{ status: 'fail' }] });
      expect(of(ran, check)[0]?.ms).toBeLessThan(15_000);
    }
    expect(of(ran, 'tmdb')[0]?.text).toBe('no answer within 2 s');
    expect(statusOf(ran, 'rights')).not.toContain('ok');
    expect(silent.connections()).toBe(8);
    expect(ran.stdout + ran.stderr).not.toContain('hunter2');
  });

  it('asks nothing beyond this machine with --offline', async () => {
    await using canary = await startUpstream((_request, response) => sendJson(response, {}));
    const sheet = path.join(program().env['HOME'] ?? '', 'sheet.csv');
    writeFileSync(sheet, 'Show,Override\nSurvivor,SKIP\n');
    const trr = program({
      AUTH_ISSUERS: issuers(`${canary.url}/keys`),
      TMDB_API_BASE_URL: `${canary.url}/3`,
      IMDB_BASE_URL: canary.url,
      IMDB_DATASETS_BASE_URL: canary.url,
      FANDOM_BASE_URL: canary.url,
      TRR_FANDOM_WIKIS: '{"Survivor": "survivor.fandom.com"}',
      TRR_LIVE_SOURCES: 'tmdb,imdb-web,imdb-datasets,fandom',
      TRR_OVERRIDES_SHEET: sheet,
      AWS_S3_BUCKET: 'test-bucket',
      AWS_REGION: 'eu-test-1',
      AWS_CDN_BASE_URL: 'https://cdn.example.test',
      REDIS_URL: 'redis://192.0.2.1:6379',
    });
    const ran = await trr.run('doctor', '--offline', '--json');
    for (const check of ['token keys', 'object store', 'broker', 'tmdb', 'imdb-web', 'imdb-datasets', 'fandom']) {
      expect({ check, status: statusOf(ran, check) }).toEqual({ check, status: ['skipped'] });
    }
    expect(statusOf(ran, 'sheet')).toEqual(['ok']);
    expect(statusOf(ran, 'database')).not.toContain('skipped');
    expect(canary.requests).toEqual([]);
    const away = program({ DATABASE_URL: 'postgresql://u:p@192.0.2.1/db' }, null);
    expect(statusOf(await away.run('doctor', '--offline', '--json'), 'database')).toEqual(['skipped']);
  });

  it('probes writing on request only, and leaves nothing behind', async () => {
    const trr = program(s3Environment(s3));
    await trr.run('doctor');
    expect(s3.count('PutObject')).toBe(0);
    const ran = await trr.run('doctor', '--probe-writes', '--json');
    expect(of(ran, 'object store').at(-1)?.text).toMatch(/a probe object was written, read back and removed$/);
    expect(s3.count('PutObject')).toBe(1);
    expect(s3.objects.size).toBe(0);
    s3.setFaults([{ on: 'PutObject', fault: { status: 403, code: 'AccessDenied' } }]);
    const refused = await trr.run('doctor', '--probe-writes', '--json');
    s3.setFaults([]);
    expect(refused.code).toBe(1);
    expect(of(refused, 'object store').at(-1)).toMatchObject({
      status: 'fail',
      text: expect.stringMatching(/cannot write \(.*403 AccessDenied/),
    });
    const folder = await program().run('doctor', '--probe-writes', '--json');
    expect(of(folder, 'object store').map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('names what is wrong with each part', async () => {
    const trr = program({
      AUTH_ISSUERS: issuers(`${issuer.url}/keys`),
      TMDB_API_BASE_URL: `${issuer.url}/3`,
      REDIS_URL: 'redis://127.0.0.1:1',
      TRR_LIVE_SOURCE: 'tmdb',
      AWS_REGOIN: 'eu-test-1',
      DATABASE_URI: 'x',
      AWS_ROLE_ARN: 'read by the SDK itself',
      IMDB_DATASETS_DIR: '/nowhere',
      TRR_LIVE_SOURCES: 'tmdb,imdb-datasets',
    });
    const data = trr.env['TRR_DATA_DIR'] ?? '';
    mkdirSync(path.join(data, 'secrets'), { recursive: true });
    writeFileSync(path.join(data, 'secrets', 'installation'), 'x'.repeat(40));
    chmodSync(path.join(data, 'secrets', 'installation'), 0o644);
    const kept = published;
    published = [{ kty: 'oct', k: 'c2hhcmVk' }];
    const ran = await trr.run('doctor', '--json');
    published = kept;
    expect(ran.code).toBe(1);
    expect(
      of(ran, 'environment')
        .filter(({ status }) => status === 'warn')
        .map(({ text }) => text),
    ).toEqual([
      'AWS_REGOIN is set, and nothing reads it; did you mean AWS_REGION?',
      'DATABASE_URI is set, and nothing reads it; did you mean DATABASE_URL?',
      'TRR_LIVE_SOURCE is set, and nothing reads it; did you mean TRR_LIVE_SOURCES?',
    ]);
    expect(of(ran, 'disk').at(-1)).toMatchObject({
      status: 'fail',
      text: expect.stringMatching(/chmod 600 .*installation$/),
    });
    expect(of(ran, 'token keys')).toMatchObject([
      { status: 'fail', text: expect.stringContaining('no key a token could') },
    ]);
    expect(of(ran, 'broker')).toMatchObject([{ status: 'fail', text: expect.stringMatching(/ECONNREFUSED/) }]);
    expect(of(ran, 'tmdb')).toMatchObject([{ status: 'fail', text: expect.stringMatching(/^schema_changed: /) }]);
    expect(of(ran, 'imdb-datasets')).toMatchObject([
      { status: 'fail', text: expect.stringMatching(/IMDB_DATASETS_DIR lacks title\.episode/) },
    ]);
  });

  it('tells a refused credential', async () => {
    const strict = await startSimulator({ world: survivorWorld() });
    strict.setFaults([{ on: '/tv/changes', fault: { kind: 'status', status: 401 } }]);
    const ran = await program({}, database, strict).run('doctor', '--json');
    await strict.close();
    expect(of(ran, 'tmdb')).toMatchObject([
      { status: 'fail', text: expect.stringMatching(/^forbidden: .*check its credential/) },
    ]);
  });

  it('judges rights, exposure and a database that is not ours', async () => {
    const damaged = await createTestDatabase();
    const empty = await createTestDatabase({ migrated: false });
    try {
      await damaged.owner('grant insert on core.shows to anon');
      await damaged.owner('alter table core.networks disable row level security');
      await damaged.owner('revoke usage on schema pipeline from service_role');
      await damaged.owner(
        `do $$ begin execute format('alter role authenticator in database %I set pgrst.db_schemas = %L', current_database(), 'core, surveys, identity'); end $$`,
      );
      const ran = await program({}, damaged).run('doctor', '--json');
      expect(ran.code).toBe(1);
      expect(of(ran, 'rights')).toMatchObject([
        { status: 'fail', text: expect.stringContaining('may not enter pipeline') },
      ]);
      expect(of(ran, 'data API').map(({ text }) => text)).toEqual([
        expect.stringContaining('anon may write: core.shows: INSERT'),
        expect.stringContaining('row security is off on core.networks'),
        expect.stringContaining('exposes identity, which are internal'),
        expect.stringContaining('does not expose social, games'),
      ]);
      const foreign = await program({}, empty).run('doctor', '--json');
      expect(of(foreign, 'database').at(-1)).toMatchObject({
        status: 'fail',
        text: expect.stringContaining('no schema core'),
      });
      expect(statusOf(foreign, 'rights')).toEqual(['skipped']);
    } finally {
      await damaged.drop();
      await empty.drop();
    }
  });

  it('prints no secret, whatever goes wrong', async () => {
    const canaries = {
      TMDB_API_KEY: 'canary-tmdb-key',
      TMDB_BEARER_TOKEN: 'canary-tmdb-bearer',
      REDIS_URL: 'redis://user:canary-redis@127.0.0.1:1',
      DATABASE_URL: 'postgresql://owner:canary-database@127.0.0.1:1/db',
      TRR_SECRET: `canary-secret-${'x'.repeat(32)}`,
      TRR_INTERNAL_JWT_SECRET: `canary-internal-${'x'.repeat(32)},canary-older-${'x'.repeat(32)}`,
      SUPABASE_URL: issuer.url,
      SUPABASE_JWT_SECRET: `canary-jwt-${'x'.repeat(32)}`,
      IMDB_EXTRA_HEADERS_JSON: '{"cookie": "canary-cookie"}',
      TRR_OVERRIDES_SHEET: 'https://127.0.0.1:1/canary-sheet/pub?output=csv',
      ...s3Environment(s3),
      AWS_SECRET_ACCESS_KEY: 'canary-aws-secret',
      TRR_LIVE_SOURCES: 'tmdb,imdb-web,sheet',
      TMDB_API_BASE_URL: 'http://127.0.0.1:1/3',
      IMDB_BASE_URL: 'http://127.0.0.1:1',
    };
    const trr = program(canaries, null, null);
    for (const words of [['doctor'], ['doctor', '--json', '--probe-writes']]) {
      const ran = await trr.run(...words);
      expect(ran.code).toBe(1);
      expect(ran.stdout.length).toBeGreaterThan(500);
      expect(ran.stdout + ran.stderr).not.toMatch(/canary/);
      expect(ran.stdout + ran.stderr).not.toContain(S3_CREDENTIALS.secretAccessKey);
    }
  });
});
