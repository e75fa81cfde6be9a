import ts from 'typescript';
import type { Sources } from './import-graph.ts';

/** Relations and functions of the database that texts of a file name. */
export interface Touched {
  /** Tables and views that stand in a statement, `core.shows`. */
  readonly read: ReadonlySet<string>;
  /** Those that an insert, update, delete, merge or truncate names. */
  readonly written: ReadonlySet<string>;
  /** Those that are a text by themselves: which table is data there, as in the plans of the pipeline. */
  readonly given: ReadonlySet<string>;
  /** Functions of ours that a statement calls, `core.merge_shows`. */
  readonly called: ReadonlySet<string>;
}

/** What the database has, by qualified name. */
export interface Known {
  readonly relations: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
}

/** Reads the names from the list of schema docs and their function files: `core.shows.json`, `_functions.core.json`. */
export function knownRelations(files: readonly string[], read: (file: string) => string): Known {
  const docs = files.filter((file) => file.startsWith('supabase/schema_docs/') && file.endsWith('.json'));
  const names = docs.map((file) => file.slice('supabase/schema_docs/'.length, -'.json'.length));
  const functions = docs
    .filter((file) => file.includes('/_functions.'))
    .flatMap((file) => {
      const list = JSON.parse(read(file)) as readonly { readonly schema: string; readonly name: string }[];
      return list.map(({ schema, name }) => `${schema}.${name}`);
    });
  return { relations: new Set(names.filter((name) => !name.startsWith('_'))), functions: new Set(functions) };
}

const NAME = /(\b(?:insert into|update|delete from|merge into|truncate)\s+)?\b([a-z]+\.[a-z_][a-z0-9_]*)\b(\()?/gi;

/** What the texts of a file (strings and templates, not comments) name of the database. */
export function touchedBy(sources: Sources, file: string, known: Known): Touched {
  const [read, written, given, called] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const look = (text: string) => {
    if (known.relations.has(text)) {
      given.add(text);
      return;
    }
    for (const [, write, name = '', call] of text.matchAll(NAME)) {
      if (known.relations.has(name)) (write === undefined ? read : written).add(name);
      if (known.functions.has(name) && call !== undefined) called.add(name);
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      look(node.text);
    ts.forEachChild(node, visit);
  };
  visit(sources(file));
  return { read, written, given, called };
}
