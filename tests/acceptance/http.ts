import { Ajv } from 'ajv';
import { expect } from 'vitest';
import { InvalidInputSchema, ProblemSchema } from '../../src/platform/http/schemas.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

/** One request; `path` begins with `/`. */
export async function ask(baseUrl: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(baseUrl + path, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A validator that knows the formats we use; unknown keywords of OpenAPI are let through. */
export function schemaValidator(): Ajv {
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/);
  ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(\+00:00|Z)$/);
  ajv.addFormat('uuid-or-slug', true);
  return ajv;
}

const ajv = schemaValidator();
const isProblem = ajv.compile(ProblemSchema);
const isInvalidInput = ajv.compile(InvalidInputSchema);

/** Every error answer is a problem object (C1); a 422 in application/json has its `detail` as a list (C2). */
export function expectProblem(answer: Answer, status: number, detail?: string): Json {
  const body = answer.json as Json;
  expect(answer.status, answer.text).toBe(status);
  const validate =
    status === 422 && !answer.headers.get('content-type')?.includes('problem+json') ? isInvalidInput : isProblem;
  expect(validate(body), `${answer.text} ${JSON.stringify(validate.errors)}`).toBe(true);
  expect(body['status']).toBe(status);
  expect(body['request_id']).toBe(answer.headers.get('x-request-id'));
  if (detail !== undefined) expect(body['detail']).toBe(detail);
  return body;
}

/** The types and places of a 422's errors, as `type@path.id`. */
export function errorsOf(answer: Answer): string[] {
  const { detail } = answer.json as { detail: { type: string; loc: (string | number)[] }[] };
  return detail.map(({ type, loc }) => `${type}@${loc.join('.')}`).sort();
}
