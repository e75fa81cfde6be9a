import fc from 'fast-check';
import { fastify } from 'fastify';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsPlugin } from '../errors.ts';
import { validationPlugin } from './index.ts';

const app = fastify({ bodyLimit: 1000 });
errorsPlugin(app);
validationPlugin(app);
const Body = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 5 }),
  count: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
  tags: Type.Optional(Type.Array(Type.String(), { maxItems: 2 })),
});
app.post<{ Params: { id: number } }>(
  '/things/:id',
  {
    schema: {
      params: Type.Object({ id: Type.Integer() }),
      querystring: Type.Object({ limit: Type.Integer({ default: 5 }), flag: Type.Optional(Type.Boolean()) }),
      body: Body,
    },
  },
  async (request) => ({ params: request.params, query: request.query, body: request.body }),
);
beforeAll(() => app.ready());
afterAll(() => app.close());

async function post(body: string | object | undefined, url = '/things/1') {
  const payload = typeof body === 'object' ? JSON.stringify(body) : body;
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({ method: 'POST', url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, json: response.json() };
}
const errors = (answer: Awaited<ReturnType<typeof post>>) =>
  answer.json.detail.map((error: { type: string; loc: unknown[] }) => `${error.type}@${error.loc.join('.')}`).sort();

describe('validation', () => {
  it('passes typed path and query and an untouched body to the handler', async () => {
    expect(await post({ title: 'a', extra: 1 }, '/things/7?flag=true')).toEqual({
      status: 200,
      json: { params: { id: 7 }, query: { limit: 5, flag: true }, body: { title: 'a', extra: 1 } },
    });
  });

  it('C3: a missing body is `missing` at ["body"]', async () => {
    const answer = await post(undefined);
    expect([answer.status, errors(answer)]).toEqual([422, ['missing@body']]);
    expect(errors(await post(''))).toEqual(['missing@body']);
  });

  it('C4: malformed JSON is `json_invalid` with its position, before anything else is looked at', async () => {
    expect(errors(await post('{title: 1}', '/things/abc'))).toEqual(['json_invalid@body.1']);
    expect(errors(await post('{"title":'))).toEqual(['json_invalid@body.9']);
    // V8 names no place for some faults; then it is the end of the text.
    expect(errors(await post('{"title": x}'))).toEqual(['json_invalid@body.12']);
  });

  it('does not coerce bodies', async () => {
    expect(errors(await post({ title: 5, count: '5', tags: 'a' }))).toEqual([
      'int_type@body.count',
      'list_type@body.tags',
      'string_type@body.title',
    ]);
    expect(errors(await post({ title: null }))).toEqual(['string_type@body.title']);
    expect((await post({ title: 'a', count: null })).status).toBe(200);
  });

  it('C2: reports all errors of all parts at once', async () => {
    expect(errors(await post({ count: -1, tags: ['a', 1, 'c'] }, '/things/abc?limit=x&flag=maybe'))).toEqual([
      'bool_parsing@query.flag',
      'greater_than_equal@body.count',
      'int_parsing@path.id',
      'int_parsing@query.limit',
      'missing@body.title',
      'string_type@body.tags.1',
      'too_long@body.tags',
    ]);
  });

  it('refuses what PostgreSQL cannot store and what would exhaust a reader, wherever it is', async () => {
    expect(errors(await post('{"title":"a\\u0000"}'))).toEqual(['string_unicode@body.title']);
    expect(errors(await post('{"title":"\\ud800"}'))).toEqual(['string_unicode@body.title']);
    expect(errors(await post('{"title":"a","x":{"\\u0000":1}}'))).toEqual(['string_unicode@body.x.(field name)']);
    expect(errors(await post('{"title":"a","__proto__":{"x":1}}'))).toEqual(['string_unicode@body.(field name)']);
    expect(errors(await post(`{"title":"a","x":${'['.repeat(200)}${']'.repeat(200)}}`))).toEqual([
      'recursion_loop@body',
    ]);
  });

  it('refuses bodies that are too large (413), not JSON (415) or not UTF-8 (422)', async () => {
    expect(await post({ title: 'a'.repeat(2000) })).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
    const other = await app.inject({
      method: 'POST',
      url: '/things/1',
      headers: { 'content-type': 'text/xml' },
      payload: '<a/>',
    });
    expect([other.statusCode, other.json().code]).toEqual([415, 'unsupported_media_type']);
    const latin = await app.inject({
      method: 'POST',
      url: '/things/1',
      headers: { 'content-type': 'application/json' },
      payload: Buffer.from([0x22, 0xe9, 0x22]),
    });
    expect([latin.statusCode, latin.json().detail[0].type]).toEqual([422, 'json_invalid']);
  });

  it('answers any JSON with 200 or a well-formed 422', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), async (body) => {
        const answer = await post(body);
        expect([200, 413, 422]).toContain(answer.status);
        if (answer.status === 422)
          expect(answer.json.detail[0]).toMatchObject({
            type: expect.any(String),
            loc: expect.any(Array),
            msg: expect.any(String),
          });
      }),
    );
  });
});
