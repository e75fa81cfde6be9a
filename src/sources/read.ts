import type { FailureKind } from '../platform/outcome.ts';

/**
 * Reading fields of a JSON payload. One rule for all: a key that is not there, or holds something of another type, was not spoken
 * about (`undefined`); `null` and blank text say that there is none (`null`).
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export type Parsed<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Blocks asked for that the payload does not have, by the source's names. */
      readonly missing: readonly string[];
    }
  | {
      readonly ok: false;
      /** What is wrong or missing; one line. */
      readonly problem: string;
      /** The outcome it stands for; `schema_changed` unless the body tells more (a challenge, a missing page). */
      readonly kind?: FailureKind;
    };

export function parsed<T>(value: T, missing: readonly string[] = []): Parsed<T> {
  return { ok: true, value, missing };
}

export function unexpected(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** The payload is not what it should be: names what was not found. Empty names are skipped. */
export function lacking(...names: readonly string[]): { readonly ok: false; readonly problem: string } {
  return unexpected(`missing: ${names.filter((name) => name !== '').join(', ')}`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Escapes of what PostgreSQL cannot hold in text or jsonb: NUL, and halves of surrogate pairs (whole pairs match too). */
const UNSTORABLE = /\\u(0000|d[89a-f])/i;

/** The same value without NUL characters and with U+FFFD for halves of surrogate pairs, in keys as well. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\u0000', '').toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item)]));
}

/** The payload as an object; an error body of the source is named as such. */
export function readObject(body: Uint8Array): Parsed<JsonObject> {
  let payload: unknown;
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(body);
    payload = UNSTORABLE.test(json) ? storable(JSON.parse(json)) : JSON.parse(json);
  } catch {
    return unexpected('the payload is not JSON');
  }
  if (!isObject(payload)) return unexpected('the payload is not a JSON object');
  if (payload['success'] === false) {
    const message = payload['status_message'];
    return unexpected(
      `the payload is an error body instead of data${typeof message === 'string' ? `: ${message.slice(0, 150)}` : ''}`,
    );
  }
  return parsed(payload);
}

/** A string without surrounding white space that is not empty. */
export function text(value: unknown): string | undefined {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}

/** Largest integer our columns hold (PostgreSQL `integer`); a larger one is no id or count of any source. */
const LARGEST = 2_147_483_647;

/** A JSON integer, or a string of digits; never a boolean. */
export function intLike(value: unknown): number | undefined {
  return integer(typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value.trim()) : value);
}

export function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= LARGEST ? (value as number) : undefined;
}

/** A finite number, or numeric text. */
export function decimal(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value.trim()) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Exactly `YYYY-MM-DD`, and a day that exists. */
export function date(value: unknown): string | undefined {
  const day = text(value);
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) ? day : undefined;
}

export function boolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Reads `key`: undefined when absent or of another type, null when the source says that there is none. */
export function field<T>(
  object: JsonObject,
  key: string,
  read: (value: unknown) => T | undefined,
): T | null | undefined {
  const value = object[key];
  if (value === null || (typeof value === 'string' && value.trim() === '')) return null;
  return read(value);
}

/** The objects among an array's elements; undefined when it is not an array. */
export function objects(value: unknown): readonly JsonObject[] | undefined {
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

/**
 * The readable elements of a list; undefined when it is no list, or when it has elements and not one is readable: that is a
 * changed layout, not an empty answer.
 */
export function readAll<T>(list: unknown, read: (item: JsonObject) => T | undefined): readonly T[] | undefined {
  const items = objects(list);
  const found = items?.flatMap((item) => read(item) ?? []);
  return Array.isArray(list) && list.length > 0 && found?.length === 0 ? undefined : found;
}

/** Texts of an array, trimmed, blanks dropped; undefined when it is not an array. */
export function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.flatMap((item: unknown) => text(item) ?? []) : undefined;
}

type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };

/** The object without its undefined properties, so that "absent" is really absent. */
export function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Keeps the first of the elements with the same key. */
export function distinctBy<T, K>(items: readonly T[], key: (item: T) => K): T[] {
  const seen = new Set<K>();
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)));
}
