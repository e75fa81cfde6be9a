import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartProblems, chartsOf } from '../../scripts/repo-map/mermaid.ts';
import { differences, lineOf } from '../../src/platform/db/catalogue/compare.ts';
import { factsOf } from '../../src/platform/db/catalogue/facts.ts';
import { readCatalogueOf } from '../../src/platform/db/catalogue/read.ts';
import { DOCS_FOLDER, readDocs } from '../../src/platform/db/docs/files.ts';
import { docsOf } from '../../src/platform/db/docs/generate.ts';
import { checkServer } from '../../src/platform/db/server-check.ts';
import { compareFolder, writeFolder } from '../../src/platform/folder-files.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'trr-docs-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

describe('supabase/schema_docs', () => {
  it('are what the migrations make (else npm run schema:docs and commit)', async () => {
    const { serverMajor, catalogue } = await readDocs();
    const { major } = await checkServer(database.url);
    if (major === serverMajor) {
      expect(await compareFolder(await docsOf(database.url), DOCS_FOLDER)).toEqual({
        stale: [],
        missing: [],
        extra: [],
      });
    }
    // Another version writes parsed bodies in other words; everything else is the same.
    const options = { detail: 'full', parsedBodies: major === serverMajor } as const;
    const live = await readCatalogueOf(database.url);
    expect(differences(factsOf(catalogue, options), factsOf(live, options)).map(lineOf)).toEqual([]);
  });

  it('tell what a table is, in JSON and Markdown', async () => {
    const files = await docsOf(database.url);
    const episodes = JSON.parse(files.get('core.episodes.json') ?? '{}');
    expect(episodes.foreign_keys).toContainEqual({
      constraint: 'episodes_season_id_fkey',
      columns: ['season_id', 'show_id', 'season_number'],
      references: { schema: 'core', table: 'seasons', columns: ['id', 'show_id', 'season_number'] },
      on_delete: 'cascade',
      on_update: 'cascade',
      deferrable: false,
      validated: true,
    });
    expect(episodes.columns.find(({ name }: { name: string }) => name === 'url_original_still')).toMatchObject({
      data_type: 'text',
      is_generated: true,
      default: null,
    });
    expect(episodes).toMatchObject({ schema: 'core', table: 'episodes', rls_enabled: true });
    expect(Object.keys(episodes.example_row)).toEqual(episodes.columns.map(({ name }: { name: string }) => name));
    const shows = JSON.parse(files.get('core.shows.json') ?? '{}');
    expect(shows.columns.find(({ name }: { name: string }) => name === 'genres').data_type).toBe('text[]');
    expect(shows.indexes.find(({ name }: { name: string }) => name === 'core_shows_tmdb_id_unique')).toMatchObject({
      columns: ['tmdb_id'],
      unique: true,
      predicate: '(tmdb_id IS NOT NULL)',
    });
    const state = JSON.parse(files.get('core.sync_state.json') ?? '{}');
    expect(state.column_grants.anon.SELECT).toContain('status');
    expect(state.column_grants.anon.SELECT).not.toContain('last_error');
    const page = files.get('core.episodes.md') ?? '';
    for (const heading of [
      'Columns',
      'Primary key',
      'Foreign keys',
      'Checks',
      'Indexes',
      'Triggers',
      'Row security',
      'Grants',
      'Example row',
    ]) {
      expect(page).toContain(`\n## ${heading}\n`);
    }
    expect(files.get('INDEX.md')).toContain('- [core.episodes](core.episodes.md)');
    const schema = files.get('_schema.core.md') ?? '';
    expect(schema).toContain('  seasons ||--o{ episodes : "season_id, show_id, season_number"');
    expect(schema).toContain('| [core.episodes](core.episodes.md) | on | 2 | select | select |');
    expect(page).toContain('    text url_original_still\n');
    expect(page).toContain('  seasons ||--o{ episodes : "season_id, show_id, season_number"');
    expect(files.get('core.seasons.md')).toContain('  seasons ||--o{ episodes : "season_id, show_id, season_number"');
    expect(files.get('_functions.core.md')).toContain('## search_shows(text,integer,integer)');
    for (const text of files.values()) expect(text.endsWith('\n') && !text.endsWith('\n\n')).toBe(true);
  });

  it('tell enumerations, comments, checks, policies by command and role, and what a function may do', async () => {
    await database.owner(`
      create type games.mood as enum ('calm', 'it''s loud');
      comment on schema games is 'Trivia';
      create table games.moods (id uuid primary key, mood games.mood not null, check (mood <> 'calm'));
      comment on table games.moods is 'How it | goes';
      comment on column games.moods.mood is 'Now';
      alter table games.moods enable row level security;
      create policy moods_add on games.moods as restrictive for insert to authenticated with check (mood is not null);
      grant insert (mood) on games.moods to authenticated;
      create function games.hum() returns integer language sql security definer set search_path = '' as 'select 1'`);
    try {
      const files = await docsOf(database.url);
      expect(files.get('_schema.games.md')).toContain("- `mood`: `enum ('calm', 'it''s loud')`");
      expect(files.get('_schema.games.md')).toContain('# Schema games\n\nTrivia\n');
      expect(files.get('INDEX.md')).toContain('- [games.moods](games.moods.md): How it | goes');
      const page = files.get('games.moods.md') ?? '';
      expect(page).toContain('| `mood` | `games.mood` | no |  | Now |');
      expect(page).toContain("- `moods_mood_check`: `(mood <> 'calm'::games.mood)`");
      expect(page).toContain('| `moods_add` | insert (restrictive) | authenticated |  | `(mood IS NOT NULL)` |');
      expect(page).toContain('- `authenticated`: INSERT on `mood`');
      const hum = /## hum\(\)[\s\S]*?(?=\n## |$)/.exec(files.get('_functions.games.md') ?? '')?.[0];
      expect(hum).toContain(
        'its owner (security definer)\n- Settings: `search_path=""`\n- Executable by: service_role',
      );
    } finally {
      await database.owner(
        'drop function games.hum(); drop table games.moods; drop type games.mood; comment on schema games is null',
      );
    }
  });

  it('draw diagrams that Mermaid reads', async () => {
    const charts = [...(await docsOf(database.url)).values()].flatMap(chartsOf);
    expect(charts.length).toBeGreaterThan(60);
    expect(charts.flatMap(chartProblems)).toEqual([]);
  });

  it('are the same bytes the second time, and name what a migration changed', async () => {
    await cp(DOCS_FOLDER, folder, { recursive: true });
    const before = await docsOf(database.url);
    await writeFolder(before, folder);
    expect(await writeFolder(await docsOf(database.url), folder)).toEqual({ stale: [], missing: [], extra: [] });
    await database.owner(`
      create table core.added (id integer primary key);
      alter table core.people add column nickname text;
      drop table pipeline.feed_cursors`);
    await writeFile(path.join(folder, 'core.left_behind.md'), 'old\n');
    const after = await docsOf(database.url);
    expect(await compareFolder(after, folder)).toEqual({
      stale: ['INDEX.md', '_schema.core.md', '_schema.pipeline.md', 'core.people.json', 'core.people.md'],
      missing: ['core.added.json', 'core.added.md'],
      extra: ['core.left_behind.md', 'pipeline.feed_cursors.json', 'pipeline.feed_cursors.md'],
    });
    await writeFolder(after, folder);
    expect(await compareFolder(after, folder)).toEqual({ stale: [], missing: [], extra: [] });
    expect(await readFile(path.join(folder, 'core.people.md'), 'utf8')).toContain('nickname');
  });
});
