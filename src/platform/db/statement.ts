/**
 * SQL first: a statement is its text plus the column types its author relies on. The row type follows from the column list,
 * and a test prepares every registered statement on the migrated database and compares the two, so neither can drift.
 */
export type PgType =
  | 'uuid'
  | 'text'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float8'
  | 'numeric'
  | 'bool'
  | 'date'
  | 'timestamptz'
  | 'json'
  | 'jsonb'
  | '_text'
  | '_int4'
  | '_uuid';

/** A column type, nullable when it ends in `?`. */
export type ColumnType = PgType | `${PgType}?`;

interface JsTypes {
  uuid: string;
  text: string;
  int2: number;
  int4: number;
  float8: number;
  bool: boolean;
  /** Text, so that nothing is lost: 64-bit and decimal numbers, dates, and timestamps with their microseconds. */
  int8: string;
  numeric: string;
  date: string;
  timestamptz: string;
  json: unknown;
  jsonb: unknown;
  _text: string[];
  _int4: number[];
  _uuid: string[];
}

type Js<C extends ColumnType> = C extends `${infer T extends PgType}?`
  ? JsTypes[T] | null
  : C extends PgType
    ? JsTypes[C]
    : never;

export interface Statement<C extends Record<string, ColumnType> = Record<string, ColumnType>> {
  /** Unique, `room.resource.verb`; also the prepared statement's name (63 characters at most). */
  readonly name: string;
  readonly text: string;
  readonly columns: C;
}

export type Row<S> = S extends Statement<infer C> ? { -readonly [K in keyof C]: Js<C[K]> } : never;

const registry = new Map<string, Statement>();

/**
 * Declares a statement. Call it at module level only, so that importing every `queries.ts` registers all of them.
 * @throws Error when the name is taken or too long (a bug, found at import).
 */
export function statement<const C extends Record<string, ColumnType>>(
  name: string,
  text: string,
  columns: C,
): Statement<C> {
  if (name.length > 63) throw new Error(`statement name longer than 63 characters: ${name}`);
  if (registry.has(name)) throw new Error(`statement declared twice: ${name}`);
  const made = { name, text, columns };
  registry.set(name, made);
  return made;
}

/** Every statement declared so far. */
export function registeredStatements(): readonly Statement[] {
  return [...registry.values()];
}
