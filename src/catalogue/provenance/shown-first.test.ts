import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldState, mergeField, withoutStatement } from './merge-field.ts';
import type { SourceStamp } from './types.ts';

const LICENCES: Readonly<Record<string, string>> = {
  tmdb: 'tmdb',
  'imdb-web': 'imdb',
  'imdb-datasets': 'imdb',
  fandom: 'cc-by-sa',
};
const PUBLISHED = new Set(['tmdb', 'cc-by-sa', 'own', 'identifiers']);
const stamp = (
  source: string,
  at = '2026-01-01T00:00:00Z',
  published: ReadonlySet<string> | undefined = PUBLISHED,
): SourceStamp => ({
  source,
  licence: LICENCES[source] ?? 'own',
  at,
  via: 'live',
  ...(published === undefined ? {} : { published }),
});
const EMPTY: FieldState = { value: null, entry: undefined };
const source = fc.constantFrom(...Object.keys(LICENCES));

describe('a value that may be shown', () => {
  it.each(['curated', 'fill'] as const)('takes the place of one that may not, and keeps it (%s)', (rule) => {
    const imdb = mergeField(rule, EMPTY, 'IMDb says', stamp('imdb-web'));
    const shown = mergeField(rule, imdb, 'TMDb says', stamp('tmdb'));
    expect(shown).toMatchObject({ value: 'TMDb says', entry: { source: 'tmdb' } });
    expect(mergeField(rule, shown, 'IMDb says', stamp('imdb-web'))).toBe(shown);
  });

  it("does not matter where IMDb's may be shown too: there IMDb's text wins as it always did", () => {
    const all = new Set([...PUBLISHED, 'imdb']);
    const tmdb = mergeField('curated', EMPTY, 'TMDb says', stamp('tmdb', undefined, all));
    expect(mergeField('curated', tmdb, 'IMDb says', stamp('imdb-web', undefined, all))).toMatchObject({
      value: 'IMDb says',
    });
  });

  it.each(['curated'] as const)('wins whatever order the sources speak in (%s)', (rule) => {
    const said = fc.uniqueArray(source, { minLength: 1 });
    fc.assert(
      fc.property(
        said.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const merge = (order: readonly string[]) =>
            order.reduce((state, name) => mergeField(rule, state, `${name} says`, stamp(name)), EMPTY).value;
          // A second round changes nothing: no two sources take turns.
          const once = list.reduce((state, name) => mergeField(rule, state, `${name} says`, stamp(name)), EMPTY);
          const twice = list.reduce((state, name) => mergeField(rule, state, `${name} says`, stamp(name)), once);
          expect(twice).toEqual(once);
          expect(merge(shuffled)).toBe(merge(list));
        },
      ),
    );
  });
});

describe('latest', () => {
  it('believes the newer word, and lets a source clear only its own', () => {
    const old = mergeField('latest', EMPTY, 7.1, stamp('imdb-web', '2025-01-01T00:00:00Z'));
    const newer = mergeField('latest', old, 7.4, stamp('imdb-datasets', '2026-01-01T00:00:00Z'));
    expect(newer).toMatchObject({ value: 7.4, entry: { source: 'imdb-datasets' } });
    expect(mergeField('latest', newer, 7.1, stamp('imdb-web', '2025-01-01T00:00:00Z'))).toBe(newer);
    expect(mergeField('latest', newer, null, stamp('imdb-web', '2026-06-01T00:00:00Z'))).toBe(newer);
    expect(mergeField('latest', newer, null, stamp('imdb-datasets', '2026-06-01T00:00:00Z')).value).toBeNull();
  });
});

describe('stated', () => {
  const state = (names: readonly string[]) =>
    names.reduce((before, name) => mergeField('stated', before, 'Self', stamp(name)), EMPTY);

  it('remembers everybody who states the row; who may be shown comes first', () => {
    expect(state(['imdb-web', 'tmdb']).entry).toEqual({
      source: 'tmdb',
      licence: 'tmdb',
      at: '2026-01-01T00:00:00Z',
      via: 'live',
      values: { 'imdb-web': ['Self'], tmdb: ['Self'] },
      licences: { 'imdb-web': 'imdb' },
    });
    expect(state(['tmdb']).entry?.values).toBeUndefined();
  });

  it('ends when the last one who stated it has taken it back, in whatever order', () => {
    const some = fc.uniqueArray(source, { minLength: 1 });
    fc.assert(
      fc.property(
        some.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, leaving]) => {
          let left: FieldState | undefined = state(list);
          for (const [index, name] of leaving.entries()) {
            expect(left).toBeDefined();
            left = withoutStatement(left ?? EMPTY, name, PUBLISHED);
            const remaining = leaving.slice(index + 1);
            if (remaining.length === 0) expect(left).toBeUndefined();
            else {
              expect(remaining).toContain(left?.entry?.source);
              const shown = remaining.some((one) => PUBLISHED.has(LICENCES[one] ?? ''));
              expect(PUBLISHED.has(left?.entry?.licence ?? '')).toBe(shown);
            }
          }
        },
      ),
    );
  });

  it("leaves the predecessor's rows alone", () => {
    const old: FieldState = { value: 'Self', entry: undefined };
    expect(mergeField('stated', old, 'Self', stamp('tmdb'))).toBe(old);
    expect(withoutStatement(old, 'tmdb')).toBe(old);
  });
});
