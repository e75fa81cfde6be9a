import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
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
  /** Gives back what it takes on disk; always call it. */
  discard(): Promise<void>;
}

/** @param folder for what does not stay in memory; made when needed */
export function createSpool(folder: string): Spool {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  const toDisk = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `trr-${randomUUID()}.part`);
    file = await open(path, 'wx+', 0o600);
    // Nameless from here on: however the process ends, nothing is left.
    await rm(path);
    for (const chunk of chunks) await file.write(chunk);
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
      await (file ?? (await toDisk())).write(chunk);
      passedThrough(chunk.byteLength);
    },
    get bytes() {
      return bytes;
    },
    read: async () => (file === undefined ? Buffer.concat(chunks) : readWhole(file, bytes)),
    async discard() {
      chunks = [];
      await file?.close();
      file = undefined;
    },
  };
}

async function readWhole(file: FileHandle, bytes: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(whole, at, bytes - at, at);
    if (bytesRead === 0) throw new Error('a file on disk became shorter');
    at += bytesRead;
  }
  return whole;
}
