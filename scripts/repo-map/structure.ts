import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, flowchart } from './mermaid.ts';
import { HEAD } from './page.ts';

/** A folder of the project: its sub-folders and files by name. */
interface Folder {
  readonly path: string;
  readonly folders: Map<string, Folder>;
  readonly files: string[];
}

/** Folders whose files are data or generated: named, not listed, so that the map changes only when the project's shape does. */
export const CLOSED: Readonly<Record<string, string>> = {
  'docs/Repository/generated': 'generated: these maps',
  'supabase/schema_docs': 'generated: one page per table, view and schema',
  'sample/snapshots': 'saved answers of sources',
  'tests/simulator/data': 'data of the simulated sources',
  'tests/fixtures': 'saved inputs of tests',
};

/** More folders than this in one chart are hard to read: the chart is split. */
const MOST_NODES = 36;

/** Every folder and file, with what a code file says of itself in its first comment. */
export function structureList(root: string, files: readonly string[]): string {
  const lines: string[] = [];
  const visit = (folder: Folder, depth: number) => {
    const indent = '  '.repeat(depth);
    for (const child of folder.folders.values()) {
      const closed = CLOSED[child.path];
      lines.push(`${indent}- **${nameOf(child.path)}/**${closed === undefined ? '' : ` (${closed}; not listed)`}`);
      if (closed === undefined) visit(child, depth + 1);
    }
    for (const file of folder.files) {
      const purpose = purposeOf(root, file);
      lines.push(`${indent}- \`${nameOf(file)}\`${purpose === undefined ? '' : `: ${purpose}`}`);
    }
  };
  visit(treeOf(files), 0);
  return [
    '# Structure',
    '',
    HEAD,
    '',
    'Every folder and file. A sentence behind a file is the first of the comment that opens it.',
    '',
    ...lines,
    '',
  ].join('\n');
}

/** The folders as charts of at most a few dozen each. */
export function structureDiagram(files: readonly string[]): string {
  const root = treeOf(files);
  const lines = ['# Structure, drawn', '', HEAD, '', 'The folders; a large one has a chart of its own below.', ''];
  const draw = (folder: Folder) => {
    const whole = below(folder);
    const shown = whole.length <= MOST_NODES ? whole : [...folder.folders.values()];
    lines.push(`## ${folder.path === '' ? 'The project' : folder.path}`, '');
    const label = (path: string) => (path === '' ? '/' : `${nameOf(path)}/`);
    lines.push(
      ...block(
        flowchart(
          'LR',
          [folder, ...shown].map(({ path }) => ({
            name: path,
            label: path === folder.path ? path || '/' : label(path),
          })),
          shown.map(({ path }) => ({ from: parentOf(path), to: path })),
        ),
      ),
    );
    if (shown !== whole) for (const child of folder.folders.values()) if (opens(child)) draw(child);
  };
  draw(root);
  return lines.join('\n');
}

function opens(folder: Folder): boolean {
  return folder.folders.size > 0 && CLOSED[folder.path] === undefined;
}

function below(folder: Folder): Folder[] {
  if (CLOSED[folder.path] !== undefined) return [];
  return [...folder.folders.values()].flatMap((child) => [child, ...below(child)]);
}

function treeOf(files: readonly string[]): Folder {
  const root: Folder = { path: '', folders: new Map(), files: [] };
  for (const file of files) {
    const parts = file.split('/').slice(0, -1);
    let folder = root;
    for (const [at, name] of parts.entries()) {
      const child = folder.folders.get(name) ?? {
        path: parts.slice(0, at + 1).join('/'),
        folders: new Map(),
        files: [],
      };
      folder.folders.set(name, child);
      folder = child;
    }
    folder.files.push(file);
  }
  return root;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The first sentence of the comment that opens the file. */
function purposeOf(root: string, file: string): string | undefined {
  if (!file.endsWith('.ts')) return undefined;
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  const text = comment
    ?.replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/)[0]
    ?.replaceAll(/\s+/g, ' ');
  return text === undefined ? undefined : (/^.*?[.:](?= |$)/.exec(text)?.[0].replace(/[.:]$/, '') ?? text);
}
