import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectKey } from '../../src/media/keys.ts';
import { createFilesystemStore } from '../../src/media/stores/filesystem.ts';
import { createS3Store } from '../../src/media/stores/s3.ts';
import type { ObjectStore } from '../../src/media/stores/store.ts';
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../s3/server.ts';

const PNG = { contentType: 'image/png' };
const put = (store: ObjectStore, key: string, text: string, over = {}) =>
  store.put(key, Buffer.from(text), { ...PNG, sha256: hash('sha256', text, 'hex'), ...over });
const keyOf = (text: string) => objectKey(hash('sha256', text, 'hex'), '.png');
const read = async (store: ObjectStore, key: string, range?: { from: number; to: number }) => {
  const found = await store.get(key, range);
  return found === undefined ? undefined : (await buffer(found)).toString();
};
const listed = async (store: ObjectStore, prefix: string) => {
  const keys: string[] = [];
  for await (const page of store.list(prefix)) keys.push(...page.map(({ key }) => key));
  return keys;
};

let s3: S3Server;
let folder: string;
const stores: Record<string, ObjectStore> = {};

beforeAll(async () => {
  s3 = await startS3Server({ pageSize: 4 });
  folder = mkdtempSync(join(tmpdir(), 'trr-store-'));
  stores['filesystem'] = createFilesystemStore(join(folder, 'store'));
  stores['s3'] = createS3Store(s3Config());
});
afterAll(async () => {
  for (const store of Object.values(stores)) store.close();
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

function s3Config() {
  const { accessKeyId: id, secretAccessKey: secret, region } = S3_CREDENTIALS;
  return {
    bucket: s3.bucket,
    region,
    endpoint: s3.url,
    profile: null,
    keys: { id, secret, session: null },
    metadataService: false,
  };
}

describe.each(['filesystem', 's3'])('the contract of a store (V6): %s', (name) => {
  const store = () => {
    const found = stores[name];
    if (found === undefined) throw new Error(`no store ${name}`);
    return found;
  };

  it('keeps the first of two puts, and says so', async () => {
    const key = keyOf('first');
    expect(await put(store(), key, 'first')).toBe('stored');
    expect(await put(store(), key, 'other')).toBe('exists');
    expect(await read(store(), key)).toBe('first');
    expect(await put(store(), key, 'third', { overwrite: true })).toBe('stored');
    expect(await read(store(), key)).toBe('third');
  });

  it('lets exactly one of many writers win', async () => {
    const key = keyOf('race');
    const answers = await Promise.all(Array.from({ length: 20 }, () => put(store(), key, 'race')));
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
  });

  it('knows size and existence', async () => {
    const key = keyOf('sized');
    expect(await store().head(key)).toBeUndefined();
    await put(store(), key, 'sized');
    const before = Date.now() - 60_000;
    const found = await store().head(key);
    expect(found).toMatchObject({ key, bytes: 5 });
    expect(found?.modifiedAt.getTime()).toBeGreaterThan(before);
  });

  it('gives back parts', async () => {
    const key = keyOf('0123456789');
    await put(store(), key, '0123456789');
    expect(await read(store(), key, { from: 2, to: 5 })).toBe('2345');
    expect(await read(store(), key, { from: 8, to: 9 })).toBe('89');
    expect(await read(store(), keyOf('never'))).toBeUndefined();
  });

  it('lists by prefix, over pages, in order', async () => {
    const keys = Array.from({ length: 11 }, (_, i) => `images/shows/tt1/poster/tmdb/${String(i).padStart(2, '0')}.png`);
    for (const key of keys) await put(store(), key, 'x');
    await put(store(), 'images/shows/tt10/poster/tmdb/00.png', 'x');
    expect(await listed(store(), 'images/shows/tt1/')).toEqual(keys);
    expect(await listed(store(), 'images/shows/tt1')).toHaveLength(12);
    expect(await listed(store(), 'images/people/')).toEqual([]);
    const everything = await listed(store(), 'images/');
    expect(everything).toEqual([...everything].sort());
  });

  it('deletes many, also what is not there', async () => {
    const keys = Array.from({ length: 5 }, (_, i) => `images/seasons/tt2/season-1/tmdb/${i}.png`);
    for (const key of keys.slice(0, 3)) await put(store(), key, 'x');
    expect(await store().deleteMany(keys)).toEqual({ deleted: keys, failed: [] });
    expect(await listed(store(), 'images/seasons/tt2/')).toEqual([]);
    expect(await store().deleteMany([])).toEqual({ deleted: [], failed: [] });
  });

  it.each([
    '',
    '../x.png',
    'images/../../x.png',
    '/images/x.png',
    'images//x.png',
    'images/.x/y.png',
    'images/x\0.png',
    'other/x.png',
  ])('takes no key like "%s"', async (key) => {
    await expect(put(store(), key, 'x')).rejects.toThrow('not a key of ours');
    await expect(store().get(key)).rejects.toThrow('not a key of ours');
    await expect(store().head(key)).rejects.toThrow('not a key of ours');
  });
});

describe('the filesystem store', () => {
  it('follows no symbolic link, neither as a file nor on the way', async () => {
    const store = createFilesystemStore(join(folder, 'links'));
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret.png'), 'secret');
    mkdirSync(join(folder, 'links/images/shows'), { recursive: true });
    symlinkSync(join(outside, 'secret.png'), join(folder, 'links/images/shows/file.png'));
    symlinkSync(outside, join(folder, 'links/images/people'));
    await expect(store.get('images/shows/file.png')).rejects.toThrow('symbolic link');
    await expect(store.get('images/people/secret.png')).rejects.toThrow('symbolic link');
    await expect(store.head('images/people/secret.png')).rejects.toThrow('symbolic link');
    await expect(put(store, 'images/people/new.png', 'x')).rejects.toThrow('symbolic link');
    expect((await store.deleteMany(['images/people/secret.png'])).failed).toHaveLength(1);
    expect(await listed(store, 'images/')).toEqual([]);
    expect(existsSync(join(outside, 'secret.png'))).toBe(true);
    expect(existsSync(join(outside, 'new.png'))).toBe(false);
  });

  it('works in a folder that is itself reached by a link', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'named'));
    const store = createFilesystemStore(join(folder, 'named'));
    expect(await put(store, keyOf('x'), 'x')).toBe('stored');
    expect(await read(store, keyOf('x'))).toBe('x');
  });

  it('removes what interrupted writes left behind, not what is being written', async () => {
    const store = createFilesystemStore(join(folder, 'tidy'));
    const incoming = join(folder, 'tidy/.incoming');
    mkdirSync(incoming, { recursive: true });
    writeFileSync(join(incoming, 'old'), 'half');
    utimesSync(join(incoming, 'old'), new Date(0), new Date(0));
    writeFileSync(join(incoming, 'new'), 'half');
    expect(await store.tidy(new Date(Date.now() - 3_600_000))).toBe(1);
    expect(readdirSync(incoming)).toEqual(['new']);
  });
});

describe('the S3 store', () => {
  it('sends one conditional request per file, with type, caching and checksum', async () => {
    const before = s3.requests.length;
    await put(stores['s3'] as ObjectStore, keyOf('one request'), 'one request');
    expect(s3.requests.slice(before)).toEqual([{ operation: 'PutObject', key: keyOf('one request'), status: 200 }]);
    expect(s3.objects.get(keyOf('one request'))).toMatchObject({
      contentType: 'image/png',
      cacheControl: 'public, max-age=31536000, immutable',
    });
  });

  it('does not store a body that is not what its hash says (C7)', async () => {
    const store = stores['s3'] as ObjectStore;
    const key = keyOf('intended');
    await expect(
      store.put(key, Buffer.from('damaged'), { ...PNG, sha256: hash('sha256', 'intended', 'hex') }),
    ).rejects.toThrow('BadDigest');
    expect(s3.objects.has(key)).toBe(false);
  });

  it('deletes a thousand per request; reports the ones that stay', async () => {
    const keys = Array.from({ length: 2001 }, (_, i) => `images/shows/tt3/poster/tmdb/${i}.png`);
    for (const key of keys) s3.plant(key, Buffer.from('x'));
    s3.setFaults([{ on: 'DeleteObjects:key', key: /\/7\.png$/, fault: { status: 403, code: 'AccessDenied' } }]);
    const before = s3.count('DeleteObjects');
    const { deleted, failed } = await (stores['s3'] as ObjectStore).deleteMany(keys);
    s3.setFaults([]);
    expect(s3.count('DeleteObjects') - before).toBe(3);
    expect([deleted.length, failed]).toEqual([
      2000,
      [{ key: 'images/shows/tt3/poster/tmdb/7.png', error: expect.stringContaining('AccessDenied') }],
    ]);
  });

  it('a 403 is an error, not an absence', async () => {
    s3.setFaults([{ on: 'HeadObject', fault: { status: 403, code: 'AccessDenied' } }]);
    await expect((stores['s3'] as ObjectStore).head(keyOf('first'))).rejects.toThrow('the bucket refused head: 403');
    s3.setFaults([]);
  });

  it('tries again after a lost answer, and finds its own file there', async () => {
    s3.setFaults([{ on: 'PutObject', times: 1, fault: 'reset', after: true }]);
    expect(await put(stores['s3'] as ObjectStore, keyOf('lost answer'), 'lost answer')).toBe('exists');
    expect(s3.objects.get(keyOf('lost answer'))?.body.toString()).toBe('lost answer');
  });

  it('needs the right secret', async () => {
    const store = createS3Store({
      ...s3Config(),
      keys: { id: S3_CREDENTIALS.accessKeyId, secret: 'wrong', session: null },
    });
    await expect(put(store, keyOf('x'), 'x')).rejects.toThrow('SignatureDoesNotMatch');
    store.close();
  });
});
