import type { FolderFiles } from '../../src/platform/folder-files.ts';
import { projectFiles } from '../lib/project-files.ts';
import { flowPage } from './flow.ts';
import { type ImportGraph, readImports, sourcesIn } from './import-graph.ts';
import { importPage } from './imports.ts';
import { handWritten, linkIndex } from './links.ts';
import { structureDiagram, structureList } from './structure.ts';

/** Where the maps are, relative to the project. */
export const MAPS = 'docs/Repository/generated';

/** The names are fixed, so that the list of files says the same before the first run as after it. */
const PAGES = ['commands.md', 'import-graph.md', 'link-index.md', 'structure-diagram.md', 'structure-list.md'];

export interface RepoMaps {
  /** File name below `MAPS` -> text. */
  readonly files: FolderFiles;
  readonly graph: ImportGraph;
}

/**
 * The maps of the project in `root`: the same files give the same bytes, in any folder, on any machine. Reads only.
 * @throws Error when a command or an import is written in a form the maps cannot follow
 */
export function repoMaps(root: string): RepoMaps {
  const found = projectFiles(root).filter((file) => !file.startsWith(`${MAPS}/`));
  const files = [...found, ...PAGES.map((page) => `${MAPS}/${page}`)].sort();
  const sources = sourcesIn(root);
  const graph = readImports(sources, found);
  const pages = new Map([
    ['commands.md', flowPage(root, found, sources, graph)],
    ['import-graph.md', importPage(graph)],
    ['link-index.md', linkIndex(linkedSite(root, found, files))],
    ['structure-diagram.md', structureDiagram(files)],
    ['structure-list.md', structureList(root, files)],
  ]);
  return { files: pages, graph };
}

/** Hand-written pages may link to the maps, which may not be there yet. */
function linkedSite(root: string, found: readonly string[], files: readonly string[]) {
  const site = handWritten(root, found);
  const folders = new Set([...site.folders, MAPS, 'docs/Repository']);
  return { ...site, folders, files: new Set(files) };
}
