import { afterAll, describe, expect, it } from 'vitest';
import { createTrr } from '../helpers/trr.ts';

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
  'db docs',
  'db sql',
  'db reset',
  'db seed',
  'db stop',
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
    [['sync', '--limit'], '--limit'],
    [['sync', '--json=maybe'], '--json'],
    [['sync', 'frobnicate'], 'frobnicate'],
    [['sync', '--since', 'yesterday-ish'], '--since'],
    [['sync', '--limit', 'ten'], '--limit'],
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
