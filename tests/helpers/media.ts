import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDownloader, type DownloadSettings } from '../../src/media/download/download.ts';
import type { Origins } from '../../src/media/download/origins.ts';
import {
  ALL_IMAGES,
  type ImageFilter,
  type MirrorDependencies,
  type MirrorRequest,
  type MirrorSummary,
  mirror,
} from '../../src/media/mirror/mirror.ts';
import { createFilesystemStore } from '../../src/media/stores/filesystem.ts';
import { createS3Store } from '../../src/media/stores/s3.ts';
import type { ObjectStore } from '../../src/media/stores/store.ts';
import { fillVariants } from '../../src/media/variants/run.ts';
import { S3_CREDENTIALS, type S3Server } from '../s3/server.ts';
import type { TestDatabase } from './database.ts';

/** Images of all sources are asked at one upstream on this machine, whatever host their addresses name. */
export function localOrigins(base: string): Origins {
  const moved = (host: string) => ({ from: `https://${host}`, to: base });
  return {
    tmdb: {
      hosts: ['image.tmdb.org'],
      gate: 'tmdb',
      rewrite: { from: 'https://image.tmdb.org/t/p/original', to: base },
    },
    imdb: { hosts: ['m.media-amazon.com'], gate: 'imdb-web', rewrite: moved('m.media-amazon.com') },
    fandom: { hosts: ['static.wikia.nocookie.net'], gate: 'fandom', rewrite: moved('static.wikia.nocookie.net') },
  };
}

export interface MediaHarness {
  readonly deps: MirrorDependencies;
  readonly store: ObjectStore;
  mirror(over?: Partial<Omit<MirrorRequest, 'filter'>> & { filter?: Partial<ImageFilter> }): Promise<MirrorSummary>;
  variants(): ReturnType<typeof fillVariants>;
  /** Keys in the store, sorted. */
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly store?: ObjectStore;
  readonly base?: string | null;
  readonly licences?: readonly string[];
  readonly live?: readonly string[];
  readonly download?: Partial<DownloadSettings>;
}

/** Mirroring as the command puts it together, over a test database, an upstream and a store of its own. */
export function createMediaHarness(
  database: TestDatabase,
  imageBase: string,
  options: HarnessOptions = {},
): MediaHarness {
  const folder = mkdtempSync(join(tmpdir(), 'trr-media-'));
  const store = options.store ?? createFilesystemStore(join(folder, 'store'));
  const downloader = createDownloader({
    origins: localOrigins(imageBase),
    contactUrl: null,
    folder: join(folder, 'downloads'),
    ...options.download,
  });
  const deps: MirrorDependencies = {
    db: database.db,
    store,
    downloader,
    base: options.base ?? null,
    licences: options.licences ?? ['tmdb', 'cc-by-sa', 'own', 'identifiers'],
    live: options.live ?? ['tmdb', 'imdb', 'fandom'],
  };
  return {
    deps,
    store,
    mirror: ({ filter, ...over } = {}) =>
      mirror(deps, {
        limit: null,
        force: false,
        dryRun: false,
        signal: new AbortController().signal,
        ...over,
        filter: { ...ALL_IMAGES, ...filter },
      }),
    variants: () => fillVariants(deps, new AbortController().signal),
    async keys() {
      const keys: string[] = [];
      for await (const page of store.list('images/')) keys.push(...page.map(({ key }) => key));
      return keys.sort();
    },
    async close() {
      await downloader.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A client of the test server. */
export function s3Store(server: S3Server): ObjectStore {
  const { accessKeyId: id, secretAccessKey: secret, region } = S3_CREDENTIALS;
  return createS3Store({
    bucket: server.bucket,
    region,
    endpoint: server.url,
    profile: null,
    keys: { id, secret, session: null },
    metadataService: false,
  });
}

/** The environment that makes the program use the test server. */
export function s3Environment(server: S3Server, cdn = 'https://cdn.example.test'): Record<string, string> {
  return {
    AWS_S3_BUCKET: server.bucket,
    AWS_REGION: S3_CREDENTIALS.region,
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_CDN_BASE_URL: cdn,
    AWS_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
  };
}
