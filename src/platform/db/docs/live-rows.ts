import pg from 'pg';
import type { TableModel } from '../catalogue/model.ts';
import { connectReader } from '../sql/reader.ts';

/** A row by column. */
export type ExampleRow = Readonly<Record<string, unknown>>;

/**
 * One row of each table by qualified name, the first in key order, as `trr_reader` sees it and without secrets. Tables that are
 * empty or that it may not read are not in the answer.
 * @throws DatabaseUnavailable
 */
export async function liveRows(ownerUrl: string, tables: readonly TableModel[]): Promise<Map<string, ExampleRow>> {
  const client = await connectReader(ownerUrl);
  const found = new Map<string, ExampleRow>();
  try {
    for (const table of tables) {
      const name = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)}`;
      const key = (table.primary_key?.columns ?? []).map((column) => pg.escapeIdentifier(column));
      const order = key.length === 0 ? '' : ` order by ${key.join(', ')}`;
      const row = await client
        .query<{ row: ExampleRow }>(`select to_jsonb(t) as row from ${name} t${order} limit 1`)
        .then(({ rows }) => rows[0]?.row)
        .catch((error: unknown) => {
          if (isDenied(error)) return undefined;
          throw error;
        });
      if (row !== undefined) found.set(`${table.schema}.${table.table}`, withoutSecrets(row) as ExampleRow);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
  return found;
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501';
}

export const REDACTED = '[redacted]';

/** Names of columns and members whose values are nobody's business: secrets, and what tells who a person is. */
const SECRET_NAME =
  /secret|token|passw|credential|authori[sz]ation|cookie|private|signature|salt|hash|digest|email|phone|subject|(?:^|_)(?:ip|address|actor)(?:_|$)|(?:api|access|anonymous|idempotency)_?key/i;

/** Values that are secrets whatever they are called: signed tokens, keys, addresses with a password, long random texts. */
const SECRET_VALUE =
  /\beyJ[\w-]+\.[\w-]+\.|-----BEGIN |\bBearer\s|:\/\/[^/\s:@]+:[^/\s@]+@|\b[0-9a-f]{32,}\b|^(?=.*\d)(?=.*[A-Za-z])[\w+/=-]{40,}$/i;

const LONGEST = 200;

/**
 * A value with everything that looks like a secret replaced, at any depth; long texts are cut. Null stays null: it tells nothing.
 */
export function withoutSecrets(value: unknown, name = ''): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (SECRET_NAME.test(name)) return REDACTED;
  if (Array.isArray(value)) return value.slice(0, 3).map((one) => withoutSecrets(one, name));
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutSecrets(one, key)]));
  }
  if (typeof value !== 'string') return value;
  if (SECRET_VALUE.test(value)) return REDACTED;
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
}
