import { describe, expect, it } from 'vitest';
import { tryOnce } from './check.ts';
import { randomOf } from './mutate.ts';
import { TARGETS } from './targets.ts';

/** The short version; `.ci/long` runs `run.ts` for ten minutes. */
const ROUNDS = 150;

describe('mutated pages of sources', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', (_, target) => {
    expect(target.parse(target.page)).toMatchObject({ ok: true });
    if (target.foreign !== undefined) expect(target.parse(target.foreign)).toMatchObject({ ok: false });
    for (let seed = 0; seed < ROUNDS; seed++) {
      const { finding } = tryOnce(target, randomOf(seed));
      expect([seed, finding?.problem ?? null]).toEqual([seed, null]);
    }
  });
});
