import fc from 'fast-check';

/** Texts that programs trip over. */
export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '1.5',
  '9'.repeat(30),
  'NaN',
  'null',
  'true',
  '%00',
  '../..',
  "'",
  '";--',
  '__proto__',
  'constructor',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\uffff',
  '\u202e',
  '🏝️',
  'a'.repeat(600),
  'é'.repeat(1_500),
  '2026-02-30',
  '+275760-09-13T00:00:00Z',
  '0000-00-00',
  '00000000-0000-0000-0000-000000000000',
];

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.uuid(),
);

/** Values of the wrong kind, size or depth for a JSON body. */
export const nastyJson: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 31,
    2 ** 63,
    [],
    {},
    [[[[]]]],
    { value: null },
    { $ne: 1 },
    { '': '' },
  ),
  fc.constantFrom(50, 500, 1_500).map(nested),
  fc.array(fc.integer(), { minLength: 1_000, maxLength: 1_001 }),
);

/** `[[[...]]]`, `depth` levels deep. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Bodies that are not JSON, or JSON no parser should swallow. */
export const RAW_BODIES: readonly string[] = [
  '',
  '{',
  '{"a":1',
  'nul',
  '"\ud800',
  '{"a":01}',
  '{"__proto__":{"admin":true}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `{"a":${'9'.repeat(5_000)}}`,
  '\ufeff{}',
  '{}{}',
];
