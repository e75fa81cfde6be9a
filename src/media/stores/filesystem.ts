import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { link, mkdir, open, opendir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isKey } from '../keys.ts';
import { type ObjectStore, type StoredObject, StoreError } from './store.ts';

/** Files being written; beside the keys' own folder, so that a rename stays on one disk. */
const INCOMING = '.incoming';
const PAGE = 1000;

/**
 * Files in a folder of this machine. A file appears under its key whole or not at all: it is written elsewhere, synced, then linked to its name,
 * which fails when the name is taken. No symbolic link is followed, neither as a file nor on the way to it.
 * @param folder made when needed
 */
export function createFilesystemStore(folder: string): ObjectStore {
  const root = resolve(folder);

  const pathOf = (key: string): string => {
    if (!isKey(key)) throw new Error(`not a key of ours: ${key}`);
    return join(root, ...key.split('/'));
  };
  /** The path, once it is known that no folder on the way is a link to somewhere else. */
  const checked = async (key: string): Promise<string | undefined> => {
    const path = pathOf(key);
    const parent = await realpath(dirname(path)).catch(ignoreMissing);
    if (parent === undefined) return undefined;
    const expected = join(await realpath(root), dirname(path).slice(root.length));
    if (parent !== expected) throw new StoreError(`${dirname(key)} is a symbolic link: not followed`);
    return path;
  };

  const openFile = async (key: string) => {
    const path = await checked(key);
    if (path === undefined) return undefined;
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      if (codeOf(error) === 'ELOOP') throw new StoreError(`${key} is a symbolic link: not followed`);
      return ignoreMissing(error);
    });
    return file;
  };

  return {
    kind: 'filesystem',
    bucket: null,
    async put(key, bytes, { overwrite = false }) {
      const path = pathOf(key);
      const incoming = join(root, INCOMING);
      await mkdir(incoming, { recursive: true, mode: 0o755 });
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await checked(key);
      const part = join(incoming, randomUUID());
      try {
        const file = await open(part, 'wx', 0o644);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        if (overwrite) {
          await rename(part, path);
          return 'stored';
        }
        return await link(part, path).then(
          () => 'stored' as const,
          (error: unknown) => {
            if (codeOf(error) === 'EEXIST') return 'exists' as const;
            throw error;
          },
        );
      } catch (error) {
        throw asStoreError(error);
      } finally {
        await rm(part, { force: true });
      }
    },
    async head(key) {
      const file = await openFile(key);
      if (file === undefined) return undefined;
      try {
        const found = await file.stat();
        return found.isFile() ? { key, bytes: found.size, etag: null, modifiedAt: found.mtime } : undefined;
      } finally {
        await file.close();
      }
    },
    async get(key, range) {
      const file = await openFile(key);
      if (file === undefined) return undefined;
      return file.createReadStream(range === undefined ? {} : { start: range.from, end: range.to });
    },
    async deleteMany(keys) {
      const deleted: string[] = [];
      const failed: { key: string; error: string }[] = [];
      for (const key of keys) {
        try {
          const path = await checked(key);
          if (path !== undefined) await rm(path, { force: true });
          deleted.push(key);
        } catch (error) {
          failed.push({ key, error: asStoreError(error).message });
        }
      }
      return { deleted, failed };
    },
    async *list(prefix) {
      let page: StoredObject[] = [];
      for await (const found of walk(join(root, 'images'), 'images', prefix)) {
        page.push(found);
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
    async tidy(olderThan) {
      let removed = 0;
      for (const name of (await readdir(join(root, INCOMING)).catch(ignoreMissing)) ?? []) {
        const path = join(root, INCOMING, name);
        const found = await stat(path).catch(ignoreMissing);
        if (found === undefined || found.mtime > olderThan) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
    close: () => undefined,
  };
}

/** Files below a folder in the order of their keys; links and oddly named files are not ours. */
async function* walk(folder: string, key: string, prefix: string): AsyncGenerator<StoredObject> {
  const entries: Dirent[] = [];
  const directory = await opendir(folder).catch(ignoreMissing);
  if (directory === undefined) return;
  for await (const entry of directory) entries.push(entry);
  // A folder sorts as its keys do: with the slash.
  const nameOf = (entry: Dirent) => (entry.isDirectory() ? `${entry.name}/` : entry.name);
  entries.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  for (const entry of entries) {
    const inner = `${key}/${entry.name}`;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (`${inner}/`.startsWith(prefix) || prefix.startsWith(`${inner}/`)) yield* walk(path, inner, prefix);
    } else if (entry.isFile() && inner.startsWith(prefix) && isKey(inner)) {
      const found = await stat(path).catch(ignoreMissing);
      if (found !== undefined) yield { key: inner, bytes: found.size, etag: null, modifiedAt: found.mtime };
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
  throw asStoreError(error);
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(`the folder of images refused: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
