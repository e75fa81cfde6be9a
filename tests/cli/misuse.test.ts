import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { trr } from '../helpers/trr.ts';

const COMMANDS = [
  'serve',
  'import',
  'sync',
  'runs',
  'runs list',
  'runs show',
  'source',
  'source parse',
  'source fetch',
  'db',
  'db migrate',
  'db status',
  'db reset',
  'db seed',
  'db stop',
  'doctor',
];

const folder = mkdtempSync(join(tmpdir(), 'trr-cli-'));
const env = { TRR_DATA_DIR: folder };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('the command line', () => {
  it.each(COMMANDS)('trr %s --help explains itself (B4)', async (command) => {
    const ran = await trr([...command.split(' '), '--help'], env);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(command.split(' ').at(-1));
  });

  it('prints the version', async () => {
    expect(await trr(['--version'], env)).toMatchObject({
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
    const ran = await trr(args, env);
    expect(ran.code).toBe(2);
    expect(lines(ran.stderr)).toHaveLength(1);
    expect(ran.stderr).toContain(named);
    expect(ran.stdout).toBe('');
  });

  it('reports every configuration problem at once, exit 2', async () => {
    const ran = await trr(['doctor'], { ...env, PORT: 'x', TMDB_RATE: 'fast' });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/PORT[\s\S]*TMDB_RATE/);
  });

  it.each([['db', 'status'], ['db', 'migrate'], ['sync'], ['import', '--tmdb-id', '1']])(
    'trr %s %s against an unreachable database: exit 1, one line without the password',
    async (...args) => {
      const ran = await trr(
        args.filter((word) => word !== undefined),
        { DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/db', TMDB_BEARER_TOKEN: 't' },
      );
      expect(ran.code).toBe(1);
      expect(lines(ran.stderr)).toHaveLength(1);
      expect(ran.stderr).not.toContain('hunter2');
    },
  );
});
