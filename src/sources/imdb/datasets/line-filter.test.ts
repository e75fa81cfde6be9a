import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdMap } from './id-map.ts';
import { LineFilter } from './line-filter.ts';

/** The rows picked out of a text that arrives in pieces of the given sizes. */
function picked(text: string, sizes: readonly number[], column: number, ids: readonly number[]) {
  const wanted = new IdMap();
  for (const id of ids) wanted.set(id, id % 7);
  const rows: string[] = [];
  let header: readonly string[] = [];
  const filter = new LineFilter({
    column,
    wanted,
    onHeader: (columns) => {
      header = columns;
      return true;
    },
    onRow: (columns, id, value) => rows.push(`${id}/${value}/${columns.join('|')}`),
  });
  const bytes = Buffer.from(text);
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    if (at >= bytes.length) break;
    filter.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { ended: filter.end(), header, rows, lines: filter.lines, odd: filter.odd };
}

describe('LineFilter', () => {
  it('answers the same however the bytes are cut', () => {
    const line = fc.oneof(
      fc
        .tuple(fc.nat(40), fc.string({ unit: 'grapheme' }))
        .map(([id, text]) => `tt${id}\t${text.replace(/[\t\r\n]/g, ' ')}`),
      fc.constantFrom('', 'tt', 'x', '\t', 'tt5', 'tt7\t', 'broken row', 'tt99999999999\tx', 'nm3\t3'),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), fc.boolean(), (lines, sizes, newline) => {
        const text = `tconst\ttext\n${lines.join('\n')}${newline ? '\n' : ''}`;
        const ids = [0, 3, 5, 7, 40];
        const whole = picked(text, [], 0, ids);
        expect(picked(text, sizes, 0, ids)).toEqual(whole);
        const expected = lines.flatMap((one) => {
          const [, digits] = /^..(\d+)/.exec(one) ?? [];
          const id = Number(digits);
          return digits !== undefined && ids.includes(id) ? [`${id}/${id % 7}/${one.split('\t').join('|')}`] : [];
        });
        expect(whole.rows).toEqual(expected);
        expect(whole.header).toEqual(['tconst', 'text']);
      }),
    );
  });

  it('looks at the column it is told to', () => {
    const text = 'a\tb\ntt1\ttt9\ntt9\ttt1\ntt2\n';
    expect(picked(text, [3, 4], 1, [9])).toMatchObject({ rows: ['9/2/tt1|tt9'], lines: 3, odd: 1 });
  });

  it('drops a line without end and goes on', () => {
    const text = `a\tb\ntt1\t${'x'.repeat(1_100_000)}\ntt2\ty\n`;
    expect(picked(text, Array(20).fill(70_000), 0, [1, 2])).toMatchObject({ rows: ['2/2/tt2|y'], lines: 2, odd: 1 });
  });

  it('says that nothing came', () => {
    expect(picked('', [], 0, [])).toMatchObject({ ended: false });
  });
});

describe('IdMap', () => {
  it('remembers like a map', () => {
    const id = fc.integer({ min: 0, max: 0xffff_fffe });
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.nat())), fc.array(id), (pairs, others) => {
        const map = new IdMap(2);
        for (const [key, value] of pairs) map.set(key, value);
        const model = new Map(pairs);
        expect(map.size).toBe(model.size);
        for (const key of [...model.keys(), ...others]) expect(map.get(key)).toBe(model.get(key) ?? -1);
      }),
    );
  });
});
