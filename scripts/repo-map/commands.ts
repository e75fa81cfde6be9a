import { posix } from 'node:path';
import ts from 'typescript';
import type { Sources } from './import-graph.ts';

/** A command of the program that does something: `trr db migrate` has the words `['db', 'migrate']`. */
export interface Command {
  readonly words: readonly string[];
  readonly description: string;
  /** The file that defines it. */
  readonly file: string;
}

/** Where the whole command line begins. */
const MAIN = 'src/cli/main.ts';
const ROOT = 'root';

/**
 * Every command of the program except those that only group others, read from the code without running it.
 * @throws Error when a command is written in a form this cannot follow
 */
export function readCommands(sources: Sources): Command[] {
  const follow: Follow = (file, name) => object(declared(sources(file), name), follow);
  const walk = (words: readonly string[], definition: ts.ObjectLiteralExpression): Command[] => {
    const children = property(definition, 'subCommands');
    if (children === undefined) {
      return [{ words, description: descriptionOf(definition, follow), file: definition.getSourceFile().fileName }];
    }
    return object(children, follow).properties.flatMap((member) =>
      walk([...words, nameOf(member)], object(valueOf(member), follow)),
    );
  };
  const text = ({ words }: Command) => words.join(' ');
  return walk([], follow(MAIN, ROOT)).sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** The object literal that a file exports, or declares, under a name. */
type Follow = (file: string, name: string) => ts.ObjectLiteralExpression;

/** What makes its argument a command and changes nothing of it. */
const WRAPPERS = new Set(['defineCommand', 'withRest']);

/** The object literal an expression stands for. */
function object(node: ts.Node, follow: Follow): ts.ObjectLiteralExpression {
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return object(node.expression, follow);
  }
  if (ts.isIdentifier(node)) {
    const imported = importOf(node);
    return imported === undefined ? object(declared(node, node.text), follow) : follow(imported.file, imported.name);
  }
  const lazy = lazyImport(node);
  if (lazy !== undefined) return follow(lazy.file, lazy.name);
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const [first] = node.arguments;
    if (WRAPPERS.has(node.expression.text) && first !== undefined) return object(first, follow);
    return object(node.expression, follow);
  }
  if (ts.isFunctionDeclaration(node)) {
    const result = node.body?.statements.findLast(ts.isReturnStatement)?.expression;
    if (result !== undefined) return object(result, follow);
  }
  throw unreadable(node);
}

/** The value or function that a name stands for where `place` is: the nearest one around it. */
function declared(place: ts.Node, name: string): ts.Node {
  for (let scope: ts.Node | undefined = place; scope !== undefined; scope = scope.parent) {
    if (!ts.isSourceFile(scope) && !ts.isBlock(scope)) continue;
    for (const statement of scope.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return statement;
      if (!ts.isVariableStatement(statement)) continue;
      const found = statement.declarationList.declarations.find(
        (one) => ts.isIdentifier(one.name) && one.name.text === name,
      );
      if (found?.initializer !== undefined) return found.initializer;
    }
  }
  throw new Error(`${place.getSourceFile().fileName}: ${name} is not declared here`);
}

interface Target {
  readonly file: string;
  readonly name: string;
}

function importOf(name: ts.Identifier): Target | undefined {
  for (const statement of name.getSourceFile().statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !ts.isNamedImports(names)) continue;
    const element = names.elements.find((one) => one.name.text === name.text);
    if (element !== undefined) {
      return {
        file: resolved(name, statement.moduleSpecifier.text),
        name: (element.propertyName ?? element.name).text,
      };
    }
  }
  return undefined;
}

/** `() => import('./x.ts').then((m) => m.y)`. */
function lazyImport(node: ts.Node): Target | undefined {
  if (
    !ts.isArrowFunction(node) ||
    !ts.isCallExpression(node.body) ||
    !ts.isPropertyAccessExpression(node.body.expression)
  ) {
    return undefined;
  }
  const [pick] = node.body.arguments;
  const loaded = node.body.expression.expression;
  if (!ts.isCallExpression(loaded) || loaded.expression.kind !== ts.SyntaxKind.ImportKeyword) return undefined;
  const [specifier] = loaded.arguments;
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
  if (pick === undefined || !ts.isArrowFunction(pick) || !ts.isPropertyAccessExpression(pick.body)) return undefined;
  return { file: resolved(node, specifier.text), name: pick.body.name.text };
}

function resolved(place: ts.Node, specifier: string): string {
  return posix.join(posix.dirname(place.getSourceFile().fileName), specifier);
}

function property(literal: ts.ObjectLiteralExpression, name: string): ts.Node | undefined {
  const member = literal.properties.find((one) => one.name !== undefined && nameOf(one) === name);
  return member === undefined ? undefined : valueOf(member);
}

function nameOf(member: ts.ObjectLiteralElementLike): string {
  if (member.name !== undefined && (ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)))
    return member.name.text;
  throw unreadable(member);
}

function valueOf(member: ts.ObjectLiteralElementLike): ts.Node {
  if (ts.isPropertyAssignment(member)) return member.initializer;
  if (ts.isShorthandPropertyAssignment(member)) return member.name;
  throw unreadable(member);
}

function descriptionOf(definition: ts.ObjectLiteralExpression, follow: Follow): string {
  const meta = property(definition, 'meta');
  const text = meta === undefined ? undefined : property(object(meta, follow), 'description');
  return text === undefined ? '' : words(text);
}

/** A text as far as it is written out; what is put in is three dots. */
function words(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node)) return `${words(node.left)}${words(node.right)}`;
  if (!ts.isTemplateExpression(node)) return '...';
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('...');
}

function unreadable(node: ts.Node): Error {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return new Error(
    `${source.fileName}:${line + 1}: the map of commands cannot follow "${node.getText().slice(0, 60)}"`,
  );
}
