import { describe, expect, it } from 'vitest';
import { shapeOf } from './shape.ts';

describe('the shape of a value', () => {
  it.each([
    ['types at paths', { a: 1, b: { c: 'x', d: true } }, ['a: number', 'b.c: string', 'b.d: boolean']],
    [
      'elements of lists share a path',
      { a: [{ b: 1 }, { b: 'x', c: 2 }] },
      ['a[].b: number', 'a[].b: string', 'a[].c: number'],
    ],
    ['what says that there is nothing has none', { a: null, b: [], c: {} }, []],
    ['ids as keys are data', { results: { US: { x: 1 }, DE: { x: 2 } } }, ['results.*.x: number']],
    ['a bare value', 7, ['.: number']],
  ])('%s', (_, value, paths) => {
    expect([...shapeOf(value)].sort()).toEqual(paths);
  });

  it('is bounded', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = { nested: deep };
    expect(shapeOf(deep).size).toBe(1);
  });
});
