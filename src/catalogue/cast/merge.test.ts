import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreditFacts } from '../../platform/facts.ts';
import { isOnScreen, mergeCredits, type PersonCredit } from './merge.ts';

const credit = (
  personId: string,
  category: string,
  role: string | null,
  billingOrder: number | null,
): PersonCredit => ({
  personId,
  credit: { person: { name: personId }, category, role, billingOrder, episodeCount: null },
});

describe('cast credits', () => {
  it('merges a person listed twice: lowest billing, distinct roles', () => {
    const { credits, warnings } = mergeCredits([
      credit('a', 'Self', 'Self', 7),
      credit('b', 'Self', 'Self', 2),
      credit('a', 'Self', 'Self - Host', 1),
      credit('a', 'self', 'Self', 9),
    ]);
    expect(credits.map(({ personId, credit: one }) => [personId, one.role, one.billingOrder])).toEqual([
      ['a', 'Self - Host, Self', 1],
      ['b', 'Self', 2],
    ]);
    expect(warnings).toEqual(['a is listed 3 times as Self; merged']);
  });

  it('does not depend on the order and has one credit per person and category', () => {
    const item = fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.constantFrom('Self', 'cast'),
      fc.option(fc.constantFrom('x', 'y')),
      fc.option(fc.nat(3)),
    );
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const list = items.map(([person, category, role, billing]) => credit(person, category, role, billing));
        const one = mergeCredits(list).credits;
        expect(mergeCredits(list.toReversed()).credits).toEqual(one);
        expect(new Set(one.map(({ personId, credit: { category } }) => personId + category)).size).toBe(one.length);
      }),
    );
  });

  it('tells cast from crew', () => {
    const of = (category: string): CreditFacts => credit('a', category, null, null).credit;
    expect(['Self', 'cast', 'Directing', 'Production'].map((category) => isOnScreen(of(category)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
