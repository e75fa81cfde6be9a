import type pg from 'pg';
import type { Statement } from '../../src/platform/db/statement.ts';

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

interface WireConnection {
  parse(message: { name: string; text: string; types: number[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  sync(): void;
}

/**
 * Parse and Describe of the wire protocol: what a statement would answer, without running it. (`pg_prepared_statements` tells
 * the result types from PostgreSQL 16 on only.)
 */
class Description {
  readonly fields: Promise<readonly Field[]>;
  private resolve: (fields: readonly Field[]) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private seen: readonly Field[] = [];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.fields = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  // The unnamed statement: the next one replaces it.
  submit(connection: WireConnection): void {
    connection.parse({ name: '', text: this.text, types: [] });
    connection.describe({ type: 'S', name: '' });
    connection.sync();
  }

  handleRowDescription(message: { fields: readonly Field[] }): void {
    this.seen = message.fields;
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleReadyForQuery(): void {
    this.resolve(this.seen);
  }
}

/** Types that reach JavaScript like `text`. */
const TEXTUAL = new Set(['varchar', 'bpchar', 'name', 'citext', 'unknown']);

/**
 * Compares what a statement declares with what the database says it answers.
 * @returns one line per difference; empty when they agree.
 */
export async function mismatches(client: pg.Client, statement: Statement): Promise<string[]> {
  let fields: readonly Field[];
  try {
    const description = new Description(statement.text);
    client.query(description as unknown as pg.Submittable);
    fields = await description.fields;
  } catch (error) {
    return [`${statement.name}: cannot be prepared: ${error instanceof Error ? error.message : String(error)}`];
  }
  const types = await client.query<{ oid: number; name: string; kind: string }>(
    'select oid::int, typname as name, typtype as kind from pg_type where oid = any($1::oid[])',
    [fields.map((field) => field.dataTypeID)],
  );
  const nameOf = new Map(
    types.rows.map(({ oid, name, kind }) => [oid, kind === 'e' || TEXTUAL.has(name) ? 'text' : name]),
  );
  const found: string[] = [];
  const seen = new Set<string>();
  for (const { name, dataTypeID } of fields) {
    const declared = statement.columns[name]?.replace(/\?$/, '');
    const actual = nameOf.get(dataTypeID) ?? `oid ${dataTypeID}`;
    if (seen.has(name)) found.push(`${statement.name}: two columns are called ${name}`);
    seen.add(name);
    if (declared === undefined) found.push(`${statement.name}: ${name} (${actual}) is not declared`);
    else if (declared !== actual) found.push(`${statement.name}: ${name} is ${actual}, declared ${declared}`);
  }
  for (const name of Object.keys(statement.columns)) {
    if (!seen.has(name)) found.push(`${statement.name}: ${name} is declared, but not in the answer`);
  }
  return found;
}
