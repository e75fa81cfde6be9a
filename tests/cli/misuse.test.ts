import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { createTrr } from '../helpers/trr.ts';
import { sendJson, startUpstream } from '../helpers/upstream.ts';

const COMMANDS = [
  'serve',
  'import',
  'sync',
  'runs',
  'runs list',
  'runs show',
  'shows',
  'shows merge',
  'shows split',
  'shows override',
  'shows override set',
  'shows override clear',
  'shows override list',
  'people merge',
  'source',
  'source parse',
  'source fetch',
  'db',
  'db migrate',
  'db status',
  'db adopt',
  'db verify',
  'db guard',
  'db docs',
  'db sql',
  'db reset',
  'db seed',
  'db stop',
  'token',
  'doctor',
];

const program = createTrr(null, null);
afterAll(() => program.close());

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('the command line', () => {
  it.each(COMMANDS)('trr %s --help explains itself (B4)', async (command) => {
    const ran = await program.run(...command.split(' '), '--help');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(command.split(' ').at(-1));
  });

  it('prints the version', async () => {
    expect(await program.run('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each([
    [['frobnicate'], 'frobnicate'],
    [['db', 'frobnicate'], 'frobnicate'],
    [['db', 'status', '--frobnicate'], '--frobnicate'],
    [['doctor', 'extra'], 'extra'],
    [['doctor', '--timeout', 'soon'], '--timeout'],
    [['sync', '--limit'], '--limit'],
    [['sync', '--json=maybe'], '--json'],
    [['sync', 'frobnicate'], 'frobnicate'],
    [['sync', '--since', 'yesterday-ish'], '--since'],
    [['sync', '--limit', 'ten'], '--limit'],
    [['sync', '--limit', '-3'], '--limit=-'],
    [['sync', '--tmdb-id', '12a'], '--tmdb-id'],
    [['sync', '--show-id', 'not-a-uuid'], '--show-id'],
    [['import', '--tmdb-id', '-5'], '--tmdb-id'],
    [['source', 'parse', 'tmdb:nothing', 'package.json'], 'tmdb:nothing'],
    [['serve', '--port', '99999999'], 'port'],
  ])('trr %j is misuse: exit 2, one line that names it', async (args, named) => {
    const ran = await program.run(...args);
    expect(ran.code).toBe(2);
    expect(lines(ran.stderr)).toHaveLength(1);
    expect(ran.stderr).toContain(named);
    expect(ran.stdout).toBe('');
  });

  it('reports every configuration problem at once, exit 2', async () => {
    const misconfigured = createTrr(null, null, { PORT: 'x', TMDB_RATE: 'fast' });
    const ran = await misconfigured.run('doctor');
    misconfigured.close();
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/PORT[\s\S]*TMDB_RATE/);
  });

  it('a file that cannot be written in the middle of the work is exit 1 and one line, not a stack', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, { id: 1, name: 'One' }));
    const recording = createTrr(null, null, { TMDB_API_KEY: 'k', TMDB_API_BASE_URL: `${upstream.url}/3` });
    const folder = path.join(recording.env['HOME'] ?? '', 'record');
    mkdirSync(folder);
    // A folder in which not even root can make a file.
    symlinkSync(process.platform === 'linux' ? '/proc/self/fdinfo' : '/dev/fd', path.join(folder, 'bodies'));
    const ran = await recording.run('source', 'fetch', 'tmdb:tv', '1', '--record', folder);
    recording.close();
    expect(ran.code).toBe(1);
    expect(lines(ran.stderr)).toEqual([expect.stringMatching(/^trr: the system refused: E[A-Z]+: .*bodies/)]);
  });

  it('a server that refuses a statement is exit 1 and one line, not a stack', async () => {
    const database = await createTestDatabase();
    const name = `stranger_${process.pid}`;
    await database.owner(`create role ${name} login password 'hunter2'`);
    const url = new URL(database.url);
    [url.username, url.password] = [name, 'hunter2'];
    const stranger = createTrr(null, null, { DATABASE_URL: url.toString() });
    try {
      for (const args of [
        ['serve', '--port', '0'],
        ['runs', 'list'],
        ['db', 'reset', '--yes'],
      ]) {
        const ran = await stranger.run(...args);
        expect(ran.code).toBe(1);
        expect(lines(ran.stderr)).toHaveLength(1);
        expect(ran.stderr).toMatch(
          /refused: .*(permission denied|must be owner).* \(42501\)\. Fix: connect as the owner/,
        );
      }
    } finally {
      stranger.close();
      await database.owner(`drop role ${name}`);
      await database.drop();
    }
  });

  it.each([['db', 'status'], ['db', 'migrate'], ['sync'], ['import', '--tmdb-id', '1']])(
    'trr %s ... against an unreachable database: exit 1, one line without the password',
    async (...args) => {
      const lost = createTrr(null, null, {
        DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/db',
        TMDB_BEARER_TOKEN: 't',
      });
      const ran = await lost.run(...args);
      lost.close();
      expect(ran.code).toBe(1);
      expect(lines(ran.stderr)).toHaveLength(1);
      expect(ran.stderr).not.toContain('hunter2');
    },
  );
});
