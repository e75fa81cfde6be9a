import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, makeWorld, type World } from './examples.ts';
import { ask, schemaValidator } from './http.ts';
import { send } from './people.ts';
import { startOwnServer, type Target } from './server.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

const COMMITTED = new URL('../../openapi.json', import.meta.url);

let target: Target;
let world: World;
let document: Document;
let operations: Operation[];
beforeAll(async () => {
  target = await startOwnServer();
  document = (await ask(target.baseUrl, '/openapi.json')).json as Document;
  world = await makeWorld(target);
  operations = Object.values(document.paths).flatMap((item) => Object.values(item));
});
afterAll(() => target.close());

describe('the OpenAPI document', () => {
  it('is the committed one (node scripts/write-openapi.ts rewrites it)', async () => {
    expect(readFileSync(COMMITTED, 'utf8')).toBe((await ask(target.baseUrl, '/openapi.json')).text);
  });

  it('gives every operation its own id and an example below', () => {
    const ids = operations.map((operation) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    // An event stream has no end to wait for: live-streams.test.ts.
    const answered = operations.filter(
      ({ responses }) => responses['200']?.content?.['text/event-stream'] === undefined,
    );
    expect(answered.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it.each(Object.entries(EXAMPLES))('%s answers as documented, nothing more and nothing less', async (id, examples) => {
    const schema = operations.find((operation) => operation.operationId === id)?.responses['200']?.content?.[
      'application/json'
    ]?.schema;
    for (const { method = 'GET', path, who, body } of await examples(world)) {
      const { status, json, text } = await send(target, method, path, who, body);
      expect(status, `${path} ${text}`).toBe(200);
      if (json === undefined) continue;
      expect(schema).toBeDefined();
      const validate = schemaValidator().compile({ ...schema, components: document.components });
      expect(validate(json), `${path}: ${JSON.stringify(validate.errors)} in ${text}`).toBe(true);
    }
  });

  it('refuses undeclared members in answers, so that the check above can fail', () => {
    for (const id of [
      'getShow',
      'getSeason',
      'getPerson',
      'getSurvey',
      'getThread',
      'getConversation',
      'getMe',
      'getRun',
    ]) {
      const schema = operations.find((operation) => operation.operationId === id)?.responses['200']?.content?.[
        'application/json'
      ]?.schema;
      expect(schema).toMatchObject({ additionalProperties: false });
    }
  });
});
