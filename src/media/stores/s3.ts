import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { S3Config } from '../../platform/config/types.ts';
import { isKey } from '../keys.ts';
import { CACHE_CONTROL, type DeleteResult, type ObjectStore, StoreError } from './store.ts';

/** As many as one request may name. */
const DELETE_BATCH = 1000;
/** A conditional put that meets another one under way is refused with 409 and tried again. */
const CONFLICT_TRIES = 5;

/**
 * Files in a bucket of an S3-compatible store. A put is one request: conditional (`If-None-Match: *`), with the file's SHA-256, so that neither
 * a second writer nor a damaged upload changes anything.
 */
export function createS3Store(config: S3Config): ObjectStore {
  const client = new S3Client(clientConfig(config));
  const Bucket = config.bucket;

  const named = (key: string): string => {
    if (!isKey(key)) throw new Error(`not a key of ours: ${key}`);
    return key;
  };

  return {
    kind: 's3',
    bucket: Bucket,
    async put(key, bytes, { contentType, sha256, overwrite = false }) {
      const command = new PutObjectCommand({
        Bucket,
        Key: named(key),
        Body: bytes,
        ContentType: contentType,
        CacheControl: CACHE_CONTROL,
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        ...(overwrite ? {} : { IfNoneMatch: '*' }),
      });
      for (let tries = 1; ; tries++) {
        try {
          await client.send(command);
          return 'stored';
        } catch (error) {
          const status = statusOf(error);
          if (status === 412 && !overwrite) return 'exists';
          if (status !== 409 || tries >= CONFLICT_TRIES) throw asStoreError('put', error);
        }
      }
    },
    async head(key) {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket, Key: named(key) }));
        return {
          key,
          bytes: found.ContentLength ?? 0,
          etag: plainEtag(found.ETag),
          modifiedAt: found.LastModified ?? new Date(0),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asStoreError('head', error);
      }
    },
    async get(key, range) {
      const part = range === undefined ? {} : { Range: `bytes=${range.from}-${range.to}` };
      try {
        const found = await client.send(new GetObjectCommand({ Bucket, Key: named(key), ...part }));
        return found.Body as AsyncIterable<Uint8Array> | undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asStoreError('get', error);
      }
    },
    async deleteMany(keys) {
      const deleted: string[] = [];
      const failed: DeleteResult['failed'][number][] = [];
      for (let at = 0; at < keys.length; at += DELETE_BATCH) {
        const batch = keys.slice(at, at + DELETE_BATCH).map(named);
        const errors = await deleteBatch(client, Bucket, batch);
        failed.push(...errors);
        const broken = new Set(errors.map(({ key }) => key));
        deleted.push(...batch.filter((key) => !broken.has(key)));
      }
      return { deleted, failed };
    },
    async *list(prefix) {
      for (let token: string | undefined, more = true; more; ) {
        const page = await client
          .send(
            new ListObjectsV2Command({
              Bucket,
              Prefix: prefix,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          )
          .catch((error: unknown) => {
            throw asStoreError('list', error);
          });
        yield (page.Contents ?? []).flatMap(({ Key, Size, ETag, LastModified }) =>
          Key === undefined || !isKey(Key)
            ? []
            : [{ key: Key, bytes: Size ?? 0, etag: plainEtag(ETag), modifiedAt: LastModified ?? new Date(0) }],
        );
        token = page.NextContinuationToken;
        more = page.IsTruncated === true && token !== undefined;
      }
    },
    // An upload that breaks off leaves nothing in a bucket.
    tidy: async () => 0,
    close: () => client.destroy(),
  };
}

function clientConfig(config: S3Config): S3ClientConfig {
  // The SDK asks its own environment; without this a machine that is no cloud instance waits seconds for an address nobody answers.
  if (!config.metadataService) process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
  const { keys } = config;
  return {
    region: config.region,
    maxAttempts: 4,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(config.endpoint === null ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
    ...(config.profile === null ? {} : { profile: config.profile }),
    ...(keys === null
      ? {}
      : {
          credentials: {
            accessKeyId: keys.id,
            secretAccessKey: keys.secret,
            ...(keys.session === null ? {} : { sessionToken: keys.session }),
          },
        }),
  };
}

async function deleteBatch(
  client: S3Client,
  Bucket: string,
  batch: readonly string[],
): Promise<DeleteResult['failed']> {
  try {
    const answer = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: batch.map((Key) => ({ Key })) } }),
    );
    return (answer.Errors ?? []).map(({ Key, Code, Message }) => ({
      key: Key ?? '?',
      error: `${Code ?? 'error'}: ${Message ?? ''}`,
    }));
  } catch (error) {
    const { message } = asStoreError('delete', error);
    return batch.map((key) => ({ key, error: message }));
  }
}

function plainEtag(etag: string | undefined): string | null {
  return etag?.replaceAll('"', '') ?? null;
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}

/** Only what says so is missing; a 403 (no right to list) is an error (`spec/media.md` 5). */
function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && error instanceof Error && ['NoSuchKey', 'NotFound', '404'].includes(error.name);
}

function asStoreError(what: string, error: unknown): StoreError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const line = (message.split('\n')[0] ?? '').slice(0, 200);
  return new StoreError(`the bucket refused ${what}: ${[statusOf(error), name, line].filter(Boolean).join(' ')}`, {
    cause: error,
  });
}
