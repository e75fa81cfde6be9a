import { describe, expect, it } from 'vitest';
import { rangeOf } from './range.ts';

describe('ranges of a file of 100 bytes', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-', { from: 0, to: 99 }],
    ['bytes=0-0', { from: 0, to: 0 }],
    ['bytes=5-500', { from: 5, to: 99 }],
    ['bytes=-10', { from: 90, to: 99 }],
    ['bytes=-500', { from: 0, to: 99 }],
    ['bytes=99-', { from: 99, to: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=9-5', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
    [`bytes=${'9'.repeat(400)}-`, 'whole'],
  ] as const)('%s', (header, expected) => {
    expect(rangeOf(header, 100)).toEqual(expected);
  });
});
