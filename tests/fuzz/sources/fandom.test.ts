import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FANDOM_TARGETS } from './fandom.ts';

const RUNS = Number(process.env['TRR_FUZZ_RUNS'] ?? 60);
/** What a mutation must never cost; the bound is 2 s on a machine of its own. */
const BOUND_MS = 4_000;

const SPLICES = [
  '<',
  '>',
  '"',
  '&',
  '&#0;',
  '<div>',
  '</div>',
  '<table>',
  '<aside class="portable-infobox">',
  '<img src="https://evil.example/x.jpg" width="500">',
  '{{',
  '}}',
  '[[',
  '|',
  '\u0000',
  '\uFFFD',
  'é',
  ',',
  '"',
  '\n',
];

/** Edits of a body: places are parts of its length, so that they shrink with the case. */
const mutation = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(3000),
    kind: fc.constantFrom('cut', 'double', 'flip', 'splice', 'truncate', 'move'),
    splice: fc.constantFrom(...SPLICES),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 8 },
);
type Edit = (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[number];

function mutate(body: Buffer, { at, length, kind, splice, byte }: Edit): Buffer {
  const from = Math.floor(at * body.length);
  const [before, part, after] = [
    body.subarray(0, from),
    body.subarray(from, from + length),
    body.subarray(from + length),
  ];
  if (kind === 'cut') return Buffer.concat([before, after]);
  if (kind === 'double') return Buffer.concat([before, part, part, after]);
  if (kind === 'splice') return Buffer.concat([before, Buffer.from(splice), part, after]);
  if (kind === 'truncate') return Buffer.from(before);
  if (kind === 'move') return Buffer.concat([part, before, after]);
  const flipped = Buffer.from(body);
  if (from < flipped.length) flipped[from] = byte;
  return flipped;
}

describe.each(FANDOM_TARGETS)('$name', ({ seed, parse, wrong }) => {
  it('its own body is accepted', () => {
    const result = parse(seed) as { ok: boolean; value?: unknown };
    expect(result.ok).toBe(true);
    expect(wrong(result.value)).toBeNull();
  });

  it('mutations: no crash, no hang, nothing wrong accepted', { timeout: 1_200_000 }, () => {
    fc.assert(
      fc.property(mutation, (edits) => {
        const started = performance.now();
        const result = parse(edits.reduce(mutate, seed)) as { ok: boolean; value?: unknown; problem?: string };
        expect(performance.now() - started).toBeLessThan(BOUND_MS);
        if (!result.ok) {
          expect(result.problem).toMatch(/^[^\n]{1,400}$/);
          return;
        }
        expect(wrong(result.value)).toBeNull();
        expect(JSON.stringify(result.value)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }),
      { numRuns: RUNS },
    );
  });
});
