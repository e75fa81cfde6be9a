import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { openStore } from '../../media/stores/open.ts';
import { type ObjectStore, StoreError } from '../../media/stores/store.ts';
import { type Check, type Finding, fail, notOffline, ok } from './check.ts';

/** Where images are kept: reading, and on request (`--probe-writes`) writing, reading back and removing a probe object. */
export const objectStore: Check = {
  name: 'object store',
  async run(context) {
    const { s3, folder } = context.config.media;
    if (s3 !== null) {
      // Without an endpoint it is Amazon's.
      const offline = notOffline(context, s3.endpoint ?? 'https://s3.amazonaws.com');
      if (offline !== null) return [offline];
    } else {
      const state = await folderState(folder);
      if (state !== null && !context.probeWrites) return [state];
    }
    const store = await openStore(context.config.media);
    const where = store.kind === 's3' ? `bucket ${store.bucket}` : `folder ${folder}`;
    try {
      const read = await readable(store, where);
      return context.probeWrites && read.status === 'ok' ? [read, await probe(store, where)] : [read];
    } finally {
      store.close();
    }
  },
};

/** What is to be said of a folder before it is listed; null when it is there and open. */
async function folderState(folder: string): Promise<Finding | null> {
  try {
    await access(folder, constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') return ok(`folder ${folder} is made with the first image`);
    return fail(
      `folder ${folder} cannot be used (${String(code)}): make it readable and writable, or set TRR_MEDIA_DIR`,
    );
  }
}

async function readable(store: ObjectStore, where: string): Promise<Finding> {
  try {
    for await (const page of store.list('images/')) {
      return ok(
        `${where} can be read: ${page.length === 0 ? 'no images' : `${page.length}${page.length >= 1000 ? ' or more' : ''} images`}`,
      );
    }
    return ok(`${where} can be read: no images`);
  } catch (error) {
    return refused(where, 'list', error);
  }
}

async function probe(store: ObjectStore, where: string): Promise<Finding> {
  const bytes = randomBytes(32);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = `images/doctor/${sha256}.bin`;
  let step = 'write';
  try {
    await store.put(key, bytes, { contentType: 'application/octet-stream', sha256 });
    step = 'read back';
    const found = await store.get(key);
    const same = found !== undefined && bytes.equals(await buffer(found));
    step = 'remove';
    const { failed } = await store.deleteMany([key]);
    if (failed[0] !== undefined) return fail(`${where}: the probe object ${key} stays: ${failed[0].error}`);
    if (!same) return fail(`${where}: what was written came back different`);
    return ok(`${where}: a probe object was written, read back and removed`);
  } catch (error) {
    // Whatever was written must not stay.
    if (step !== 'write') await store.deleteMany([key]).catch(() => undefined);
    return refused(where, step, error);
  }
}

function refused(where: string, step: string, error: unknown): Finding {
  if (!(error instanceof StoreError)) throw error;
  return fail(`${where}: cannot ${step} (${error.message}): check the AWS_* variables and the bucket's rights`);
}
