import { readFileSync } from 'node:fs';
import type { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from '../fixture.ts';
import { type Answer, ask, expectProblem, schemaValidator } from '../http.ts';
import { makeThings } from '../people.ts';
import { type Person, startOwnServer, type Target } from '../server.ts';
import { accepted, broken, type Operation, operationsOf, parameterText } from './document.ts';
import { RAW_BODIES } from './values.ts';

/** Requests per operation; `.ci/long` asks for many more. */
const RUNS = Number(process.env['TRR_FUZZ_RUNS'] ?? 40);

/** Operations that sign the caller off for good get a person of their own each time. */
const ENDS_CALLER = new Set(['deleteMe']);

/** Whom administrators are made of: none of those who must not become one. */
const GRANTS = new Set(['grantAdmin']);

const COMMITTED = JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8')) as Parameters<
  typeof operationsOf
>[0] & { components: object };
const OPERATIONS = operationsOf(COMMITTED);

let target: Target;
let ajv: Ajv;
let people: { user: Person; other: Person; admin: Person };
let ids: string[];
let somebody: string[];
beforeAll(async () => {
  target = await startOwnServer();
  ajv = schemaValidator();
  people = { user: await target.user(), other: await target.user(), admin: await target.admin() };
  somebody = [(await target.user()).id];
  ids = [...Object.values(IDS), people.user.id, people.other.id, ...Object.values(await makeThings(target, people))];
});
afterAll(() => target.close());

describe('whatever an operation is sent', () => {
  it.each(OPERATIONS.map((operation) => [operation.operationId, operation] as const))(
    '%s: no server error, and the answer is as documented',
    async (_id, operation) => {
      await fc.assert(
        fc.asyncProperty(requestOf(operation), async (request) => {
          const answer = await send(operation, request);
          checkAnswer(operation, request, answer);
        }),
        { numRuns: RUNS },
      );
    },
    Math.max(60_000, RUNS * 1_000),
  );

  it('answers other methods with 405 and Allow', async () => {
    for (const path of new Set(OPERATIONS.map((operation) => operation.path))) {
      const answer = await ask(
        target.baseUrl,
        fill(path, () => IDS.unknown),
        { method: 'PATCH', body: '{' },
      );
      expectProblem(answer, 405);
      expect(answer.headers.get('allow'), path).toMatch(/[A-Z]/);
    }
  });
});

type Who = 'nobody' | 'liar' | 'user' | 'other' | 'admin';

interface FuzzRequest {
  readonly who: Who;
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  /** The text of the body; `json` is what it says, when it says something. */
  readonly body: { readonly text: string; readonly json?: unknown } | undefined;
  readonly key: string | undefined;
}

function requestOf(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
  return fc.record({
    who: fc.constantFrom<Who>('nobody', 'liar', 'user', 'user', 'other', 'admin', 'admin'),
    path: fc.record(
      Object.fromEntries(
        inPath.map((p) => [
          p.name,
          fc.constant(0).chain(() => parameterText(p, GRANTS.has(operation.operationId) ? somebody : ids)),
        ]),
      ),
    ),
    query: fc
      .tuple(
        ...inQuery.map((p) =>
          fc.array(
            fc.constant(0).chain(() => parameterText(p, ids)),
            { maxLength: 2 },
          ),
        ),
      )
      .map((values) => values.flatMap((texts, i) => texts.map((text) => [inQuery[i]?.name ?? '', text] as const))),
    body: operation.body === undefined ? fc.constant(undefined) : bodyOf(operation.body),
    key: fc.option(fc.constantFrom('a', 'b', ' ', 'x'.repeat(300)), { nil: undefined, freq: 6 }),
  });
}

function bodyOf(schema: NonNullable<Operation['body']>): fc.Arbitrary<FuzzRequest['body']> {
  const json = (value: unknown) => ({ text: JSON.stringify(value) ?? 'null', json: value });
  return fc.oneof(
    fc.constant(0).chain(() => accepted(schema, ids).map(json)),
    fc.constant(0).chain(() => broken(schema, ids).map(json)),
    fc.constantFrom(...RAW_BODIES).map((text) => ({ text })),
    fc.constant(undefined),
  );
}

async function send(operation: Operation, request: FuzzRequest): Promise<Answer> {
  const person = await personFor(operation, request.who);
  const query = request.query.map(([name, value]) => `${name}=${encode(value)}`).join('&');
  const path = fill(operation.path, (name) => request.path[name] ?? '');
  return ask(target.baseUrl, query === '' ? path : `${path}?${query}`, {
    method: operation.method,
    headers: {
      ...(person === undefined ? {} : { authorization: `Bearer ${person}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(request.key === undefined ? {} : { 'idempotency-key': request.key }),
    },
    body: request.body?.text ?? null,
  });
}

async function personFor(operation: Operation, who: Who): Promise<string | undefined> {
  if (who === 'nobody') return undefined;
  if (who === 'liar') return 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.';
  return ENDS_CALLER.has(operation.operationId) ? (await target.user()).token : people[who].token;
}

function checkAnswer(operation: Operation, request: FuzzRequest, answer: Answer): void {
  const said = `${operation.operationId} ${JSON.stringify(request).slice(0, 600)} -> ${answer.status} ${answer.text.slice(0, 400)}`;
  expect(answer.status, said).toBeLessThan(500);
  if (operation.needsUser && (request.who === 'nobody' || request.who === 'liar')) {
    // Malformed JSON is told before who is asked (decision C4).
    expect([400, 401, 404, 413, 414, 422, 431], said).toContain(answer.status);
  }
  if (operation.adminOnly && request.who !== 'admin') expect(answer.status, said).toBeGreaterThanOrEqual(400);
  if (answer.status >= 400) expectProblem(answer, answer.status);
  else {
    expect(bodyIsRefusable(operation, request), `should be refused: ${said}`).toBe(false);
    const schema = operation.responses[String(answer.status)]?.content?.['application/json']?.schema;
    if (schema !== undefined && answer.json !== undefined) {
      const validate = ajv.compile({ ...schema, components: COMMITTED.components });
      expect(validate(answer.json), `${JSON.stringify(validate.errors)} ${said}`).toBe(true);
    }
  }
}

/** Whether the document says that this body is wrong. */
function bodyIsRefusable(operation: Operation, { body }: FuzzRequest): boolean {
  if (operation.body === undefined || body === undefined || !('json' in body)) return false;
  return !ajv.compile({ ...operation.body, components: COMMITTED.components })(body.json);
}

function fill(path: string, value: (name: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encode(value(name)) || '%20');
}

/** Percent-encoding that also carries lone surrogates, as bytes that are no UTF-8. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text).replaceAll('.', '%2E') : '%ED%A0%80';
}
