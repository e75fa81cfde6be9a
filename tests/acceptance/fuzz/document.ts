import fc from 'fast-check';
import { nastyJson, nastyText } from './values.ts';

export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>;
  readonly needsUser: boolean;
  readonly adminOnly: boolean;
}

type RawOperation = Omit<Operation, 'method' | 'path' | 'body' | 'parameters' | 'needsUser' | 'adminOnly'> & {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly security?: readonly Record<string, unknown>[];
  readonly description?: string;
};

/** Every operation of an OpenAPI document. */
export function operationsOf(document: { paths: Record<string, Record<string, RawOperation>> }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content['application/json']?.schema,
      adminOnly: operation.description?.includes('For administrators.') === true,
      // An empty requirement beside others means: also without.
      needsUser:
        operation.security !== undefined &&
        operation.security.length > 0 &&
        operation.security.every((requirement) => Object.keys(requirement).length > 0),
    })),
  );
}

/** Values a schema accepts, ids taken from `ids` where a uuid is wanted, so that requests reach existing rows. */
export function accepted(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => accepted(one, ids)));
  switch (schema.type) {
    case 'string':
      return text(schema, ids);
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100, 2 ** 31 - 1) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(accepted(schema.items ?? {}, ids), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, (schema.minItems ?? 0) + 3),
      });
    case 'object': {
      const required = new Set(schema.required ?? []);
      const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, accepted(member, ids)]);
      return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: Object.keys(schema.properties ?? {}).filter((name) => required.has(name)),
      });
    }
    default:
      return fc.constantFrom<unknown>('x', 1, ['x'], { value: 'x' });
  }
}

function text(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  switch (schema.format) {
    case 'uuid':
    case 'uuid-or-slug':
      return fc.constantFrom(...ids);
    case 'date':
      return fc.constantFrom('2020-02-03', '2026-11-22');
    case 'date-time':
      return fc.constantFrom('2026-11-22T00:00:00Z', '2020-02-03T12:00:00.123456+00:00');
    default: {
      const min = schema.minLength ?? 0;
      return fc.string({
        unit: 'grapheme-ascii',
        minLength: min,
        maxLength: Math.min(schema.maxLength ?? 20, min + 20),
      });
    }
  }
}

/** An accepted body with one or two places broken, somewhere in the tree. */
export function broken(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(accepted(schema, ids), fc.array(fc.tuple(fc.nat(), nastyJson, fc.boolean()), { minLength: 1, maxLength: 2 }))
    .map(([body, breaks]) => {
      const copy: unknown = structuredClone(body);
      for (const [at, value, remove] of breaks) {
        const places = placesIn(copy);
        const place = places[at % Math.max(1, places.length)];
        if (place === undefined) return value;
        if (remove && !Array.isArray(place.parent)) delete place.parent[place.key as never];
        else place.parent[place.key as never] = value as never;
      }
      return copy;
    });
}

function placesIn(value: unknown): { parent: Record<string, unknown> | unknown[]; key: string | number }[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [{ parent, key }, ...placesIn(parent[key])]);
}

/** A parameter's text: accepted, or anything. */
export function parameterText(parameter: Parameter, ids: readonly string[]): fc.Arbitrary<string> {
  const good = accepted(parameter.schema, ids).map((value) => (Array.isArray(value) ? value.join(',') : String(value)));
  return fc.oneof({ arbitrary: good, weight: 3 }, { arbitrary: nastyText, weight: 2 });
}
