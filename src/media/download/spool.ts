import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { passedThrough } from '../../platform/memory.ts';

/** What stays in memory of one file while it arrives; the rest goes to disk, so that many large ones at once need no more (S2). */
const IN_MEMORY = 512 * 1024;

/** Takes a file as it comes in, and gives it back whole. */
export interface Spool {
  write(chunk: Uint8Array): Promise<void>;
  readonly bytes: number;
  /** Everything written. Call it where few do at a time: here it is in memory. */
  read(): Promise<Buffer>;
  /** Removes what is on disk; always call it. */
  discard(): Promise<void>;
}

/** @param folder for what does not stay in memory; made when needed */
export function createSpool(folder: string): Spool {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let file: { readonly path: string; readonly handle: FileHandle } | undefined;
  const toDisk = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${randomUUID()}.part`);
    file = { path, handle: await open(path, 'wx', 0o600) };
    for (const chunk of chunks) await file.handle.write(chunk);
    chunks = [];
    return file;
  };
  return {
    async write(chunk) {
      bytes += chunk.byteLength;
      if (file === undefined && bytes <= IN_MEMORY) {
        chunks.push(chunk);
        return;
      }
      await (file ?? (await toDisk())).handle.write(chunk);
      passedThrough(chunk.byteLength);
    },
    get bytes() {
      return bytes;
    },
    read: async () => (file === undefined ? Buffer.concat(chunks) : readFile(file.path)),
    async discard() {
      chunks = [];
      if (file === undefined) return;
      await file.handle.close();
      await rm(file.path, { force: true });
    },
  };
}
