import { decodeHTML } from 'entities';
import type { PartialDateFacts } from '../../../platform/facts.ts';
import { isObject, type JsonObject, objects } from '../../read.ts';

/** Reading the values of IMDb's payloads (`spec/sources-imdb.md` 1.2). */

/** A string without surrounding white space and without what PostgreSQL cannot hold; blank and other types are undefined. */
export function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  if (trimmed === '') return undefined;
  // Nearly all texts are storable: looking costs less than cleaning.
  if (trimmed.isWellFormed() && !trimmed.includes('\u0000')) return trimmed;
  return text(trimmed.replaceAll('\u0000', '').toWellFormed());
}

/** Likewise with HTML entities decoded: several payloads escape their texts although they are JSON. */
export function decoded(value: unknown): string | undefined {
  const plain = text(value);
  return plain?.includes('&') ? text(decodeHTML(plain)) : plain;
}

/** A count or size: an integer from 0, or a string of digits (with thousands separators); never a boolean or a fraction. */
export function whole(value: unknown): number | undefined {
  const digits = typeof value === 'string' ? /^\d{1,3}(?:,\d{3})+$|^\d+$/.exec(value.trim())?.[0] : undefined;
  const number = digits === undefined ? value : Number(digits.replaceAll(',', ''));
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= 2_147_483_647
    ? number
    : undefined;
}

/** 1 to 10; 0 stands for none. */
export function rating(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && number >= 1 && number <= 10 ? number : undefined;
}

/** A four-digit year. */
export function year(value: unknown): number | undefined {
  const number = whole(value);
  return number !== undefined && number >= 1850 && number <= 2200 ? number : undefined;
}

/** The value at a dotted path: undefined where a step is absent, null where one is null. */
export function at(value: unknown, path: string): unknown {
  let found: unknown = value;
  for (const key of stepsOf(path)) {
    if (found === null) return null;
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** Paths are written in the parsers, a few hundred in all; each is taken apart once. */
const steps = new Map<string, readonly string[]>();

function stepsOf(path: string): readonly string[] {
  const known = steps.get(path);
  if (known !== undefined) return known;
  const made = path.split('.');
  steps.set(path, made);
  return made;
}

/** Reads what is at a path: undefined when not spoken about or of another type, null when the page says that there is none. */
export function pick<T>(value: unknown, path: string, read: (value: unknown) => T | undefined): T | null | undefined {
  const found = at(value, path);
  if (found === null || (typeof found === 'string' && found.trim() === '')) return null;
  return found === undefined ? undefined : read(found);
}

/** Likewise from the first part that has a value; null when one says that there is none and no other knows better. */
export function pickFrom<T>(
  parts: readonly unknown[],
  path: string,
  read: (value: unknown) => T | undefined,
): T | null | undefined {
  const found = parts.map((part) => pick(part, path, read));
  return found.find((value) => value !== null && value !== undefined) ?? (found.includes(null) ? null : undefined);
}

/** The `node`s of a connection's edges; undefined when there is no list of edges. */
export function nodes(connection: unknown): readonly JsonObject[] | undefined {
  return objects(at(connection, 'edges'))?.flatMap((edge) => (isObject(edge['node']) ? [edge['node']] : []));
}

/** The texts read from each of a list's elements, without repeats (compared exactly), in order. */
export function distinctTexts(
  items: readonly unknown[] | undefined,
  read: (item: unknown) => string | null | undefined,
): string[] | undefined {
  return items === undefined ? undefined : [...new Set(items.flatMap((item) => read(item) ?? []))];
}

/** The first of the texts that differ only in case. */
export function distinctIgnoringCase(texts: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const item of texts) if (!seen.has(item.toLowerCase())) seen.set(item.toLowerCase(), item);
  return [...seen.values()];
}

/** `{year, month, day, country{id}}`, as exact as it is (6.2, 8); undefined without a year or with an impossible day. */
export function partialDate(value: unknown): PartialDateFacts | undefined {
  const parts = isObject(value) && isObject(value['dateComponents']) ? value['dateComponents'] : value;
  const found = year(at(parts, 'year'));
  if (found === undefined) return undefined;
  const month = whole(at(parts, 'month')) ?? null;
  const day = whole(at(parts, 'day')) ?? null;
  const country = text(at(value, 'country.id')) ?? null;
  return exact(found, month, day, country);
}

/** Checks the parts; a day without a month says nothing. */
export function exact(
  years: number,
  month: number | null,
  day: number | null,
  country: string | null = null,
): PartialDateFacts | undefined {
  if (month === null) return { year: years, month: null, day: null, country };
  if (month < 1 || month > 12) return undefined;
  if (day === null) return { year: years, month, day: null, country };
  const date = new Date(Date.UTC(years, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? { year: years, month, day, country } : undefined;
}

/** `YYYY-MM-DD` of a date known to the day, else null. */
export function wholeDay(date: PartialDateFacts | null | undefined): string | null {
  if (date === null || date === undefined || date.month === null || date.day === null) return null;
  return `${date.year}-${String(date.month).padStart(2, '0')}-${String(date.day).padStart(2, '0')}`;
}

/** Which of the fields are absent or null: what the page did not tell. */
export function unfilled<T extends object>(record: T, fields: readonly (keyof T & string)[]): string[] {
  return fields.filter((name) => record[name] === undefined || record[name] === null);
}

/** The value when it is nested at most `depth` deep, so that whoever writes it as JSON does not run out of stack. */
export function bounded(value: unknown, depth = 24): unknown {
  let level: unknown[] = [value];
  for (let left = depth; level.length > 0; left--) {
    if (left === 0) return undefined;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item).filter((next) => typeof next === 'object') : [],
    );
  }
  return value;
}
