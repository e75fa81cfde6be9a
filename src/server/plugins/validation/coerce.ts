import type { InputError } from '../../../platform/errors/problem.ts';

/** The little of JSON Schema that path and query parameters use. */
export interface ParameterSchema {
  readonly type?: string;
  readonly items?: ParameterSchema;
  readonly properties?: Readonly<Record<string, ParameterSchema>>;
}

type Raw = Readonly<Record<string, unknown>>;

/**
 * Turns the texts of a path or query into the types their schema names. Strict: only decimal digits are a whole number (not `5.0`,
 * `0x5` or blanks), and a parameter given twice is refused rather than guessed. Lists are comma separated.
 * A value that cannot be turned is left out of `values` and named in `errors`.
 */
export function coerceParameters(
  schema: ParameterSchema,
  raw: Raw,
  part: 'path' | 'query',
): { values: Record<string, unknown>; errors: InputError[] } {
  const values: Record<string, unknown> = {};
  const errors: InputError[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const given = raw[name];
    if (given === undefined) continue;
    const loc = [part, name];
    if (property.type === 'array') {
      values[name] = [given]
        .flat()
        .flatMap((text) => String(text).split(','))
        .filter((text) => text !== '');
    } else if (Array.isArray(given)) {
      errors.push({ type: 'value_error', loc, msg: `Parameter was given ${given.length} times; give it once` });
    } else {
      const made = coerce(property.type, String(given));
      if (made.ok) values[name] = made.value;
      else errors.push({ type: made.type, loc, msg: made.msg });
    }
  }
  return { values, errors };
}

type Coerced = { ok: true; value: unknown } | { ok: false; type: string; msg: string };

function coerce(type: string | undefined, text: string): Coerced {
  switch (type) {
    case 'integer':
      return /^-?\d+$/.test(text)
        ? { ok: true, value: Number(text) }
        : { ok: false, type: 'int_parsing', msg: 'Input should be a whole number' };
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text)
        ? { ok: true, value: Number(text) }
        : { ok: false, type: 'float_parsing', msg: 'Input should be a decimal number' };
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { ok: true, value: text === 'true' }
        : { ok: false, type: 'bool_parsing', msg: 'Input should be true or false' };
    default:
      return { ok: true, value: text };
  }
}
