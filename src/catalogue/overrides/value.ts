import { type ColumnFacts, TABLES } from '../../platform/db/generated.ts';
import { Refused } from '../merging/refused.ts';

export type OverridableTable = 'shows' | 'people';

/**
 * Columns nobody decides by hand: keys, times, raw payloads, and what is computed from other rows (flags from the ids,
 * `streaming_providers` from the offers).
 */
const CLOSED = new Set([
  'id',
  'provenance',
  'external_ids',
  'needs_imdb_resolution',
  'needs_tmdb_resolution',
  'streaming_providers',
  'retired_at',
]);

/** Columns of the table that an override may set. */
export function overridableColumns(table: OverridableTable): readonly ColumnFacts[] {
  return TABLES[`core.${table}`].columns.filter(
    ({ name, type, generated }) => !generated && type !== 'jsonb' && type !== 'timestamptz' && !CLOSED.has(name),
  );
}

/** @throws Refused `unknown_field` naming the fields there are */
export function overridableColumn(table: OverridableTable, field: string): ColumnFacts {
  const columns = overridableColumns(table);
  const column = columns.find(({ name }) => name === field);
  if (column !== undefined) return column;
  throw new Refused(
    'unknown_field',
    `no field "${field}" to override: one of ${columns.map(({ name }) => name).join(', ')}`,
  );
}

/**
 * A value given as text, typed as its column: numbers, dates (`2024-02-29`), `true` and `false`; lists as JSON or with commas.
 * Null means that the field shall have no value.
 * @throws Refused `bad_value` naming the field and what it wants
 */
export function overrideValue(column: ColumnFacts, text: string | null): unknown {
  const refuse = (wanted: string) => new Refused('bad_value', `${column.name} must be ${wanted}, not "${text ?? ''}"`);
  if (text === null) {
    if (!column.nullable) throw new Refused('bad_value', `${column.name} always has a value: it cannot be set to none`);
    return null;
  }
  const value = text.trim();
  switch (column.type) {
    case 'text':
      if (value === '' || value.includes('\0')) throw refuse('a text that is not blank (or use --null)');
      return value;
    case 'int4':
      return integer(value) ?? fail(refuse('a whole number'));
    case 'numeric':
      if (!/^-?\d{1,12}(\.\d{1,6})?$/.test(value)) throw refuse('a number');
      return Number(value);
    case 'date':
      if (!isDate(value)) throw refuse('a date like 2024-02-29');
      return value;
    case 'bool':
      if (value !== 'true' && value !== 'false') throw refuse('true or false');
      return value === 'true';
    case 'uuid':
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) throw refuse('a UUID');
      return value.toLowerCase();
    case '_text':
      return [...new Set(list(value, refuse))];
    case '_int4':
      return [...new Set(list(value, refuse).map((item) => integer(item) ?? fail(refuse('a list of whole numbers'))))];
    default:
      throw new Refused('unknown_field', `${column.name} has a type that cannot be overridden (${column.type})`);
  }
}

function list(value: string, refuse: (wanted: string) => Refused): string[] {
  let items: unknown = value.split(',');
  if (value.startsWith('[')) {
    try {
      items = JSON.parse(value);
    } catch {
      throw refuse('a list, as JSON or with commas');
    }
  }
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string' || typeof item === 'number'))
    throw refuse('a list, as JSON or with commas');
  const texts = items.map((item) => String(item).trim());
  if (texts.some((item) => item === '')) throw refuse('a list without blank items');
  return texts;
}

function integer(value: string): number | undefined {
  const number = Number(value);
  return /^-?\d{1,10}$/.test(value) && Math.abs(number) <= 2_147_483_647 ? number : undefined;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

function fail(error: Refused): never {
  throw error;
}
