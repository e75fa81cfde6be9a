import { expect, it } from 'vitest';
import { recurringNames } from './recurring.ts';

it('names what comes again, the same each time, and not more than sessions can hold', () => {
  const name = recurringNames();
  expect([name('select 1'), name('select 1')]).toEqual([undefined, undefined]);
  const given = name('select 1');
  expect(given).toMatch(/^recurring\.[0-9a-f]{32}$/);
  expect(name('select 1')).toBe(given);
  const names = Array.from({ length: 500 }, (_, index) => {
    for (let times = 0; times < 3; times++) name(`select ${index + 2}`);
    return name(`select ${index + 2}`);
  });
  expect(new Set(names.filter((one) => one !== undefined)).size).toBe(127);
  expect(name('select 1')).toBe(given);
});

it('forgets rare texts: memory stays bounded', () => {
  const name = recurringNames();
  for (let index = 0; index < 5_000; index++) expect(name(`select ${index}`)).toBeUndefined();
  // Counted anew after so many others.
  expect([name('select 0'), name('select 0'), name('select 0')].filter((one) => one !== undefined)).toHaveLength(1);
});
