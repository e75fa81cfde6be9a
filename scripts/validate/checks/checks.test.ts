import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectAt, told } from '../project.ts';
import { environmentFindings } from './environment.ts';
import { guideFindings } from './guides.ts';
import { hygieneFindings } from './hygiene.ts';
import { migrationFindings } from './migrations.ts';
import { secretFindings } from './secrets.ts';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
function write(file: string, text: string | Buffer = 'x\n'): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
const lines = (find: (project: ReturnType<typeof projectAt>) => readonly Parameters<typeof told>[0][]) =>
  find(projectAt(folder)).map(told);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trr-checks-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.email', 'a@example.org');
  git('config', 'user.name', 'A');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('hygiene', () => {
  it.each([
    '.env',
    'a/.env.local',
    'cookies.txt',
    'my-cookies.json',
    'debug.log',
    'x.log.1',
    'server.pem',
    'id_rsa',
    'service-account-x.json',
    '.npmrc',
    'backup.sql.gz',
    'x.dump',
    'session.har',
    '.DS_Store',
    'credentials/x.txt',
    'a.ts.orig',
  ])('names %s', (file) => {
    write(file);
    expect(lines(hygieneFindings)).toEqual([expect.stringContaining(`${file}: `)]);
  });

  it('leaves alone what only looks so', () => {
    for (const file of [
      '.env.example',
      'src/cookies.ts',
      'log.ts',
      'docs/credentials.md',
      'seed.sql',
      'src/keys/key.ts',
      'x.lock',
    ])
      write(file);
    write('picture.png', Buffer.from([0, 1, 2]));
    write('page.md', 'Title\n=======\n\n> quoted\n');
    expect(lines(hygieneFindings)).toEqual([]);
  });

  it('names conflict markers, tests that do not run, and files too large', () => {
    write('a.txt', `one\n${'<'.repeat(7)} HEAD\ntwo\n`);
    write('b.test.ts', "it('a', () => {});\n  it.todo('b');\n");
    write('c.test.ts', "it('a', { skip: true }, () => {});\n");
    write('d.json', 'x'.repeat(3 << 20));
    expect(lines(hygieneFindings)).toEqual([
      'a.txt:2: conflict marker',
      'b.test.ts:2: a test that does not run',
      'c.test.ts:1: a test that does not run',
      expect.stringContaining('d.json: '),
    ]);
  });

  it('looks at files git would add, not at ignored ones', () => {
    write('.gitignore', '.env\n');
    write('.env', 'A=1\n');
    expect(lines(hygieneFindings)).toEqual([]);
  });
});

// Put together here, so that this file holds nothing that looks like a secret.
const RANDOM = ['q8Zr4', 'Tn2Lw', '9Xc7V', 'b3Yk6', 'Ms1Pf', '5HdJ0'].join('');

describe('secrets', () => {
  it.each([
    ['a private key', `${'-'.repeat(5)}BEGIN RSA PRIVATE KEY${'-'.repeat(5)}\\n${RANDOM}`],
    ['an AWS access key', `key: AKIA${'IOSFODNN7ABCDEFG'}`],
    ['a GitHub token', `ghp_${'a1'.repeat(18)}`],
    ['a signed token', `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'zdWIiOiIxMjM0In0'}.${RANDOM}`],
    ['a password in an address', `postgresql://ann:${RANDOM}@db.company.net/app`],
    ['its name calls a secret', `TMDB_BEARER_TOKEN=${RANDOM}`],
    ['its name calls a secret', `  "apiKey": "${RANDOM}",`],
    ['a key of the hosted platform', `sb_secret_${RANDOM}`],
  ])('finds %s, and never repeats it', (what, text) => {
    write('notes.md', `first\n${text}\n`);
    const found = lines(secretFindings);
    expect(found).toContainEqual(expect.stringMatching(`^notes.md:2: looks like .*${what}`));
    expect(found.join('')).not.toContain(RANDOM);
  });

  it.each([
    'password: process.env.PASSWORD',
    'API_KEY=your-api-key-goes-here',
    'postgresql://user:password@host:5432/database',
    `postgresql://ann:${RANDOM}@localhost/app`,
    `postgresql://ann:${RANDOM}@db.example.org/app`,
    'TOKEN="$(npx trr token --user you@example.org)"',
    'secret: createHash("sha256").update(text)',
    `const hash = '${RANDOM}'`,
    'sha512-abc',
  ])('says nothing about %s', (text) => {
    write('notes.md', `${text}\n`);
    expect(lines(secretFindings)).toEqual([]);
  });
});

describe('environment', () => {
  it('names what is unknown, what is not described, and what is described twice', () => {
    write('src/platform/config/x.ts', "env.text('TMDB_KEY'); env.number('PORT', 1);\n");
    write('.env.example', '# PORT=8000\n# PORT=8000\nNO_SUCH=\n');
    expect(lines(environmentFindings)).toEqual([
      expect.stringContaining('NO_SUCH is unknown'),
      expect.stringContaining('PORT is described twice'),
      expect.stringContaining('TMDB_KEY is read and not described'),
    ]);
  });
});

describe('guides', () => {
  it('names scripts that do not exist, wherever they are promised', () => {
    write('package.json', JSON.stringify({ scripts: { test: 'x', 'a:b': 'npm run test && npm run gone' } }));
    write('docs/x.md', 'first\nnpm run a:b, npm run --silent test, `npm run typo`\n');
    write('.claude/commands/x.md', 'npm run nope');
    write('.github/workflows/ci.yml', 'run: npm run --silent never');
    write('.config/wt.toml', 'x = "npm run -s toml"');
    write('src/x.ts', '// npm run elsewhere');
    expect(lines(guideFindings)).toEqual([
      'package.json: the script a:b runs gone, which does not exist',
      '.claude/commands/x.md:1: package.json has no script "nope"',
      '.config/wt.toml:1: package.json has no script "toml"',
      '.github/workflows/ci.yml:1: package.json has no script "never"',
      'docs/x.md:2: package.json has no script "typo"',
    ]);
  });
});

describe('migrations', () => {
  const migration = (name: string, text = 'select 1;\n') => write(`supabase/migrations/${name}`, text);

  it('have a name and a number of their own', () => {
    migration('0200_a.sql');
    migration('0200_b.sql');
    migration('201_c.sql');
    expect(lines(migrationFindings)).toEqual([
      expect.stringContaining('0200_b.sql: the number 0200 is taken by 0200_a.sql'),
      expect.stringContaining('201_c.sql: a migration is called'),
    ]);
  });

  it.each([
    'drop table core.x;',
    'DROP SCHEMA core CASCADE;',
    'alter table core.x drop column y;',
    'alter table core.x alter column y type text;',
    'truncate core.x;',
    'delete from core.x;',
    'update core.x set y = 1;',
    'drop materialized view core.x;',
    'do $$ begin drop table core.x; end $$;',
  ])('%s needs a reason', (statement) => {
    migration('0200_a.sql', `select 1;\n${statement}\n`);
    expect(lines(migrationFindings)).toEqual([
      expect.stringMatching(/0200_a\.sql:2: .*destructive, and no comment says why/),
    ]);
    migration('0200_a.sql', `select 1;\n-- destructive: nobody uses it\n${statement}\n`);
    expect(lines(migrationFindings)).toEqual([]);
  });

  it.each([
    '-- drop table core.x;',
    "select 'drop table core.x';",
    'create function f() returns void language plpgsql as $$ begin delete from core.x; end $$;',
    'delete from core.x where y = 1;',
    'update core.x set y = 1 where z;',
    'drop policy p on core.x;',
    'drop function if exists f();',
    'create type core.t as enum ();',
  ])('%s does not', (statement) => {
    migration('0200_a.sql', `${statement}\n`);
    expect(lines(migrationFindings)).toEqual([]);
  });

  it('come after what is merged, and leave what is merged alone', () => {
    migration('0200_a.sql');
    migration('0202_b.sql');
    git('add', '-A');
    git('commit', '--quiet', '-m', 'x');
    git('switch', '--quiet', '-c', 'feature/x');
    expect(lines(migrationFindings)).toEqual([]);
    migration('0201_c.sql');
    migration('0200_a.sql', 'select 2;\n');
    expect(lines(migrationFindings)).toEqual([
      expect.stringContaining('0201_c.sql: comes before 0202_b.sql'),
      expect.stringContaining('0200_a.sql: is merged and was changed'),
    ]);
  });
});
