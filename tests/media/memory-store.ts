import { hash } from 'node:crypto';
import type { ObjectStore, StoredObject } from '../../src/media/stores/store.ts';

/** A store of names: what property tests with thousands of histories need of one. The real ones share a contract (`store-contract.test.ts`). */
export interface NameStore extends ObjectStore {
  readonly files: Map<string, StoredObject>;
}

export function createNameStore(): NameStore {
  const files = new Map<string, StoredObject>();
  return {
    kind: 'filesystem',
    bucket: null,
    files,
    async put(key, bytes, { overwrite = false }) {
      if (files.has(key) && !overwrite) return 'exists';
      files.set(key, { key, bytes: bytes.length, etag: hash('md5', bytes, 'hex'), modifiedAt: new Date() });
      return 'stored';
    },
    head: async (key) => files.get(key),
    get: async () => undefined,
    async deleteMany(keys) {
      for (const key of keys) files.delete(key);
      return { deleted: keys, failed: [] };
    },
    async *list(prefix) {
      const keys = [...files.keys()].filter((key) => key.startsWith(prefix)).sort();
      if (keys.length > 0) yield keys.flatMap((key) => files.get(key) ?? []);
    },
    tidy: async () => 0,
    close: () => undefined,
  };
}
