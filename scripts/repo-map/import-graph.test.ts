import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readCommands } from './commands.ts';
import { readImports, type Sources } from './import-graph.ts';

/** A project of these files, in memory. */
function sourcesOf(files: Readonly<Record<string, string>>): Sources {
  return (file) => ts.createSourceFile(file, files[file] ?? '', ts.ScriptTarget.Latest, true);
}

function imports(text: string): string[] {
  const { edges, packages } = readImports(sourcesOf({ 'src/a/b.ts': text }), ['src/a/b.ts', 'README.md']);
  const targets = [
    ...edges.map(({ to, typeOnly }) => [to, typeOnly]),
    ...packages.map((p) => [p.specifier, p.typeOnly]),
  ];
  return targets.map(([to, typeOnly]) => `${to}${typeOnly === true ? ' (type)' : ''}`);
}

describe('the import graph', () => {
  it.each([
    ["import { x } from './c.ts';", ['src/a/c.ts']],
    ["import x, { type Y } from '../c.ts';", ['src/c.ts']],
    ["import * as all from './c.ts';", ['src/a/c.ts']],
    ["import './c.ts';", ['src/a/c.ts']],
    ["import data from '../data.json' with { type: 'json' };", ['src/data.json']],
    ["export { x } from './c.ts';", ['src/a/c.ts']],
    ["export * from './c.ts';", ['src/a/c.ts']],
    ["const c = await import('./c.ts');", ['src/a/c.ts']],
    ["import type { X } from './c.ts';", ['src/a/c.ts (type)']],
    ["import { type X, type Y } from './c.ts';", ['src/a/c.ts (type)']],
    ["import { type X, y } from './c.ts';", ['src/a/c.ts']],
    ["export type { X } from './c.ts';", ['src/a/c.ts (type)']],
    ["type X = import('./c.ts').X;", ['src/a/c.ts (type)']],
    ["import type { X } from './c.ts';\nimport { y } from './c.ts';", ['src/a/c.ts']],
    ["import { y } from './c.ts';\nimport type { X } from './c.ts';", ['src/a/c.ts']],
    ["import pg from 'pg';\nimport type { X } from '@scope/x';", ['@scope/x (type)', 'pg']],
    ["// import './c.ts'\nconst text = \"import './d.ts'\";", []],
  ])('reads %j', (text, expected) => {
    expect(imports(text)).toEqual(expected);
  });
});

describe('the commands', () => {
  const read = (files: Readonly<Record<string, string>>) =>
    readCommands(sourcesOf(files)).map(
      ({ words, description, file }) => `${words.join(' ')} | ${description} | ${file}`,
    );

  it('are found through imports, groups, functions and wrappers', () => {
    expect(
      read({
        'src/cli/main.ts': `import { dbCommand } from './db.ts';
          const root = defineCommand({ subCommands: {
            db: dbCommand,
            'do-it': () => import('./do.ts').then((m) => m.doCommand),
            both: () => import('./both.ts').then((m) => m.bothCommand) } });`,
        'src/cli/db.ts': `const up = defineCommand({ meta: { description: 'Go ' + 'up' } });
          export const dbCommand = defineCommand({ subCommands: { up } });`,
        'src/cli/do.ts':
          "export const doCommand = withRest(defineCommand({ meta: { description: 'Do it' } }), 'words');",
        'src/cli/both.ts': `function parts(kind) { const one = defineCommand({ meta: { description: \`One \${kind} here\` } }); return { one }; }
          export const bothCommand = defineCommand({ subCommands: parts('x') });`,
      }),
    ).toEqual([
      'both one | One ... here | src/cli/both.ts',
      'db up | Go up | src/cli/db.ts',
      'do-it | Do it | src/cli/do.ts',
    ]);
  });

  it('fail loudly where they are written in a new form', () => {
    const files = { 'src/cli/main.ts': 'const root = defineCommand({ subCommands: { ...others } });' };
    expect(() => read(files)).toThrow('src/cli/main.ts:1: the map of commands cannot follow "...others"');
  });
});
