import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PhotoFacts, photoValues, type StoredPhoto, tmdbPhotos } from './photos.ts';

const photo = (over: Partial<PhotoFacts> = {}): PhotoFacts => ({
  source: 'fandom',
  sourceImageId: 'wiki/A.jpg',
  canonicalUrl: 'https://static.example/A.jpg',
  licence: 'fandom-image',
  url: 'https://static.example/A.jpg?cb=2',
  width: 800,
  height: 600,
  values: { caption: 'New', season: null },
  metadata: { version: '2', sha1: null },
  ...over,
});
const stored = (over: Partial<StoredPhoto> = {}): StoredPhoto => ({
  url: 'https://static.example/old',
  image_url_canonical: null,
  width: 400,
  height: 300,
  metadata: {},
  ...over,
});

describe('photoValues (spec/media.md 10.6)', () => {
  it('takes the wider picture with its address and both sizes', () => {
    expect(photoValues(photo(), stored())).toMatchObject({
      url: photo().url,
      url_path: '/A.jpg?cb=2',
      width: 800,
      height: 600,
    });
    const kept = photoValues(photo(), stored({ width: 1600 }));
    expect(kept).not.toHaveProperty('url');
    expect(kept).not.toHaveProperty('width');
    const known = stored({ width: 1600, image_url_canonical: 'https://static.example/wide' });
    expect(photoValues(photo(), known)).toMatchObject({ image_url_canonical: 'https://static.example/wide' });
  });

  it('lets an unknown size take nothing from a known one, and a known one replace an unknown', () => {
    expect(photoValues(photo({ width: null, height: null }), stored())).not.toHaveProperty('url');
    expect(photoValues(photo(), stored({ width: null, height: null }))).toMatchObject({ width: 800 });
    expect(photoValues(photo({ width: null }), stored({ width: null }))).toMatchObject({ url: photo().url });
  });

  it('unites metadata key by key and says nothing about what it does not know', () => {
    const values = photoValues(photo(), stored({ metadata: { version: '1', uploader: 'Bo' } }));
    expect(values).toMatchObject({ caption: 'New', metadata: { version: '2', uploader: 'Bo' } });
    expect(values).not.toHaveProperty('season');
    expect(
      photoValues(photo({ metadata: { version: '1' } }), stored({ metadata: { version: '1' } }))['metadata'],
    ).toBeUndefined();
  });

  it('has nothing to say the second time', () => {
    const size = fc.option(fc.integer({ min: 1, max: 5000 }));
    fc.assert(
      fc.property(size, size, size, size, (w, h, ow, oh) => {
        const facts = photo({ width: w, height: h });
        const before = stored({ width: ow, height: oh });
        const first = photoValues(facts, before);
        const after = {
          ...before,
          ...Object.fromEntries(Object.entries(first).filter(([, value]) => value !== undefined)),
        };
        const second = photoValues(facts, after as StoredPhoto);
        for (const [column, value] of Object.entries(second))
          if (value !== undefined) expect(value).toEqual((after as Record<string, unknown>)[column]);
        expect(after.width ?? 0).toBe(Math.max(w ?? 0, ow ?? 0) || 0);
      }),
    );
  });
});

it("numbers TMDb's pictures in its order, after the limit", () => {
  const picture = (filePath: string) => ({
    filePath,
    language: null,
    width: 10,
    height: 20,
    aspectRatio: 0.5,
    voteAverage: 5,
    voteCount: 1,
    raw: {},
  });
  const profile = { name: 'Ann', tmdbId: 7, pictures: ['/a.jpg', '/b.jpg', '/c.jpg'].map(picture) };
  expect(tmdbPhotos(profile, 2).map(({ sourceImageId, values }) => [sourceImageId, values])).toEqual([
    ['/a.jpg', { position: 1, gallery_index: 1, gallery_total: 2 }],
    ['/b.jpg', { position: 2, gallery_index: 2, gallery_total: 2 }],
  ]);
  expect(tmdbPhotos(profile, 0)).toHaveLength(3);
});
