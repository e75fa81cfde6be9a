import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overridableColumn, overridableColumns, overrideValue } from './value.ts';

const value = (field: string, text: string | null) => overrideValue(overridableColumn('shows', field), text);

describe('overrideValue', () => {
  it.each([
    ['name', ' Big Brother ', 'Big Brother'],
    ['show_total_seasons', '12', 12],
    ['imdb_rating_value', '7.5', 7.5],
    ['premiere_date', '2024-02-29', '2024-02-29'],
    ['tags', 'house, live, house', ['house', 'live']],
    ['tags', '["a, b"]', ['a, b']],
    ['tags', '[]', []],
    ['tmdb_network_ids', '[4, 5]', [4, 5]],
    ['tmdb_network_ids', '4,5', [4, 5]],
    ['description', null, null],
  ])('types %s %j', (field, text, typed) => expect(value(field, text)).toEqual(typed));

  it.each([
    ['name', null],
    ['name', '  '],
    ['name', 'a\0b'],
    ['show_total_seasons', '1.5'],
    ['show_total_seasons', '9999999999'],
    ['imdb_rating_value', 'high'],
    ['imdb_rating_value', '1e400'],
    ['premiere_date', '2024-02-30'],
    ['premiere_date', 'tomorrow'],
    ['tags', 'a,,b'],
    ['tags', '[1'],
    ['tags', '[{}]'],
    ['tmdb_network_ids', '4,x'],
  ])('refuses %s %j and names the field', (field, text) => {
    expect(() => value(field, text)).toThrow(
      expect.objectContaining({ code: 'bad_value', message: expect.stringContaining(field) }),
    );
  });

  it('knows no fields that are keys, raw payloads, times or computed', () => {
    for (const field of [
      'id',
      'provenance',
      'tmdb_meta',
      'updated_at',
      'name_trigrams',
      'streaming_providers',
      'frobs',
    ])
      expect(() => overridableColumn('shows', field)).toThrow(expect.objectContaining({ code: 'unknown_field' }));
    expect(overridableColumns('people').map(({ name }) => name)).toEqual(['full_name', 'known_for']);
  });

  it('never takes a text for what it is not: every value is refused or typed as its column', () => {
    const kinds: Record<string, (typed: unknown) => boolean> = {
      text: (typed) => typeof typed === 'string',
      int4: Number.isInteger,
      numeric: Number.isFinite,
      date: (typed) => !Number.isNaN(Date.parse(String(typed))),
      uuid: (typed) => typeof typed === 'string',
      _text: Array.isArray,
      _int4: (typed) => Array.isArray(typed) && typed.every(Number.isInteger),
    };
    fc.assert(
      fc.property(fc.constantFrom(...overridableColumns('shows')), fc.string({ unit: 'binary' }), (column, text) => {
        try {
          expect(kinds[column.type]?.(overrideValue(column, text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_value' });
        }
      }),
    );
  });
});
