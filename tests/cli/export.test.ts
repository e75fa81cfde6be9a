import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

let simulator: Simulator;
let database: TestDatabase;
let trr: Trr;
const file = (name: string) => path.join(trr.env['HOME'] ?? '', name);
const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 3, seasons: 2 }) });
  database = await createTestDatabase();
  await addShows(
    database,
    [1, 2, 3].map((id) => ({ tmdbId: generatedShowId(id), name: `Show ${id}` })),
  );
  const harness = createHarness(database, simulator);
  await harness.sync();
  await harness.close();
  // What exports and backups must not trip over.
  await database.owner(
    `update core.shows set name = '=cmd()', description = E'line one\\nline "two", \\u2028 three',
       provenance = provenance || '{"description": {"source": "imdb-web", "licence": "imdb", "at": "2026-01-01T00:00:00Z", "via": "live"}}'
     where tmdb_id = $1`,
    [generatedShowId(1)],
  );
  await database.owner(`insert into identity.users (id) values (gen_random_uuid())`);
  trr = createTrr(database, null);
});

afterAll(async () => {
  trr.close();
  await simulator.close();
  await database.drop();
});

describe('trr export', () => {
  it('writes shows, cast, appearances and images as JSON lines', async () => {
    const shows = await trr.run('export', 'shows');
    expect(shows).toMatchObject({ code: 0 });
    const rows = jsonLines(shows.stdout);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ id: expect.any(String), tmdb_id: expect.any(Number), total_seasons: 2 });
    expect(Object.keys(rows[0] ?? {})).not.toContain('provenance');
    for (const [kind, table] of [
      ['cast', 'core.show_cast'],
      ['images', 'core.show_images'],
      ['appearances', 'core.episode_appearances'],
    ] as const) {
      const found = jsonLines((await trr.run('export', kind)).stdout);
      const [stored] = await database.owner(`select count(*)::int as n from ${table}`);
      expect(found.length, kind).toBeGreaterThanOrEqual(Number(stored?.['n']));
    }
  });

  it('counts the episodes of an appearance where they are known, and says nothing where only seasons are', async () => {
    const counts = async () =>
      jsonLines((await trr.run('export', 'appearances', '--licences', 'all')).stdout).map(
        (row) => row['total_episodes'],
      );
    // TMDb tells of seasons only.
    expect(new Set(await counts())).toEqual(new Set([null]));
    const known = `(select id from core.episode_appearances order by id limit 1)`;
    await database.owner(
      `update core.episode_appearances set imdb_episode_title_ids = '{tt1,tt2}' where id = ${known}`,
    );
    expect((await counts()).filter((count) => count !== null)).toEqual([2]);
    await database.owner(`update core.episode_appearances set imdb_episode_title_ids = '{}' where id = ${known}`);
  }, 30_000);

  it('leaves out what is not under a chosen licence', async () => {
    const described = async (...flags: string[]) =>
      jsonLines((await trr.run('export', 'shows', ...flags)).stdout).find(({ name }) => name === '=cmd()')?.[
        'description'
      ];
    expect(await described()).toBeNull();
    expect(await described('--licences', 'tmdb,imdb')).toContain('line one');
    expect(await described('--licences', 'all')).toContain('line one');
    expect((await trr.run('export', 'cast', '--licences', 'own')).stdout).toBe('');
  });

  it('writes CSV that a spreadsheet reads and does not execute', async () => {
    const out = file('shows.csv');
    expect(await trr.run('export', 'shows', '--format', 'csv', '--licences', 'all', '--out', out)).toMatchObject({
      code: 0,
    });
    const text = readFileSync(out, 'utf8');
    expect(text.split('\n')[0]).toMatch(/^id,name,slug,description,/);
    expect(text).toContain(`,'=cmd(),`);
    expect(text).toContain('"line one\nline ""two"",');
  });

  it('refuses what it cannot do', async () => {
    for (const args of [[], ['people'], ['shows', '--format', 'xml'], ['--all'], ['shows', '--all', '--out', 'x']]) {
      expect(await trr.run('export', ...args), args.join(' ')).toMatchObject({ code: 2 });
    }
  });
});

describe('trr export --all and trr import --all', () => {
  it('move everything to another database', async () => {
    const backup = file('backup.jsonl.gz');
    const before = await canonicalDump(database.url);
    expect(await trr.run('export', '--all', '--out', backup)).toMatchObject({ code: 0 });
    const other = await createTestDatabase();
    const there = createTrr(other, null);
    expect(await there.run('import', '--all', backup)).toMatchObject({ code: 0 });
    expect(await canonicalDump(other.url)).toBe(before);
    // Counters go on behind what came along, and the history is read from its beginning.
    await other.owner(`insert into core.shows (name) values ('New here')`);
    expect(await other.owner(`select 1 from pipeline.changes where txid > 0`)).toHaveLength(1);
    expect(await other.owner('select 1 from core.shows where description like $1', ['%\u2028%'])).toHaveLength(1);
    // Only a new database takes one.
    const again = await there.run('import', '--all', backup);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') });
    there.close();
    await other.drop();
  }, 60_000);

  it('take all of a backup or nothing', async () => {
    const backup = file('backup.jsonl');
    expect(await trr.run('export', '--all', '--out', backup)).toMatchObject({ code: 0 });
    const whole = readFileSync(backup, 'utf8');
    const other = await createTestDatabase();
    const there = createTrr(other, null);
    const refused = async (why: RegExp) => {
      const run = await there.run('import', '--all', backup);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(why);
      expect(await other.owner('select 1 from core.shows')).toEqual([]);
    };
    truncateSync(backup, Math.floor(whole.length * 0.7));
    await refused(/cut off|cannot be read/);
    writeFileSync(backup, whole.replace(/"migration":"\d+"/, '"migration":"9999"'));
    await refused(/stands at migration 9999/);
    writeFileSync(backup, whole.replace('{"table":"core.shows"', '{"table":"core.nothing"'));
    await refused(/has no core\.nothing/);
    writeFileSync(backup, '{"hello": 1}\n');
    await refused(/no backup/);
    expect(await there.run('import', '--all', file('absent'))).toMatchObject({ code: 2 });
    there.close();
    await other.drop();
  }, 60_000);
});
