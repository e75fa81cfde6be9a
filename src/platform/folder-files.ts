import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './db/errors.ts';

/** File name (with `/` below the folder) -> text: all that a generated folder holds. */
export type FolderFiles = ReadonlyMap<string, string>;

/** How a folder differs from what it should hold, by file name, each sorted. */
export interface FolderDifferences {
  readonly stale: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Everything below the folder that is not a folder, sorted; nothing when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(whenMissing([]));
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/** What to take for a file or folder that is not there; every other refusal of the system stays one. For `catch`. */
export function whenMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (errorCode(error) === 'ENOENT') return instead;
    throw error;
  };
}

/** Compares the whole folder with the files, byte by byte; touches nothing. */
export async function compareFolder(files: FolderFiles, folder: string): Promise<FolderDifferences> {
  const present = await namesIn(folder);
  const stale: string[] = [];
  for (const name of present) {
    const wanted = files.get(name);
    if (wanted !== undefined && !(await readFile(path.join(folder, name))).equals(Buffer.from(wanted)))
      stale.push(name);
  }
  return {
    stale,
    missing: [...files.keys()].filter((name) => !present.includes(name)).sort(),
    extra: present.filter((name) => !files.has(name)),
  };
}

/** Makes the folder hold exactly these files. @returns what was different before. */
export async function writeFolder(files: FolderFiles, folder: string): Promise<FolderDifferences> {
  const before = await compareFolder(files, folder);
  await mkdir(folder, { recursive: true });
  for (const name of before.extra) await rm(path.join(folder, name));
  for (const name of [...before.stale, ...before.missing]) {
    const target = path.join(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, files.get(name) ?? '');
  }
  return before;
}

/** One line per difference: what is wrong and the file below `folder`. */
export function differenceLines(differences: FolderDifferences, folder: string): string[] {
  return (['stale', 'missing', 'extra'] as const).flatMap((kind) =>
    differences[kind].map((name) => `${kind.padEnd(7)} ${folder}/${name}`),
  );
}
