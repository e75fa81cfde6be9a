import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from './fixture.ts';
import { ask, schemaValidator } from './http.ts';
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

/** Real requests for each operation: the rows of the fixture that fill most fields, and those that leave them empty. */
type Example = string | ((target: Target) => Promise<RequestInit & { path: string }>);
const EXAMPLES: Record<string, Example[]> = {
  getMe: [async (target) => ({ path: '/api/v1/me', headers: (await target.user()).headers })],
  getRoot: ['/'],
  getHealth: ['/health'],
  getLiveness: ['/health/live'],
  getReadiness: ['/health/ready'],
  getOpenApi: ['/openapi.json'],
  getOpenApiV1: ['/api/v1/openapi.json'],
  listShows: ['/api/v1/shows', '/api/v1/shows?q=show', '/api/v1/shows?limit=0'],
  getShow: [`/api/v1/shows/${IDS.full}`, `/api/v1/shows/${IDS.bare}`, `/api/v1/shows/${IDS.full}?include=provenance`],
  listSeasons: [`/api/v1/shows/${IDS.full}/seasons`],
  getSeason: [`/api/v1/shows/${IDS.full}/seasons/0`, `/api/v1/shows/${IDS.full}/seasons/1`],
  listEpisodes: [`/api/v1/shows/${IDS.full}/seasons/1/episodes`],
  listCast: [`/api/v1/shows/${IDS.full}/cast`],
  listImages: [`/api/v1/shows/${IDS.full}/images`],
  getPerson: [`/api/v1/shows/people/${IDS.ana}`, `/api/v1/shows/people/${IDS.ben}`],
};

let target: Target;
let document: Document;
let operations: Operation[];
beforeAll(async () => {
  target = await startOwnServer();
  document = (await ask(target.baseUrl, '/openapi.json')).json as Document;
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
    expect(ids.sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it.each(Object.entries(EXAMPLES))('%s answers as documented, nothing more and nothing less', async (id, paths) => {
    const schema = operations.find((operation) => operation.operationId === id)?.responses['200']?.content?.[
      'application/json'
    ]?.schema;
    expect(schema).toBeDefined();
    const validate = schemaValidator().compile({ ...schema, components: document.components });
    for (const example of paths) {
      const { path, ...init } = typeof example === 'string' ? { path: example } : await example(target);
      const { status, json, text } = await ask(target.baseUrl, path, init);
      expect(status, path).toBe(200);
      expect(validate(json), `${path}: ${JSON.stringify(validate.errors)} in ${text}`).toBe(true);
    }
  });

  it('refuses undeclared members in every answer of the catalogue, so that the check above can fail', () => {
    for (const id of ['getShow', 'getSeason', 'getPerson']) {
      const schema = operations.find((operation) => operation.operationId === id)?.responses['200']?.content?.[
        'application/json'
      ]?.schema;
      expect(schema).toMatchObject({ additionalProperties: false });
    }
  });
});
