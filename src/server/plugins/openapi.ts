import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { adminOnly, anyone, signedIn } from '../../platform/auth/guards.ts';
import { InvalidInputSchema, ProblemSchema } from '../../platform/http/schemas.ts';
import { VERSION } from '../version.ts';

type Json = Record<string, unknown>;

/** Statuses any operation may answer with; the 422 only where there is something to get wrong. */
const COMMON_ERRORS: Record<string, string> = {
  '400': 'The request is not understandable',
  '404': 'Unknown path or entity',
  '405': 'Wrong method',
  '421': 'Unknown host name',
  '429': 'Too many requests; `Retry-After` says how long to wait',
  '500': 'Our fault; `code` says which kind',
  '503': 'Not available at the moment; try again',
  '504': 'Took too long; try again',
};

/** Beside the common ones, where the operation changes something. */
const WRITE_ERRORS: Record<string, string> = { '409': 'In conflict with what is there; `code` says with what' };
const GUARDED_ERRORS: Record<string, string> = {
  '401': 'A token is needed and was not sent, or is not believed; `code` says why',
  '403': 'The caller may not do this',
};
const BEARER = { bearer: [] };

/** Who may call is said once, by the guard of the route; the document repeats it. */
function describeGuards(route: RouteOptions): void {
  const { schema } = route;
  if (schema === undefined || schema.hide === true) return;
  const guards = [route.preValidation ?? []].flat() as unknown[];
  if (guards.includes(signedIn) || guards.includes(adminOnly)) Object.assign(schema, { security: [BEARER] });
  else if (guards.includes(anyone)) Object.assign(schema, { security: [{}, BEARER] });
  if (guards.includes(adminOnly)) schema.description = `${schema.description ?? ''}For administrators.`;
  if ([route.method].flat().some((method) => method === 'POST' || method === 'PUT' || method === 'DELETE')) {
    schema.headers ??= {
      type: 'object',
      properties: {
        'idempotency-key': {
          type: 'string',
          maxLength: 255,
          description: 'Makes the write repeatable for a day: the same key answers the first answer again',
        },
      },
    };
  }
}

/** The OpenAPI 3.1 document, collected from the routes registered after this. */
export async function openApiPlugin(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', describeGuards);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'The Reality Report API',
        version: VERSION,
        description:
          'A catalogue of reality television. Lists are bare arrays; the next page is in `Link: rel="next"`. Errors are RFC 9457 problem objects.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'shows', description: 'Shows, seasons, episodes, credits, images' },
        { name: 'people', description: 'People' },
        { name: 'surveys', description: 'Surveys with live results' },
        { name: 'discussions', description: 'Threads, posts and reactions about episodes' },
        { name: 'moderation', description: 'Reports, and what moderators do' },
        { name: 'messages', description: 'Direct messages and blocks' },
        { name: 'live', description: 'What happens, as it happens (docs/realtime.md)' },
        { name: 'identity', description: 'Accounts and profiles' },
        { name: 'admin', description: 'For administrators' },
        { name: 'meta', description: 'Health and description of the service' },
      ],
      components: {
        schemas: { Problem: ProblemSchema, InvalidInput: InvalidInputSchema } as never,
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'docs/auth.md says whose tokens',
          },
        },
      },
    },
  });
}

/** The document as text; the same bytes for the same routes, so it can be committed and compared. */
export function openApiText(app: FastifyInstance): string {
  const document = structuredClone(app.swagger()) as unknown as { paths: Record<string, Record<string, Json>> };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      describeErrors(operation, method !== 'get');
      describeDefaults(operation);
    }
    // A plugin's root route is registered with a final slash; both spellings answer, the plain one is documented.
    if (path.length > 1 && path.endsWith('/')) {
      delete document.paths[path];
      document.paths[path.slice(0, -1)] = item;
    }
  }
  document.paths = Object.fromEntries(Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify(document, null, 2)}\n`;
}

function describeErrors(operation: Json, writes: boolean): void {
  const responses = operation['responses'] as Record<string, Json>;
  const security = (operation['security'] ?? []) as Json[];
  const guarded = security.length > 0 && security.every((one) => Object.keys(one).length > 0);
  const errors = { ...COMMON_ERRORS, ...(writes ? WRITE_ERRORS : {}), ...(guarded ? GUARDED_ERRORS : {}) };
  for (const [status, description] of Object.entries(errors)) {
    responses[status] ??= { description, content: content('Problem', 'Problem') };
  }
  if (operation['parameters'] !== undefined || operation['requestBody'] !== undefined) {
    responses['422'] ??= {
      description: 'Invalid input, every error listed',
      content: content('InvalidInput', 'Problem'),
    };
  }
}

/** What has a default need not be sent. */
function describeDefaults(operation: Json): void {
  for (const parameter of (operation['parameters'] ?? []) as { required?: boolean; schema: Json }[]) {
    if (parameter.schema['default'] !== undefined) parameter.required = false;
  }
}

/** In `application/json` a 422's `detail` is the list; in `application/problem+json` it is a string beside `errors`. */
function content(json: string, problem: string): Json {
  const reference = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
  return { 'application/json': reference(json), 'application/problem+json': reference(problem) };
}
