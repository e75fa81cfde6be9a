import fc from 'fast-check';
import { expect } from 'vitest';
import { arrange, type Repair, type Session } from './session.ts';

type Row = Record<string, unknown>;

const upsert = (s: Session, name: string, rows: readonly Row[]) =>
  s.as('service_role', () => s.sql(`select * from core.${name}($1)`, [JSON.stringify(rows)]));

/** Repairs of how images are written in batches. */
export const IMAGE_REPAIRS: readonly Repair[] = [
  {
    id: 'W3',
    title: 'show images can be upserted by either key; the wider file wins; the same batch again changes nothing',
    async check(s) {
      const { show, otherShow } = await arrange(s);
      const tmdb = ['a', 'b'].map((name) => ({
        show_id: show,
        tmdb_id: 101,
        source: 'tmdb',
        kind: 'poster',
        source_image_id: `/${name}`,
        file_path: `/${name}`,
        url: `https://x/${name}`,
        width: 100,
        height: 150,
      }));
      expect(await upsert(s, 'upsert_tmdb_show_images_by_identity', tmdb)).toHaveLength(2);
      const imdb = { show_id: show, source: 'imdb', kind: 'media', source_image_id: 'rm1', url: 'https://y/1' };
      expect(await upsert(s, 'upsert_show_images_by_identity', [imdb])).toHaveLength(1);

      const all = 'select source_image_id, url, width, height, updated_at, xmin::text from core.show_images order by 1';
      const before = await s.sql(all);
      await upsert(s, 'upsert_tmdb_show_images_by_identity', tmdb);
      await upsert(s, 'upsert_show_images_by_identity', [imdb]);
      expect(await s.sql(all)).toEqual(before);

      const [a] = tmdb;
      await upsert(s, 'upsert_tmdb_show_images_by_identity', [
        { ...a, url: 'https://x/small', width: 50, height: 75 },
        { ...a, url: 'https://x/unknown', width: null, height: 1 },
      ]);
      expect((await s.sql(all))[0]).toMatchObject({ url: 'https://x/a', width: 100, height: 150 });
      await upsert(s, 'upsert_tmdb_show_images_by_identity', [{ ...a, url: 'https://x/big', width: 200, height: 300 }]);
      expect((await s.sql(all))[0]).toMatchObject({ url: 'https://x/big', width: 200, height: 300 });

      // The TMDb key moves the row to the show it is sent for.
      await upsert(s, 'upsert_tmdb_show_images_by_identity', [{ ...a, show_id: otherShow }]);
      expect(await s.value("select show_id from core.show_images where source_image_id = '/a'")).toBe(otherShow);
      expect(await s.refusal("select * from core.upsert_show_images_by_identity('{}')")).toBe('22023');
    },
  },
  {
    id: 'W24',
    title: 'an image whose source address changes no longer points at the copy of the old one',
    async check(s) {
      const { show, person } = await arrange(s);
      const copy = "'bucket', 'key', 'https://cdn/key', repeat('a', 64), 'image/jpeg', 1, 'e', now()";
      const hosted =
        'hosted_bucket, hosted_key, hosted_url, hosted_sha256, hosted_content_type, hosted_bytes, hosted_etag, hosted_at';
      await s.sql(
        `insert into core.show_images (show_id, source, kind, source_image_id, url, ${hosted})
         values ($1, 'imdb', 'media', 'rm1', 'https://x/small.jpg', ${copy})`,
        [show],
      );
      await s.sql(
        `insert into core.cast_photos (person_id, source, url, image_url, ${hosted})
         values ($1, 'fandom', 'https://x/page', 'https://x/a.jpg', ${copy})`,
        [person],
      );
      const left = (table: string) => s.value(`select num_nonnulls(${hosted}) from core.${table}`);
      await s.sql("update core.show_images set url = url, caption = 'same address'");
      await s.sql("update core.cast_photos set url = 'https://x/page2'");
      expect([await left('show_images'), await left('cast_photos')]).toEqual([8, 8]);
      await s.sql("update core.show_images set url = 'https://x/large.jpg', hosted_key = 'key2'");
      expect(await left('show_images')).toBe(8);
      await s.sql("update core.show_images set url = 'https://x/larger.jpg'");
      await s.sql("update core.cast_photos set image_url = 'https://x/b.jpg'");
      expect([await left('show_images'), await left('cast_photos')]).toEqual([0, 0]);
    },
  },
  {
    id: 'W25',
    title: 'a photo is found by either key, and one without a key is not stored twice',
    async check(s) {
      const { person } = await arrange(s);
      const keyless =
        "insert into core.cast_photos (person_id, source, url) values ($1, 'fandom', 'https://x/p.jpg?cb=1')";
      await s.sql(keyless, [person]);
      expect(await s.refusal(keyless, [person])).toBe('23505');
      await upsert(s, 'upsert_cast_photos_by_canonical', [
        { person_id: person, source: 'fandom', url: 'https://x/p.jpg?cb=2' },
      ]);
      expect(await s.value('select count(*)::int from core.cast_photos')).toBe(1);

      // One picture stored twice, once per key; then a row that has both.
      await s.sql(
        `insert into core.cast_photos (person_id, source, url, source_image_id, image_url_canonical, hosted_key)
         values ($1, 'tmdb', 'https://x/1', '/1', null, null), ($1, 'tmdb', 'https://x/1', null, 'https://x/1', 'stored/1')`,
        [person],
      );
      for (const name of ['upsert_cast_photos_by_identity', 'upsert_cast_photos_by_canonical']) {
        await upsert(s, name, [
          {
            person_id: person,
            source: 'tmdb',
            url: 'https://x/1',
            source_image_id: '/1',
            image_url_canonical: 'https://x/1',
          },
        ]);
        expect(
          await s.sql(
            "select source_image_id, image_url_canonical, hosted_key from core.cast_photos where source = 'tmdb'",
          ),
        ).toEqual([{ source_image_id: '/1', image_url_canonical: 'https://x/1', hosted_key: 'stored/1' }]);
      }
    },
  },
  {
    id: 'W37',
    title: 'a row of a batch erases nothing it does not speak about',
    async check(s) {
      const { show } = await arrange(s);
      const field = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
      const row = fc.record(
        {
          source_image_id: fc.constantFrom('1', '2', '3'),
          caption: field,
          iso_639_1: field,
          image_type: fc.constantFrom('x', null),
        },
        { requiredKeys: ['source_image_id'] },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (batch) => {
          await s.sql('delete from core.show_images');
          await upsert(
            s,
            'upsert_show_images_by_identity',
            batch.map((r) => ({ show_id: show, kind: 'media', url: 'https://x', source: 'imdb', ...r })),
          );
          const wanted = new Map<string, Row>();
          for (const { source_image_id, caption, iso_639_1, image_type } of batch) {
            const old = wanted.get(source_image_id) ?? {};
            wanted.set(source_image_id, {
              source_image_id,
              caption: caption ?? old.caption ?? null,
              iso_639_1: iso_639_1 ?? old.iso_639_1 ?? null,
              image_type: image_type ?? old.image_type ?? null,
            });
          }
          const stored = await s.sql(
            'select source_image_id, caption, iso_639_1, image_type from core.show_images order by 1',
          );
          expect(stored).toEqual(
            [...wanted.values()].sort((a, b) => String(a.source_image_id).localeCompare(String(b.source_image_id))),
          );
        }),
        { numRuns: 40 },
      );
    },
  },
  {
    id: 'W23',
    title: 'images are listed under the show they belong to, with or without a TMDb id',
    async check(s) {
      const { show, otherShow } = await arrange(s);
      // Its own show, but the other one's TMDb id; and one that has none.
      await s.sql(
        `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, file_path, url) values
           ($1, (select tmdb_id from core.shows where id = $2), 'tmdb', 'poster', '/w23', '/w23', 'https://x/w23'),
           ($1, null, 'imdb', 'media', 'w23', null, 'https://x/w23b')`,
        [show, otherShow],
      );
      expect(
        await s.sql('select source, show_id, show_name from core.v_show_images where show_id = $1 order by source', [
          show,
        ]),
      ).toEqual([
        { source: 'imdb', show_id: show, show_name: 'First' },
        { source: 'tmdb', show_id: show, show_name: 'First' },
      ]);
    },
  },
];
