import pg from 'pg';

/** Types whose text form loses nothing: 64-bit and decimal numbers, dates and times, and arrays of them. */
const AS_TEXT = new Set([
  20, // int8
  1700, // numeric
  1082, // date
  1083, // time
  1114, // timestamp
  1184, // timestamptz
  1186, // interval
]);

/** Arrays of those: parsed as arrays of text. */
const AS_TEXT_ARRAY = new Set([1016, 1231, 1182, 1115, 1185]);
const TEXT_ARRAY: number = 1009;

const text = (value: string) => value;

/**
 * Parsers of our pools only: the driver's defaults are global, shared with pg-boss, and turn `date` into a local-time Date,
 * numerics in arrays into floats and timestamps into milliseconds.
 */
export const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') => {
    if (AS_TEXT.has(id)) return text;
    if (AS_TEXT_ARRAY.has(id)) return pg.types.getTypeParser(TEXT_ARRAY, 'text');
    return format === 'binary' ? pg.types.getTypeParser(id, 'binary') : pg.types.getTypeParser(id, 'text');
  }) as typeof pg.types.getTypeParser,
};
