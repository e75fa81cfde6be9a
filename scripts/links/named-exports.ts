import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Site } from './check.ts';
import type { Found, Page, Piece } from './page.ts';

const FILE = /^[\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs)$/;
const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * On a page about code, a name in backticks belongs to a file named beside it: to the file in parentheses behind it
 * (`sendWrite` (`src/...`)), else to the nearest one before it in the same paragraph, item or row. That file must export the
 * name, or have a member of that name in what it exports. Names in blocks without a file are free.
 */
export function namedExportProblems(site: Site, page: Page): Found[] {
  return page.blocks.flatMap((pieces) =>
    pieces.flatMap((piece, at) => {
      if (piece.kind !== 'code' || !NAME.test(piece.text)) return [];
      const file = ownerOf(pieces, at);
      // A file that is not there is told once, by the check of paths.
      if (file === undefined || !site.files.has(file)) return [];
      if (namesOf(join(site.root, file)).has(piece.text)) return [];
      return [{ line: piece.line, text: `\`${piece.text}\`: ${file} exports no such name` }];
    }),
  );
}

function ownerOf(pieces: readonly Piece[], at: number): string | undefined {
  const [between, behind] = [pieces[at + 1], pieces[at + 2]];
  if (between?.text === ' (' && behind?.kind === 'code' && FILE.test(behind.text)) return behind.text;
  return pieces.slice(0, at).findLast(({ kind, text }) => kind === 'code' && FILE.test(text))?.text;
}

/** The names a file exports, and those of the members of its exported objects and types. */
function namesOf(path: string): ReadonlySet<string> {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause !== undefined &&
      ts.isNamedExports(statement.exportClause)
    ) {
      for (const { name } of statement.exportClause.elements) names.add(name.text);
    }
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) continue;
    for (const name of declaredBy(statement)) names.add(name);
    addMembers(statement, names);
  }
  return names;
}

function declaredBy(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

function addMembers(node: ts.Node, names: Set<string>): void {
  const isMember =
    ts.isPropertyAssignment(node) ||
    ts.isShorthandPropertyAssignment(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node);
  if (isMember && ts.isIdentifier(node.name)) names.add(node.name.text);
  ts.forEachChild(node, (child) => addMembers(child, names));
}
