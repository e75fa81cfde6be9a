import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../platform/facts.ts';
import { aspectRatio, distinctImages, seasonImageValues, showImageValues } from './merge.ts';

const image = (kind: ImageFacts['kind'], filePath: string, over: Partial<ImageFacts> = {}): ImageFacts => ({
  kind,
  filePath,
  language: null,
  width: 1000,
  height: 1500,
  aspectRatio: 0.6666667,
  voteAverage: 0,
  voteCount: 0,
  raw: { file_path: filePath },
  ...over,
});

// The predecessor's fixture: 4 posters after its duplicate path, 2 backdrops, 2 logos (`spec/sources-tmdb.md` 10).
const FIXTURE: readonly ImageFacts[] = [
  image('backdrop', '/backdrop_null.jpg', { voteAverage: 4, voteCount: 50 }),
  image('backdrop', '/backdrop_en.jpg', { language: 'en', voteAverage: 3, voteCount: 10 }),
  image('logo', '/logo_null.jpg'),
  image('logo', '/logo_en.jpg', { language: 'en', voteAverage: 1, voteCount: 1 }),
  image('poster', '/poster_null_votes_high.jpg', { voteAverage: 5, voteCount: 200 }),
  image('poster', '/poster_en_votes_low.jpg', { language: 'en', voteAverage: 5, voteCount: 10 }),
  image('poster', '/poster_en_votes_high.jpg', { language: 'en', voteAverage: 4, voteCount: 150 }),
  image('poster', '/poster_dup.jpg', { voteAverage: 1, voteCount: 1 }),
  image('poster', '/poster_dup.jpg', { language: 'en', voteAverage: 2, voteCount: 2 }),
];

describe('images', () => {
  it('keeps one per kind and path, best first', () => {
    const distinct = distinctImages(FIXTURE);
    expect(distinct).toHaveLength(8);
    expect(distinct.find(({ filePath }) => filePath === '/poster_dup.jpg')?.language).toBe('en');
    const first = (kind: string) => distinct.find((item) => item.kind === kind)?.filePath;
    expect([first('poster'), first('backdrop'), first('logo')]).toEqual([
      '/poster_en_votes_high.jpg',
      '/backdrop_en.jpg',
      '/logo_en.jpg',
    ]);
  });

  it('does not depend on the order of the images', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...FIXTURE], { minLength: FIXTURE.length }), (shuffled) => {
        expect(distinctImages(shuffled)).toEqual(distinctImages(FIXTURE));
      }),
    );
  });

  it("has the columns of the predecessor's row", () => {
    const raw = { aspect_ratio: 0.6666667, vote_count: 200 };
    expect(showImageValues(image('poster', '/p.jpg', { raw }), 12345, null)).toEqual({
      tmdb_id: 12345,
      image_type: 'poster',
      iso_639_1: null,
      url: 'https://image.tmdb.org/t/p/original/p.jpg',
      url_path: '/p.jpg',
      width: 1000,
      height: 1500,
      aspect_ratio: 0.6666667,
      metadata: raw,
      fetch_method: 'tmdb_images_api',
    });
  });

  it('lets the wider size keep address, width and height together', () => {
    const stored = { url: 'https://other/p.jpg', width: 2000, height: 3000 };
    expect(showImageValues(image('poster', '/p.jpg'), 1, stored)).not.toHaveProperty('url');
    expect(showImageValues(image('poster', '/p.jpg', { width: null }), 1, stored)).not.toHaveProperty('width');
    expect(showImageValues(image('poster', '/p.jpg', { width: 2000, height: 9 }), 1, stored)).toMatchObject({
      width: 2000,
      height: 9,
    });
    expect(showImageValues(image('poster', '/p.jpg'), 1, { ...stored, width: 0 })).toMatchObject({ width: 1000 });
  });

  it('computes the aspect ratio when it is not given', () => {
    expect(aspectRatio({ aspectRatio: null, width: 600, height: 300 })).toBe(2);
    expect(aspectRatio({ aspectRatio: null, width: 600, height: null })).toBe(0);
    expect(seasonImageValues(image('poster', '/s.jpg', { aspectRatio: null }))).toMatchObject({
      aspect_ratio: 1000 / 1500,
    });
  });
});
