import type { ErrorObject } from 'ajv';
import type { InputError } from '../../../platform/errors/problem.ts';

/** A client that is wrong a thousand times learns nothing from the rest. */
const MAX_ERRORS = 100;

const TYPE_NAMES: Record<string, string> = {
  string: 'string_type',
  integer: 'int_type',
  number: 'float_type',
  boolean: 'bool_type',
  array: 'list_type',
  object: 'dict_type',
};

const FORMAT_NAMES: Record<string, { type: string; msg: string }> = {
  uuid: { type: 'uuid_parsing', msg: 'Input should be a UUID' },
  'uuid-or-slug': {
    type: 'uuid_parsing',
    msg: 'Input should be a UUID or a slug (lower-case letters, digits, single hyphens)',
  },
  date: { type: 'date_parsing', msg: 'Input should be a date, YYYY-MM-DD' },
  'date-time': { type: 'datetime_parsing', msg: 'Input should be an ISO 8601 timestamp with offset' },
};

/**
 * Ajv's errors in the vocabulary of spec/api.md C2. The failed branches of a union stand for the union; its null branch says
 * nothing a person needs.
 */
export function inputErrors(found: readonly ErrorObject[], part: 'path' | 'query' | 'body'): InputError[] {
  const branches = found.filter((error) => error.keyword !== 'anyOf' && error.params['type'] !== 'null');
  const useful = branches.length > 0 ? branches : found;
  return useful.slice(0, MAX_ERRORS).map((error) => {
    const path = error.instancePath.split('/').slice(1).map(pointerPart);
    const missing = error.keyword === 'required' ? [String(error.params['missingProperty'])] : [];
    return { ...describe(error), loc: [part, ...path, ...missing] };
  });
}

function pointerPart(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function describe({ keyword, params, message }: ErrorObject): Omit<InputError, 'loc'> {
  const limit: unknown = params['limit'];
  switch (keyword) {
    case 'required':
      return { type: 'missing', msg: 'Field required' };
    case 'type': {
      const wanted = String(params['type']);
      return { type: TYPE_NAMES[wanted] ?? 'type_error', msg: `Input should be of type ${wanted}` };
    }
    case 'format':
      return FORMAT_NAMES[String(params['format'])] ?? { type: 'value_error', msg: message ?? 'Invalid format' };
    case 'minimum':
      return {
        type: 'greater_than_equal',
        msg: `Input should be greater than or equal to ${limit}`,
        ctx: { ge: limit },
      };
    case 'maximum':
      return { type: 'less_than_equal', msg: `Input should be less than or equal to ${limit}`, ctx: { le: limit } };
    case 'minLength':
      return {
        type: 'string_too_short',
        msg: `String should have at least ${limit} characters`,
        ctx: { min_length: limit },
      };
    case 'maxLength':
      return {
        type: 'string_too_long',
        msg: `String should have at most ${limit} characters`,
        ctx: { max_length: limit },
      };
    case 'minItems':
      return { type: 'too_short', msg: `List should have at least ${limit} items`, ctx: { min_length: limit } };
    case 'maxItems':
      return { type: 'too_long', msg: `List should have at most ${limit} items`, ctx: { max_length: limit } };
    case 'pattern':
      return {
        type: 'string_pattern_mismatch',
        msg: 'String does not have the expected form',
        ctx: { pattern: params['pattern'] },
      };
    case 'const':
      return { type: 'literal_error', msg: `Input should be ${JSON.stringify(params['allowedValue'])}` };
    case 'enum':
      return {
        type: 'literal_error',
        msg: `Input should be one of ${(params['allowedValues'] as unknown[]).join(', ')}`,
      };
    case 'additionalProperties':
      return { type: 'extra_forbidden', msg: `Unknown field ${String(params['additionalProperty'])}` };
    default:
      return { type: 'value_error', msg: message ?? 'Invalid value' };
  }
}
