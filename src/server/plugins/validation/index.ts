import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { type InputError, invalidInput } from '../../../platform/errors/problem.ts';
import { inputErrors } from './ajv-errors.ts';
import { coerceParameters, type ParameterSchema } from './coerce.ts';
import { parseJsonBody } from './json-body.ts';
import { stringErrors } from './strings.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
/** As `core.show_slugs` checks it. */
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

type Part = 'path' | 'query' | 'body';
type Check = (request: FastifyRequest) => InputError[];

/**
 * Checks path, query and body of every route against its schema and reports all errors of all parts in one 422 (design 4).
 * Path and query are texts and are turned into their types; bodies are taken as they are. Fastify's own validation stops at the
 * first bad part and coerces bodies, so it is switched off and the schemas are checked in a hook of each route.
 */
export function validationPlugin(app: FastifyInstance): void {
  const ajv = createAjv();
  app.setValidatorCompiler(() => () => true);
  // Answers are proven against their schemas by tests; on the wire they are plain JSON.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
    parseJsonBody(body),
  );
  app.addHook('onRoute', (route) => {
    const checks = checksFor(route, ajv);
    if (checks.length === 0) return;
    // After the hooks of the route itself: who the caller is comes before what is wrong with the request (C12).
    route.preValidation = [
      ...[route.preValidation ?? []].flat(),
      (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
        const errors = checks.flatMap((check) => check(request));
        done(errors.length > 0 ? invalidInput(errors) : undefined);
      },
    ];
  });
}

function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, coerceTypes: false, strictTypes: false });
  ajv.addFormat('uuid', UUID);
  ajv.addFormat('uuid-or-slug', (text: string) => UUID.test(text) || (text.length <= 100 && SLUG.test(text)));
  ajv.addFormat('date', (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isRealDate(text));
  ajv.addFormat(
    'date-time',
    (text: string) => /^\d{4}-\d{2}-\d{2}T[\d:.]+([+-]\d{2}:\d{2}|Z)$/.test(text) && !Number.isNaN(Date.parse(text)),
  );
  return ajv;
}

function isRealDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function checksFor(route: RouteOptions, ajv: Ajv): Check[] {
  const { params, querystring, body } = route.schema ?? {};
  const checks: Check[] = [];
  if (isSchema(params)) {
    const check = parameterCheck(params, ajv.compile(params), 'path');
    checks.push((request) =>
      check(request.params, (values) => {
        request.params = values;
      }),
    );
  }
  if (isSchema(querystring)) {
    const check = parameterCheck(querystring, ajv.compile(querystring), 'query');
    checks.push((request) =>
      check(request.query, (values) => {
        request.query = values;
      }),
    );
  }
  if (isSchema(body)) {
    const validate = ajv.compile(body);
    checks.push((request) => bodyErrors(request.body, validate));
  }
  return checks;
}

function isSchema(schema: unknown): schema is ParameterSchema & object {
  return typeof schema === 'object' && schema !== null;
}

function parameterCheck(schema: ParameterSchema, validate: ValidateFunction, part: Part & ('path' | 'query')) {
  return (raw: unknown, accept: (values: Record<string, unknown>) => void): InputError[] => {
    const { values, errors } = coerceParameters(schema, (raw ?? {}) as Record<string, unknown>, part);
    const valid = validate(values);
    // What could not be turned is missing from `values`; that it is missing is not a second error.
    const refused = new Set(errors.map((error) => error.loc.join('/')));
    const found = valid ? [] : inputErrors(validate.errors ?? [], part).filter((e) => !refused.has(e.loc.join('/')));
    accept(values);
    return [...errors, ...found, ...stringErrors(values, part).filter((e) => !covers(found, e))];
  };
}

function covers(found: readonly InputError[], error: InputError): boolean {
  return found.some((other) => other.loc.join('/') === error.loc.join('/'));
}

function bodyErrors(body: unknown, validate: ValidateFunction): InputError[] {
  if (body === undefined) return [{ type: 'missing', loc: ['body'], msg: 'Field required' }];
  const unstorable = stringErrors(body, 'body');
  if (unstorable.some((error) => error.type === 'recursion_loop')) return unstorable;
  return [...(validate(body) ? [] : inputErrors(validate.errors ?? [], 'body')), ...unstorable];
}
