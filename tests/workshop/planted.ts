import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clone } from './clone.ts';

/** A mistake somebody makes, the check that has to find it, and what it has to say. */
export interface Mistake {
  readonly name: string;
  plant(clone: Clone): void;
  readonly check: string;
  readonly says: RegExp;
}

const FAKE_KEY = ['AKIA', 'Q3ZJ7PLANTED7X2'].join('').padEnd(20, 'Y').slice(0, 20);
const TEST = (call: string) =>
  `import { expect, it } from 'vitest';\n\n${call}('adds', () => expect(1 + 1).toBe(2));\n`;

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'a door broken',
    plant: (clone) => clone.write('src/catalogue/planted.ts', "export { startRun } from '../pipeline/runner.ts';\n"),
    check: 'architecture',
    says: /src\/catalogue\/planted\.ts -> src\/pipeline\/runner\.ts/,
  },
  {
    name: 'a migration without docs',
    plant: (clone) =>
      clone.write(
        'supabase/migrations/0990_planted.sql',
        'create table core.planted (id integer primary key);\nalter table core.planted enable row level security;\n',
      ),
    check: 'schema docs',
    says: /missing\s+supabase\/schema_docs\/core\.planted\.md/,
  },
  {
    name: 'a migration without row types',
    plant: (clone) =>
      clone.write('supabase/migrations/0990_planted.sql', 'alter table core.people add column planted text;\n'),
    check: 'row types',
    says: /src\/platform\/db\/generated\.ts/,
  },
  {
    name: 'a number of a migration used twice',
    plant: (clone) => {
      const [last = ''] = clone.git('ls-files', 'supabase/migrations').trim().split('\n').slice(-1);
      clone.write(last.replace(/_\w+\.sql$/, '_zz_planted.sql'), 'select 1;\n');
    },
    check: 'migrations',
    says: /_zz_planted\.sql: the number \d{4} is taken by/,
  },
  {
    name: 'a migration that destroys without a word',
    plant: (clone) => clone.write('supabase/migrations/0990_planted.sql', 'drop table core.people;\n'),
    check: 'migrations',
    says: /0990_planted\.sql:1: drop table.*destructive/,
  },
  {
    name: 'a merged migration changed',
    plant: (clone) => clone.append('supabase/migrations/0133_media_reads.sql', '-- planted\n'),
    check: 'migrations',
    says: /0133_media_reads\.sql: is merged and was changed/,
  },
  {
    name: 'a stale map',
    plant: (clone) => clone.write('src/catalogue/planted/thing.ts', 'export const PLANTED = 1;\n'),
    check: 'repo map',
    says: /docs\/Repository\/generated\//,
  },
  {
    name: 'a map too many',
    plant: (clone) => clone.write('docs/Repository/generated/planted.md', '# Planted\n'),
    check: 'repo map',
    says: /extra.*planted\.md/,
  },
  {
    name: 'a secret',
    plant: (clone) => clone.write('docs/planted.md', `The key is ${FAKE_KEY}.\n`),
    check: 'secrets',
    says: /docs\/planted\.md:1: looks like an AWS access key/,
  },
  {
    name: 'an unknown variable',
    plant: (clone) => clone.append('.env.example', '# TRR_PLANTED=1\n'),
    check: 'environment',
    says: /TRR_PLANTED is unknown/,
  },
  {
    name: 'a variable without a description',
    plant: (clone) => clone.write('src/platform/config/planted.ts', "export const NAME = 'TRR_PLANTED';\n"),
    check: 'environment',
    says: /src\/platform\/config\/planted\.ts: TRR_PLANTED is read and not described/,
  },
  {
    name: 'a dead link',
    plant: (clone) => clone.write('docs/planted.md', '# Planted\n\n[gone](no-such-page.md)\n'),
    check: 'links',
    says: /docs\/planted\.md.*no-such-page\.md/,
  },
  {
    name: 'a script that does not exist',
    plant: (clone) => clone.append('CONTRIBUTING.md', '\nRun `npm run planted`.\n'),
    check: 'guides',
    says: /CONTRIBUTING\.md:\d+: package\.json has no script "planted"/,
  },
  {
    name: 'a skipped test',
    plant: (clone) => clone.write('src/catalogue/planted.test.ts', TEST('it.skip')),
    check: 'lint',
    says: /src\/catalogue\/planted\.test\.ts[\s\S]*noSkippedTests/,
  },
  {
    name: 'a test that keeps all others from running',
    plant: (clone) => clone.write('src/catalogue/planted.test.ts', TEST('it.only')),
    check: 'lint',
    says: /src\/catalogue\/planted\.test\.ts[\s\S]*noFocusedTests/,
  },
  {
    name: 'a test left for later',
    plant: (clone) =>
      clone.write('src/catalogue/planted.test.ts', "import { it } from 'vitest';\n\nit.todo('adds');\n"),
    check: 'hygiene',
    says: /src\/catalogue\/planted\.test\.ts:3: a test that does not run/,
  },
  {
    name: 'a conflict marker',
    plant: (clone) =>
      clone.append('docs/api.md', `${'<'.repeat(7)} HEAD\nours\n${'='.repeat(7)}\ntheirs\n${'>'.repeat(7)} x\n`),
    check: 'hygiene',
    says: /docs\/api\.md:\d+: conflict marker/,
  },
  {
    name: 'cookies and a log',
    plant: (clone) => {
      clone.write('tests/fixtures/cookies.txt', 'x\n');
      clone.write('debug.log', 'x\n');
      clone.git('add', '-f', 'debug.log');
    },
    check: 'hygiene',
    says: /debug\.log: looks like a log[\s\S]*cookies\.txt: looks like cookies/,
  },
  {
    name: 'a schema page too many',
    plant: (clone) => clone.write('supabase/schema_docs/core.planted.md', '# core.planted\n'),
    check: 'schema docs',
    says: /extra\s+supabase\/schema_docs\/core\.planted\.md/,
  },
  {
    name: 'a stale OpenAPI document',
    plant: (clone) => {
      const text = readFileSync(join(clone.folder, 'openapi.json'), 'utf8');
      clone.write('openapi.json', text.replace('"openapi"', '"openapi" '));
    },
    check: 'openapi',
    says: /openapi\.json/,
  },
  {
    name: 'a generated file of the client too many',
    plant: (clone) => clone.write('client/src/planted.generated.ts', 'export const PLANTED = 1;\n'),
    check: 'client',
    says: /extra\s+client\/src\/planted\.generated\.ts/,
  },
  {
    name: 'a type that does not fit',
    plant: (clone) => clone.write('src/catalogue/planted.ts', "export const PLANTED: number = 'one';\n"),
    check: 'types',
    says: /src\/catalogue\/planted\.ts\(1,14\): error TS2322/,
  },
];
