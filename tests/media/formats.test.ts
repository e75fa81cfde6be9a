import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MediaServer, startMediaServer } from '../helpers/media-server.ts';
import { pictureFor } from '../simulator/index.ts';

let server: MediaServer;
beforeAll(async () => {
  server = await startMediaServer((database) =>
    database.owner(`insert into core.shows (name, tmdb_id) values ('One', 10)`),
  );
});
afterAll(() => server.close());

/** Puts a file where the source has an image, mirrors it, and answers its row. The name is what the source believes it to be. */
async function mirrored(
  name: string,
  file: Buffer,
): Promise<{ key: string | null; type: string | null; reason: string | null }> {
  const { simulator, database, media } = server;
  simulator.images.set(`/${name}`, file);
  await database.owner(
    `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
     select id, 10, 'tmdb', 'poster', $1, 'https://image.tmdb.org/t/p/original/' || $1, '/' || $1 from core.shows`,
    [name],
  );
  await media.mirror();
  const [row] = await database.owner<{ key: string | null; type: string | null; reason: string | null }>(
    `select i.hosted_key as key, i.hosted_content_type as type, s.reason from core.show_images i
     join media.fetch_state s on s.row_key = i.id::text where i.source_image_id = $1`,
    [name],
  );
  if (row === undefined) throw new Error(`${name} was not tried`);
  return row;
}

const picture = () => pictureFor('/sample-90x60.png');

describe('C1, S4: what is stored and served is what the bytes are, whatever the source calls it', () => {
  it.each([
    ['jpeg', 'a.png', '.jpg', 'image/jpeg'],
    ['png', 'b.jpg', '.png', 'image/png'],
    ['webp', 'c.jpg', '.webp', 'image/webp'],
    ['avif', 'd.jpg', '.avif', 'image/avif'],
    ['gif', 'e.jpg', '.gif', 'image/gif'],
    ['svg', 'f.svg', '.png', 'image/png'],
  ] as const)('%s as %s', async (format, name, extension, type) => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><script>alert(1)</script><rect width="9" height="9"/></svg>',
    );
    const file =
      format === 'svg'
        ? svg
        : await sharp(await picture())
            [format]()
            .toBuffer();
    const row = await mirrored(name, file);
    expect(row).toEqual({ key: expect.stringMatching(new RegExp(`\\${extension}$`)), type, reason: null });
    const answer = await server.app.inject({ method: 'GET', url: `/media/${row.key}` });
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(answer.body).not.toContain('script');
  });

  it.each([
    ['a page', Buffer.from('<!doctype html><html><script>alert(1)</script></html>'), 'not_an_image'],
    ['nothing we take', Buffer.from('BM\x36\0\0\0\0\0\0\0', 'latin1'), 'format_not_accepted'],
  ])('%s with status 200 and an image type is not stored', async (what, file, reason) => {
    expect(await mirrored(`${what.replaceAll(' ', '-')}.jpg`, file)).toEqual({ key: null, type: null, reason });
  });

  it('a page behind a picture is cut off', async () => {
    const page = Buffer.from('<script>alert(document.domain)</script>');
    const row = await mirrored(
      'polyglot.jpg',
      Buffer.concat([
        await sharp(await picture())
          .jpeg({ quality: 50 })
          .toBuffer(),
        page,
      ]),
    );
    const answer = await server.app.inject({ method: 'GET', url: `/media/${row.key}` });
    expect([answer.statusCode, answer.rawPayload.includes('script')]).toEqual([200, false]);
  });
});
