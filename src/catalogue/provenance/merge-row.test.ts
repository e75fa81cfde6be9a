import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRow, type RowRules, type RowValues } from './merge-row.ts';
import type { SourceStamp } from './types.ts';

const RULES: RowRules = { a: 'mirror', b: 'mirror', c: 'curated', d: 'fill' };
const STAMP: SourceStamp = { source: 'tmdb', licence: 'tmdb', at: '2025-01-01T00:00:00Z', via: 'live' };
const value = fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined });
const partial: fc.Arbitrary<RowValues> = fc.record({ a: value, b: value, c: value, d: value });

describe('mergeRow', () => {
  it('is coalesce(incoming, stored) per column for what a row does not say', () => {
    fc.assert(
      fc.property(partial, partial, (stored, incoming) => {
        const { values } = mergeRow(RULES, stored, incoming, STAMP);
        expect(values['a']).toEqual(incoming['a'] ?? stored['a'] ?? null);
        expect(values['b']).toEqual(incoming['b'] ?? stored['b'] ?? null);
        expect(values['c']).toEqual(stored['c'] ?? incoming['c'] ?? null);
        expect(values['d']).toEqual(stored['d'] ?? incoming['d'] ?? null);
      }),
    );
  });

  it('has nothing to write the second time, whatever the time', () => {
    fc.assert(
      fc.property(fc.option(partial, { nil: null }), partial, (stored, incoming) => {
        const first = mergeRow(RULES, stored, incoming, STAMP);
        const second = mergeRow(RULES, first.values, incoming, { ...STAMP, at: '2026-01-01T00:00:00Z' });
        expect(second.changed).toEqual([]);
        expect(second.values).toEqual(first.values);
      }),
    );
  });

  it('names the source of each value it takes and only of those', () => {
    const { values, changed } = mergeRow(
      RULES,
      { a: 'x', b: null, c: 'old', d: null, provenance: {} },
      { a: 'x', b: 'new', c: 'tmdb' },
      STAMP,
    );
    expect(values).toMatchObject({ a: 'x', b: 'new', c: 'old', d: null });
    expect(values['provenance']).toEqual({ a: STAMP, b: STAMP });
    expect(changed).toEqual(['b', 'provenance']);
  });
});
