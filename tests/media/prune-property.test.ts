import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectKey, variantKey } from '../../src/media/keys.ts';
import { prune } from '../../src/media/upkeep/prune.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createNameStore } from './memory-store.ts';

/** Histories; `.ci/long` asks for all 10,000. */
const CASES = Number(process.env['TRR_PRUNE_CASES'] ?? 60);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.owner(
    `insert into core.shows (id, name, imdb_id, tmdb_id) select ('0a000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'S' || n, case when n % 2 = 0 then 'tt' || n end, n + 1 from generate_series(0, 3) n;
     insert into core.people (id, full_name, external_ids) select ('0b000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'P' || n, case when n % 2 = 0 then jsonb_build_object('imdb', 'nm' || n) else '{}' end from generate_series(0, 3) n;
     insert into core.networks (id, name) select n, 'N' || n from generate_series(0, 3) n;
     insert into core.seasons (id, show_id, season_number) select ('0c000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '0a000000-0000-4000-8000-000000000000', n from generate_series(0, 3) n`,
  );
}, 60_000);
afterAll(() => database.drop());

const hashOf = (file: number) => (file + 1).toString(16).padStart(2, '0').repeat(32);
const uuid = (kind: string, n: number) => `0${kind}000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** One row that shows a file: by which table, under a new key or an older one of the given prefix. */
const reference = fc.record({
  file: fc.integer({ min: 0, max: 11 }),
  owner: fc.integer({ min: 0, max: 3 }),
  table: fc.constantFrom(
    'photo' as const,
    'photo without imdb id' as const,
    'show image' as const,
    'season' as const,
    'logo' as const,
  ),
  key: fc.constantFrom('new' as const, 'legacy by imdb' as const, 'legacy by uuid' as const),
  state: fc.constantFrom('live' as const, 'archived' as const, 'retired' as const),
});
const history = fc.record({
  references: fc.array(reference, { maxLength: 15 }),
  /** Files known to the database, and since when they are marked (hours; none when undefined). */
  objects: fc.array(
    fc.record({
      file: fc.integer({ min: 0, max: 11 }),
      markedHours: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      variants: fc.boolean(),
    }),
    { maxLength: 12 },
  ),
  /** Files in the store that nobody may know, and since when they were seen. */
  strays: fc.array(
    fc.record({
      name: fc.integer({ min: 0, max: 30 }),
      seenHours: fc.integer({ min: 0, max: 60 }),
      oldFile: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  force: fc.boolean(),
  dryRun: fc.boolean(),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function legacy(one: { file: number; owner: number; key: string; table: string }): string {
  const hash = hashOf(one.file);
  const byImdb = one.key === 'legacy by imdb';
  if (one.table.startsWith('photo'))
    return `images/people/${byImdb ? `nm${one.owner}` : uuid('b', one.owner)}/photos/fandom/${hash}.jpg`;
  return `images/shows/${byImdb ? `tt${one.owner}` : uuid('a', one.owner)}/poster/tmdb/${hash}.jpg`;
}

/** Arranges a history in database and store. */
async function arrange(world: History): Promise<ReturnType<typeof createNameStore>> {
  const store = createNameStore();
  const put = (key: string, hours = 100) =>
    store.files.set(key, { key, bytes: 1, etag: null, modifiedAt: new Date(Date.now() - hours * 3_600_000) });
  const sql: string[] = [
    'delete from core.cast_photos; delete from core.show_images; delete from media.objects; delete from media.removals; delete from media.strays;',
    'update core.seasons set hosted_key = null, hosted_sha256 = null; update core.networks set hosted_logo_key = null, hosted_logo_sha256 = null;',
  ];
  const known = new Set<number>();
  for (const { file, markedHours, variants } of world.objects) {
    if (known.has(file)) continue;
    known.add(file);
    const key = objectKey(hashOf(file), '.jpg');
    put(key);
    const marked = markedHours === undefined ? 'null' : `now() - interval '${markedHours} hours'`;
    sql.push(
      `insert into media.objects (sha256, key, content_type, bytes, width, height, condemned_at) values ('${hashOf(file)}', '${key}', 'image/jpeg', 1, 1, 1, ${marked});`,
    );
    if (variants) {
      put(variantKey(hashOf(file), 200, 'webp'));
      sql.push(
        `insert into media.variants (sha256, size, width, format, key, bytes) values ('${hashOf(file)}', 200, 1, 'webp', '${variantKey(hashOf(file), 200, 'webp')}', 1);`,
      );
    }
  }
  world.references.forEach((one, n) => {
    // A new key always names a file that is known; an older one may be all there is.
    const key = one.key === 'new' && known.has(one.file) ? objectKey(hashOf(one.file), '.jpg') : legacy(one);
    put(key);
    const copy = `'${key}', '${hashOf(one.file)}'`;
    const archived = one.state === 'archived' ? 'now()' : 'null';
    if (one.table.startsWith('photo')) {
      const imdb = one.table === 'photo' && one.owner % 2 === 0 ? `'nm${one.owner}'` : 'null';
      sql.push(
        `insert into core.cast_photos (person_id, imdb_person_id, source, source_image_id, url, hosted_key, hosted_sha256, archived_at) values ('${uuid('b', one.owner)}', ${imdb}, 'fandom', 'p${n}', 'https://x/${n}', ${copy}, ${archived});`,
      );
    } else if (one.table === 'show image') {
      const retired = one.state === 'retired' ? 'now()' : 'null';
      sql.push(
        `insert into core.show_images (show_id, source, kind, source_image_id, url, hosted_key, hosted_sha256, archived_at, retired_at) values ('${uuid('a', one.owner)}', 'tmdb', 'poster', 'i${n}', 'https://x/${n}', ${copy}, ${archived}, ${retired});`,
      );
    } else if (one.table === 'season')
      sql.push(
        `update core.seasons set hosted_key = '${key}', hosted_sha256 = '${hashOf(one.file)}' where id = '${uuid('c', one.owner)}';`,
      );
    else
      sql.push(
        `update core.networks set hosted_logo_key = '${key}', hosted_logo_sha256 = '${hashOf(one.file)}' where id = ${one.owner};`,
      );
  });
  for (const { name, seenHours, oldFile } of world.strays) {
    const key = `images/shows/stray/poster/tmdb/${name}.jpg`;
    put(key, oldFile ? 100 : 0);
    sql.push(
      `insert into media.strays (key, bytes, first_seen_at) values ('${key}', 1, now() - interval '${seenHours} hours') on conflict do nothing;`,
    );
  }
  await database.owner(sql.join('\n'));
  return store;
}

/** What rows show now: a later reference to a season or network takes the place of an earlier one. */
async function shownNow(): Promise<string[]> {
  const rows = await database.owner<{ key: string }>(
    `select i.hosted_key as key from media.images i where i.hosted_key is not null
     union select o.key from media.objects o join media.images i on i.hosted_sha256 = o.sha256`,
  );
  return rows.map(({ key }) => key);
}

describe('S5: pruning', () => {
  it(`never deletes what a row refers to, whatever the history (${CASES} cases)`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (world) => {
        const store = await arrange(world);
        const shown = await shownNow();
        const before = new Set(store.files.keys());
        const young = new Set(
          world.strays
            .filter(({ oldFile, seenHours }) => !oldFile || seenHours < 24)
            .map(({ name }) => `images/shows/stray/poster/tmdb/${name}.jpg`),
        );
        const report = await prune(
          { db: database.db, store },
          { graceHours: 24, force: world.force, dryRun: world.dryRun },
        );
        const gone = [...before].filter((key) => !store.files.has(key));
        expect(gone.filter((key) => shown.includes(key))).toEqual([]);
        expect(report.deleted).toBe(gone.length);
        if (world.dryRun || report.stopped !== null) expect(gone).toEqual([]);
        else expect(gone.sort()).toEqual(report.found);
        // Nothing goes before its time, and everything the database still knows is there.
        for (const key of gone.filter((one) => one.includes('/stray/'))) {
          const firsts = world.strays.filter(({ name }) => key.endsWith(`/${name}.jpg`));
          expect(firsts.length === 1 && young.has(key)).toBe(false);
        }
        const known = await database.owner<{ key: string }>(
          'select key from media.objects union select key from media.variants',
        );
        expect(known.filter(({ key }) => !store.files.has(key))).toEqual([]);
        if (!world.force) {
          const all = [...before].filter((key) => key.startsWith('images/sha256/')).length;
          expect(gone.filter((key) => key.startsWith('images/sha256/')).length).toBeLessThanOrEqual(all * 0.2);
        }
      }),
      { numRuns: CASES },
    );
  }, 3_600_000);

  it('with more rows than any page holds, none of whose people has an IMDb id on the row', async () => {
    const rows = 5500;
    await database.owner(
      `delete from core.cast_photos; delete from core.show_images; delete from media.objects; delete from media.strays; delete from media.removals;
       update core.seasons set hosted_key = null, hosted_sha256 = null; update core.networks set hosted_logo_key = null, hosted_logo_sha256 = null`,
    );
    await database.owner(
      `insert into core.cast_photos (person_id, source, source_image_id, url, hosted_key, hosted_sha256)
       select '${uuid('b', 0)}', 'fandom', 'p' || n, 'https://x/' || n, 'images/people/nm0/photos/fandom/' || lpad(to_hex(n), 64, '0') || '.jpg', lpad(to_hex(n), 64, '0') from generate_series(1, $1) n`,
      [rows],
    );
    const store = createNameStore();
    for (let n = 1; n <= rows; n++) {
      const key = `images/people/nm0/photos/fandom/${n.toString(16).padStart(64, '0')}.jpg`;
      store.files.set(key, { key, bytes: 1, etag: null, modifiedAt: new Date(0) });
    }
    const orphan = `images/people/nm0/photos/fandom/${'f'.repeat(64)}.jpg`;
    store.files.set(orphan, { key: orphan, bytes: 1, etag: null, modifiedAt: new Date(0) });
    const now = new Date();
    expect(await prune({ db: database.db, store }, { graceHours: 24, force: false, dryRun: false, now })).toMatchObject(
      { strays: 1, found: [] },
    );
    const tomorrow = new Date(now.getTime() + 25 * 3_600_000);
    expect(
      await prune({ db: database.db, store }, { graceHours: 24, force: false, dryRun: false, now: tomorrow }),
    ).toMatchObject({ found: [orphan], deleted: 1 });
    expect(store.files.size).toBe(rows);
  });
});
