import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docsWithRows } from '../../src/platform/db/docs/generate.ts';
import { REDACTED, withoutSecrets } from '../../src/platform/db/docs/live-rows.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr } from '../helpers/trr.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'trr-rows-'));
  await database.owner(`
    insert into core.shows (name, description, tmdb_id, tmdb_meta) values ('Real Show', repeat('long ', 100), 4711,
      '{"homepage": "https://ada:geheim@example.org/", "nested": [{"api_key": "abc", "kept": "yes"}]}');
    create table core.keys (id integer primary key, access_token text, note text, missing_secret text);
    alter table core.keys enable row level security;
    create policy trr_reader_read on core.keys for select to trr_reader using (true);
    grant select on core.keys to trr_reader;
    insert into core.keys values (1, 'plain words', 'Bearer abc.def', null);
    create table core.shut (id integer primary key, note text);
    revoke all on core.shut from trr_reader;
    insert into core.shut values (7, 'for nobody')`);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

describe('docs with rows of the database', () => {
  it('show a real row, without secrets, and only what the reading role may see', async () => {
    const files = await docsWithRows(database.url);
    const row = (name: string) => JSON.parse(files.get(`${name}.json`) ?? '{}').example_row;
    expect(row('core.shows')).toMatchObject({
      name: 'Real Show',
      tmdb_id: 4711,
      tmdb_meta: { homepage: REDACTED, nested: [{ api_key: REDACTED, kept: 'yes' }] },
    });
    expect(row('core.shows').description).toHaveLength(203);
    expect(row('core.keys')).toEqual({ id: 1, access_token: REDACTED, note: REDACTED, missing_secret: null });
    expect(files.get('core.shows.md')).toContain('## A row of this database, secrets left out');
    // Closed to the reader, or empty: a made-up row.
    expect(row('core.shut')).toEqual({ id: 1, note: 'example note' });
    expect(files.get('core.seasons.md')).toContain('## Example row');
  });

  it('are written to a folder of their own, never into the repository', async () => {
    const trr = createTrr(database, null);
    try {
      const docs = (...args: string[]) => trr.run('db', 'docs', '--rows', ...args);
      expect(await docs()).toMatchObject({ code: 2, stderr: expect.stringContaining('--rows needs --out FOLDER') });
      expect(await docs('--check', '--out', folder)).toMatchObject({ code: 2 });
      const committed = path.resolve(import.meta.dirname, '../../supabase/schema_docs');
      expect(await docs('--out', committed)).toMatchObject({ code: 2 });
      const full = path.join(folder, 'full');
      await mkdir(full);
      await writeFile(path.join(full, 'thesis.txt'), 'mine');
      expect(await docs('--out', full)).toMatchObject({ code: 2, stderr: expect.stringContaining('something else') });
      expect(await readdir(full)).toEqual(['thesis.txt']);
      const out = path.join(folder, 'docs');
      expect(await docs('--out', out)).toMatchObject({ code: 0 });
      expect(await readFile(path.join(out, 'core.shows.md'), 'utf8')).toContain('Real Show');
      await writeFile(path.join(out, 'left-over.md'), '');
      expect(await docs('--out', out)).toMatchObject({ code: 0, stdout: expect.stringContaining('left-over.md') });
      expect(await readdir(out)).not.toContain('left-over.md');
    } finally {
      trr.close();
    }
  });
});

describe('what looks like a secret', () => {
  it.each([
    ['password', 'x'],
    ['session_token', 'x'],
    ['secret_config', { any: 'thing' }],
    ['apiKey', 'x'],
    ['anonymous_key', 'x'],
    ['email', 'ada@example.org'],
    ['ip_hash', 'x'],
    ['value', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
    ['value', '-----BEGIN PRIVATE KEY-----'],
    ['value', 'postgresql://ada:geheim@db/x'],
    ['value', 'd41d8cd98f00b204e9800998ecf8427e'],
  ])('%s: %j is left out', (name, value) => {
    expect(withoutSecrets({ [name]: value })).toEqual({ [name]: REDACTED });
  });

  it.each([
    ['name', 'Survivor'],
    ['imdb_id', 'tt0239195'],
    ['id', '00000000-0000-4000-8000-000000000001'],
    ['url', 'https://example.org/a:b@c'],
    ['shipped', true],
    ['zip_code', '10115'],
  ])('%s: %j is shown', (name, value) => {
    expect(withoutSecrets({ [name]: value })).toEqual({ [name]: value });
  });
});
