import { describe, expect, it } from 'vitest';
import { integer, intLike, readObject } from './read.ts';

const read = (json: string) => readObject(Buffer.from(json, 'utf8'));

describe('readObject', () => {
  it('takes out what PostgreSQL cannot store, in values and keys, and keeps whole surrogate pairs', () => {
    expect(read(String.raw`{"a\u0000b":["x\u0000y","\ud83d","\ud83d\ude00"]}`)).toEqual({
      ok: true,
      missing: [],
      value: { ab: ['xy', '\ufffd', '\u{1f600}'] },
    });
  });

  it.each(['', '[]', '"text"', '{"a":', '\u0000'])('refuses %j', (json) => {
    expect(read(json).ok).toBe(false);
  });
});

describe('integers', () => {
  it('are what a column can hold, and never booleans', () => {
    expect([integer(2_147_483_647), integer(2_147_483_648), integer(true), integer(1.5)]).toEqual([
      2_147_483_647,
      undefined,
      undefined,
      undefined,
    ]);
    expect([intLike(' 12 '), intLike('1e3'), intLike('99999999999'), intLike(false)]).toEqual([
      12,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
