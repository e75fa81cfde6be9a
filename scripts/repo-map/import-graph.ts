import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface ImportEdge {
  /** Importing file, relative to the project, with `/`. */
  readonly from: string;
  /** Imported project file, likewise; it may not exist. */
  readonly to: string;
  /** Every import of this file by that one is of types: nothing is loaded at run time. */
  readonly typeOnly: boolean;
}

export interface PackageImport {
  readonly from: string;
  /** As written: `pg`, `node:fs`, `fastify/types`. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

export interface ImportGraph {
  /** The code files the graph was read from, sorted. */
  readonly files: readonly string[];
  /** One edge per pair of files, sorted. */
  readonly edges: readonly ImportEdge[];
  readonly packages: readonly PackageImport[];
}

const CODE = /\.(ts|mts|js|mjs)$/;

/** Part of the program: under `src`, and not a test (tests beside the code may use `tests/helpers` and any room). */
export function isProgram(file: string): boolean {
  return file.startsWith('src/') && !isTest(file);
}

export function isTest(file: string): boolean {
  return /\.(test|long)\.ts$/.test(file);
}

/**
 * Who imports whom among these files: static, dynamic, re-exported and type imports.
 * @param files paths as `sources` takes them; what is not code is skipped
 */
export function readImports(sources: Sources, files: readonly string[]): ImportGraph {
  const code = files.filter((file) => CODE.test(file)).sort();
  const edges = new Map<string, ImportEdge>();
  const packages = new Map<string, PackageImport>();
  for (const from of code) {
    for (const { specifier, typeOnly } of importsOf(sources(from))) {
      if (specifier.startsWith('.')) {
        const to = posix.join(posix.dirname(from), specifier);
        keep(edges, `${from} ${to}`, { from, to, typeOnly });
      } else keep(packages, `${from} ${specifier}`, { from, specifier, typeOnly });
    }
  }
  return { files: code, edges: inOrder(edges), packages: inOrder(packages) };
}

/** The graph of some of the files alone, with all they import. */
export function within(graph: ImportGraph, includes: (file: string) => boolean): ImportGraph {
  return {
    files: graph.files.filter(includes),
    edges: graph.edges.filter(({ from }) => includes(from)),
    packages: graph.packages.filter(({ from }) => includes(from)),
  };
}

/** A file of the project, parsed; each once. */
export type Sources = (file: string) => ts.SourceFile;

export function sourcesIn(root: string): Sources {
  const parsed = new Map<string, ts.SourceFile>();
  return (file) => {
    const known = parsed.get(file);
    if (known !== undefined) return known;
    const text = readFileSync(join(root, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    parsed.set(file, source);
    return source;
  };
}

/** One import of values makes the edge one of values. */
function keep<T extends { readonly typeOnly: boolean }>(map: Map<string, T>, key: string, item: T): void {
  if (map.get(key)?.typeOnly !== false) map.set(key, item);
}

function inOrder<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      found.push({ specifier: specifier.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importsTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  return clause.isTypeOnly || (clause.name === undefined && allTypes(clause.namedBindings));
}

/** `{ type A, type B }`: every name is marked. */
function allTypes(names: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (names === undefined || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}
