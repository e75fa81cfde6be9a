import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export interface ImportEdge {
  /** Importing file, relative to the project, with `/`. */
  readonly from: string;
  /** Imported project file, likewise. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Files under `src` that are part of the program: tests beside them may use `tests/helpers` and any room. */
function programFiles(root: string): string[] {
  return globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
}

/** Every import between the program's own files, static and dynamic, type imports included. */
export function importGraph(root: string): ImportEdge[] {
  return programFiles(root).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return ts
      .preProcessFile(text, true, true)
      .importedFiles.filter((imported) => imported.fileName.startsWith('.'))
      .map((imported) => ({
        from: file,
        to: relative(root, resolve(root, dirname(file), imported.fileName)),
        typeOnly: /import\s+type\s[^;]*$/.test(text.slice(0, imported.pos).slice(-400)),
      }));
  });
}

/** The packages a file imports, by specifier. */
export function packageImports(root: string): { from: string; specifier: string }[] {
  return programFiles(root).flatMap((file) =>
    ts
      .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
      .importedFiles.filter((imported) => !imported.fileName.startsWith('.'))
      .map((imported) => ({ from: file, specifier: imported.fileName })),
  );
}
