import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareScalars,
  type FieldRule,
  type FieldState,
  mergeField,
  sortedDistinct,
  sourceRank,
} from './merge-field.ts';
import { sameValue } from './same-value.ts';
import type { Scalar, SourceStamp } from './types.ts';

const RULES: readonly FieldRule[] = ['mirror', 'fill', 'curated', 'union'];
const SOURCES = ['tmdb', 'imdb-web', 'imdb-datasets', 'fandom'] as const;
const EMPTY: FieldState = { value: null, entry: undefined };

const stamp = (source: string, at = '2025-01-01T00:00:00Z'): SourceStamp => ({
  source,
  licence: source,
  at,
  via: 'live',
});
const texts = fc.array(fc.constantFrom('A', 'B', 'C', 'ß', '😀', 'Z'), { maxLength: 4 });
const scalar = fc.constantFrom<unknown>(undefined, null, '', 'x', 'y', 3, 4.5);
const speech = fc.record({ source: fc.constantFrom(...SOURCES), scalar, list: fc.option(texts, { nil: undefined }) });
type Speech = typeof speech extends fc.Arbitrary<infer T> ? T : never;

const said = (rule: FieldRule, item: Speech): unknown => (rule === 'union' ? item.list : item.scalar);
const apply = (rule: FieldRule, state: FieldState, items: readonly Speech[]): FieldState =>
  items.reduce((now, item) => mergeField(rule, now, said(rule, item), stamp(item.source)), state);
const stored = (rule: FieldRule, value: unknown, list: readonly string[]): FieldState => ({
  value: rule === 'union' ? list : value,
  entry: undefined,
});

describe('mergeField', () => {
  it('is idempotent: saying the same again later changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RULES),
        scalar,
        texts,
        fc.array(speech, { maxLength: 4 }),
        speech,
        (rule, value, list, history, last) => {
          const once = apply(rule, stored(rule, value ?? null, list), [...history, last]);
          const twice = mergeField(rule, once, said(rule, last), stamp(last.source, '2026-01-01T00:00:00Z'));
          expect(twice).toEqual(once);
        },
      ),
    );
  });

  it('keeps the stored value, time and source of what a source does not speak about', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RULES),
        scalar,
        texts,
        fc.array(speech, { maxLength: 4 }),
        fc.constantFrom(...SOURCES),
        (rule, value, list, history, source) => {
          const before = apply(rule, stored(rule, value ?? null, list), history);
          expect(mergeField(rule, before, undefined, stamp(source))).toBe(before);
        },
      ),
    );
  });

  it('gives the same curated value and the same union in whatever order the sources speak', () => {
    const oneEach = fc.uniqueArray(speech, { selector: (item) => item.source, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom<FieldRule>('curated', 'union'),
        scalar,
        texts,
        oneEach,
        fc.nat(),
        (rule, value, list, items, seed) => {
          const shuffled = items
            .map((item, index) => ({ item, order: (seed * (index + 7)) % 11 }))
            .sort((a, b) => a.order - b.order);
          const one = apply(rule, stored(rule, value ?? null, list), items);
          const other = apply(
            rule,
            stored(rule, value ?? null, list),
            shuffled.map(({ item }) => item),
          );
          expect(other.value).toEqual(one.value);
          expect(other.entry?.values).toEqual(one.entry?.values);
        },
      ),
    );
  });

  it("never loses another source's value in a union", () => {
    fc.assert(
      fc.property(texts, texts, texts, (first, second, third) => {
        const two = apply('union', EMPTY, [
          { source: 'imdb-web', scalar: null, list: first },
          { source: 'tmdb', scalar: null, list: second },
        ]);
        const later = mergeField('union', two, third, stamp('tmdb'));
        expect(later.value ?? []).toEqual(sortedDistinct([...first, ...third]));
      }),
    );
  });

  it('never lets a weaker source change what a stronger one said', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), fc.constantFrom(...SOURCES), scalar, (strong, weak, value) => {
        fc.pre(sourceRank(strong) < sourceRank(weak));
        const before = mergeField('curated', EMPTY, 'kept', stamp(strong));
        expect(mergeField('curated', before, value, stamp(weak))).toBe(before);
      }),
    );
  });

  it('lets an override survive everything the sources say, and lets the sources speak again after it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RULES),
        scalar,
        texts,
        fc.array(speech, { maxLength: 5 }),
        (rule, value, list, items) => {
          const override = { field: 'f', value: rule === 'union' ? ['own'] : 'own', at: '2025-05-05T00:00:00Z' };
          let state = stored(rule, value ?? null, list);
          for (const item of items) state = mergeField(rule, state, said(rule, item), stamp(item.source), override);
          if (items.length > 0)
            expect(state).toMatchObject({ value: override.value, entry: { source: 'own', via: 'override' } });
          const after = mergeField(rule, state, rule === 'union' ? ['new'] : 'new', stamp('tmdb'));
          if (items.length > 0) {
            if (rule === 'union') expect(after.value).toContain('new');
            else expect(after.value).toBe('new');
          }
        },
      ),
    );
  });

  it('unites with stored values of unknown origin and withdraws what its only source withdrew', () => {
    const first = mergeField('union', { value: ['A'], entry: undefined }, ['B'], stamp('tmdb'));
    expect(first).toEqual({ value: ['A', 'B'], entry: { ...stamp('tmdb'), values: { tmdb: ['B'] } } });
    const withdrawn = mergeField('union', first, ['C'], stamp('tmdb'));
    expect(withdrawn.value).toEqual(['A', 'C']);
    expect(mergeField('union', withdrawn, [], stamp('tmdb'))).toEqual({ value: ['A'], entry: undefined });
  });

  it('remembers the licence of every source of a union, also through an override', () => {
    const two = mergeField('union', mergeField('union', EMPTY, ['A'], stamp('imdb-web')), ['B'], stamp('tmdb'));
    const licences = { 'imdb-web': stamp('imdb-web').licence };
    const values = { 'imdb-web': ['A'], tmdb: ['B'] };
    expect(two).toEqual({ value: ['A', 'B'], entry: { ...stamp('tmdb'), values, licences } });
    const override = { field: 'f', value: ['own'], at: '2025-05-05T00:00:00Z' };
    const overridden = mergeField('union', two, ['B'], stamp('tmdb'), override);
    expect(overridden.entry).toMatchObject({ licence: 'own', licences: { ...licences, tmdb: stamp('tmdb').licence } });
    const after = mergeField('union', overridden, ['B'], stamp('tmdb'));
    expect(after.value).toEqual(['A', 'B']);
    expect(after.entry).toMatchObject({ source: 'imdb-web', licence: stamp('imdb-web').licence, values });
    expect(after.entry?.licences).toEqual({ tmdb: stamp('tmdb').licence });
  });

  it('follows the source with mirror, null included', () => {
    const set = mergeField('mirror', EMPTY, 'x', stamp('tmdb'));
    expect(mergeField('mirror', set, null, stamp('tmdb'))).toEqual(EMPTY);
    expect(mergeField('fill', set, 'y', stamp('tmdb'))).toBe(set);
  });

  it('sorts text by code point, so an emoji comes after U+FFFD', () => {
    expect(['😀', '\uFFFD', 'b', 'a', 'B'].sort(compareScalars)).toEqual(['B', 'a', 'b', '\uFFFD', '😀']);
    expect(sortedDistinct<Scalar>([10, 9, 10])).toEqual([9, 10]);
  });
});

describe('sameValue', () => {
  it('compares as the database stores', () => {
    expect(sameValue('8.50', 8.5)).toBe(true);
    expect(sameValue({ a: 1, b: [null] }, { b: [null], a: 1 })).toBe(true);
    expect(sameValue({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameValue('', 0)).toBe(false);
    expect(sameValue({ a: null }, {})).toBe(false);
    expect(sameValue(null, undefined)).toBe(true);
    expect(sameValue([], {})).toBe(false);
  });

  it('agrees with a round trip through JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => sameValue(value, JSON.parse(JSON.stringify(value)))));
  });
});
