import { PREDECESSOR_SCHEMAS, predecessorCatalogue } from '../../src/platform/db/catalogue/expected.ts';
import { type Fact, factsOf } from '../../src/platform/db/catalogue/facts.ts';
import type { Catalogue } from '../../src/platform/db/catalogue/model.ts';
import { type Query, readCatalogue } from '../../src/platform/db/catalogue/read.ts';

/** The predecessor's schemas that hold tables; `public` holds nothing. */
export const BASELINE_SCHEMAS: readonly string[] = PREDECESSOR_SCHEMAS;

/**
 * Structure of a database as lines, `core.shows column name text not null`: easy to compare, and a difference reads well.
 * Column lines carry their position where `positions` is set.
 */
export type Facts = Set<string>;

/** What the baseline files hold: neither functions, triggers, policies nor grants. */
const STRUCTURE = new Set(['column', 'primary key', 'unique', 'check', 'foreign key', 'index', 'view', 'view column']);

function linesOf(catalogue: Catalogue, positions: boolean): Facts {
  const places = new Map<string, number>(
    catalogue.tables.flatMap(({ schema, table, columns }) =>
      columns.map(({ name }, at) => [`${schema}.${table}.${name}`, at + 1] as const),
    ),
  );
  const line = (fact: Fact) => {
    const place = positions && fact.kind === 'column' ? [places.get(`${fact.on}.${fact.name}`)] : [];
    return [fact.on, fact.kind, ...place, fact.name, fact.text].filter((word) => word !== '').join(' ');
  };
  return new Set(
    factsOf(catalogue, { detail: 'baseline' })
      .filter(({ kind }) => STRUCTURE.has(kind))
      .map(line),
  );
}

/** Facts of the database behind `query`. */
export async function liveFacts(query: Query, options: { positions: boolean }): Promise<Facts> {
  return linesOf(await readCatalogue(query, BASELINE_SCHEMAS), options.positions);
}

/** Facts of the predecessor's final database, from the project's own data file. */
export function expectedFacts(options: { positions: boolean }): Facts {
  return linesOf(predecessorCatalogue(), options.positions);
}

/** What the first set has and the second lacks, sorted. */
export function missing(from: Facts, inside: Facts): string[] {
  return [...from].filter((fact) => !inside.has(fact)).sort();
}
