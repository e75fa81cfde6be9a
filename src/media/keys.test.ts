import { describe, expect, it } from 'vitest';
import { hashOfKey, type ImageIdentity, isKey, legacyKey, objectKey, variantKey } from './keys.ts';

const hash = (digits: string) => digits.repeat(32);
const image = (over: Partial<ImageIdentity>): ImageIdentity => ({
  table: 'cast_photos',
  owner: 'nm11883948',
  source: null,
  kind: null,
  seasonNumber: null,
  ...over,
});

describe('keys (spec/media.md 3)', () => {
  const UUID = '0b000000-0000-4000-8000-000000000001';
  it.each([
    [{ source: 'fandom' }, '.webp', 'images/people/nm11883948/photos/fandom/HASH.webp'],
    [{ owner: UUID, source: 'tmdb' }, '.jpg', `images/people/${UUID}/photos/tmdb/HASH.jpg`],
    [{ source: ' ' }, '.jpg', 'images/people/nm11883948/photos/fandom/HASH.jpg'],
    [
      { table: 'show_images', owner: 'tt1234567', source: 'tmdb', kind: 'poster' },
      '.jpg',
      'images/shows/tt1234567/poster/tmdb/HASH.jpg',
    ],
    [
      { table: 'show_images', owner: UUID, source: 'imdb', kind: 'backdrop' },
      '.webp',
      `images/shows/${UUID}/backdrop/imdb/HASH.webp`,
    ],
    [{ table: 'show_images', owner: UUID }, '.jpg', `images/shows/${UUID}/media/imdb/HASH.jpg`],
    [
      { table: 'season_images', owner: 'tt7654321', source: 'tmdb', seasonNumber: 3 },
      '.png',
      'images/seasons/tt7654321/season-3/tmdb/HASH.png',
    ],
    [
      { table: 'seasons', owner: 'tt7654321', seasonNumber: 0 },
      '.png',
      'images/seasons/tt7654321/season-0/tmdb/HASH.png',
    ],
    [{ table: 'episodes', owner: 'tt9876543', source: 'tmdb' }, '.jpg', 'images/episodes/tt9876543/tmdb/HASH.jpg'],
    [{ table: 'networks', owner: '123' }, '.png', 'images/logos/networks/123/HASH.png'],
    [{ table: 'production_companies', owner: '7' }, '.png', 'images/logos/production-companies/7/HASH.png'],
    [{ table: 'watch_providers', owner: '9' }, '.png', 'images/logos/watch-providers/9/HASH.png'],
  ] as const)('%j has the older name it always had', (over, extension, expected) => {
    expect(legacyKey(image(over), hash('ab'), extension)).toBe(expected.replace('HASH', hash('ab')));
  });

  it('a part that cannot stand in a key makes none', () => {
    for (const owner of ['../x', 'a b', 'a/b', '.hidden', ''])
      expect(legacyKey(image({ owner }), hash('ab'), '.jpg')).toBeUndefined();
    expect(legacyKey(image({ table: 'season_images', seasonNumber: null }), hash('ab'), '.jpg')).toBeUndefined();
  });

  it('names of content say which content', () => {
    expect(objectKey(hash('0f'), '.avif')).toBe(`images/sha256/0f/${hash('0f')}.avif`);
    expect(variantKey(hash('0f'), 500, 'webp')).toBe(`images/sha256/0f/${hash('0f')}-500.webp`);
    for (const key of [
      objectKey(hash('0f'), '.jpg'),
      variantKey(hash('0f'), 200, 'avif'),
      `images/shows/tt1/poster/tmdb/${hash('0f')}.jpg`,
    ]) {
      expect([isKey(key), hashOfKey(key)]).toEqual([true, hash('0f')]);
    }
    expect(hashOfKey('images/shows/tt1/x.jpg')).toBeUndefined();
  });
});
