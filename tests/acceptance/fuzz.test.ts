import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from './fixture.ts';
import { ask, expectProblem } from './http.ts';
import { startTarget, type Target } from './server.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const RUNS = Number(process.env['TRR_FUZZ_RUNS'] ?? 150);

/** Text that programs trip over, and arbitrary text. */
const nasty = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    '9'.repeat(30),
    'NaN',
    'null',
    '%',
    '%00',
    '../..',
    "'",
    '";--',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud7ff',
    '\uffff',
    '🏝️',
    'a'.repeat(600),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uuid(),
);
const encoded = nasty.map((text) => encodeURIComponent(text.isWellFormed() ? text : 'x'));

const path = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '/seasons', '/seasons/1', '/seasons/1/episodes', '/cast', '/images'), encoded)
    .map(([tail, id]) => `/api/v1/shows/${id}${tail}`),
  fc
    .tuple(fc.constantFrom(IDS.full, 'the-full-show'), encoded)
    .map(([id, number]) => `/api/v1/shows/${id}/seasons/${number}/episodes`),
  encoded.map((id) => `/api/v1/shows/people/${id}`),
  fc.array(encoded, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
  fc.constantFrom('/api/v1/shows', `/api/v1/shows/${IDS.full}/images`, `/api/v1/shows/${IDS.full}`),
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom('limit', 'offset', 'cursor', 'q', 'network', 'genre', 'kind', 'include', 'x', '__proto__'),
      fc.oneof(encoded, fc.constantFrom('1', '%', '%zz', 'poster', 'provenance', 'a,b', 'WyJzaG93cyIsImEiLCJiIl0')),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`));
const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');

describe('whatever is asked', () => {
  it('is answered without a server error, and every refusal is a problem object', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, query, async (verb, where, what) => {
        const body =
          verb === 'POST' || verb === 'PUT' ? { body: '{"a":1', headers: { 'content-type': 'application/json' } } : {};
        const answer = await ask(target.baseUrl, where + what, { method: verb, ...body });
        expect(answer.status, `${verb} ${where}${what} ${answer.text}`).toBeLessThan(500);
        expect(answer.headers.get('x-request-id')).not.toBeNull();
        if (answer.status >= 400 && verb !== 'HEAD') expectProblem(answer, answer.status);
      }),
      { numRuns: RUNS },
    );
  });

  it('is the same when asked again: an ETag goes with its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('q', 'network', 'genre'), encoded, async (name, value) => {
        const where = `/api/v1/shows?${name}=${value}`;
        const [one, two] = [await ask(target.baseUrl, where), await ask(target.baseUrl, where)];
        expect([two.status, two.headers.get('etag')]).toEqual([one.status, one.headers.get('etag')]);
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });
});
