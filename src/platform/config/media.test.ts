import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';

const load = (env: Record<string, string>) => loadConfig({ env, envFolders: [] }).media;
const problems = (env: Record<string, string>): readonly string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const BUCKET = { AWS_S3_BUCKET: 'my-images', AWS_REGION: 'eu-central-1', AWS_CDN_BASE_URL: 'https://cdn.example.com/' };

describe('where images are kept (spec/media.md 2)', () => {
  it('a folder when nothing is said', () => {
    expect(load({ TRR_DATA_DIR: '/data' })).toEqual({ s3: null, folder: '/data/media', cdnBaseUrl: null });
    expect(load({ TRR_DATA_DIR: '/data', TRR_MEDIA_DIR: '/srv/images' }).folder).toBe('/srv/images');
  });

  it('a bucket with everything it needs; a profile goes before keys', () => {
    const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect(load({ ...BUCKET, ...keys })).toMatchObject({
      cdnBaseUrl: 'https://cdn.example.com',
      s3: {
        bucket: 'my-images',
        region: 'eu-central-1',
        endpoint: null,
        profile: null,
        keys: { id: 'id', secret: 'secret', session: null },
        metadataService: false,
      },
    });
    expect(load({ ...BUCKET, ...keys, AWS_DEFAULT_PROFILE: 'ours' }).s3).toMatchObject({ profile: 'ours', keys: null });
    expect(load({ ...BUCKET, AWS_ACCESS_KEY_ID: 'id' }).s3?.keys).toBeNull();
    const { AWS_REGION: region, ...rest } = BUCKET;
    expect(load({ ...rest, AWS_DEFAULT_REGION: region }).s3?.region).toBe(region);
    expect(load({ ...BUCKET, AWS_EC2_METADATA_DISABLED: 'false' }).s3?.metadataService).toBe(true);
  });

  it.each([
    [{ AWS_S3_BUCKET: 'my-images' }, ['AWS_REGION', 'AWS_CDN_BASE_URL']],
    [{ ...BUCKET, AWS_CDN_BASE_URL: 'http://cdn.example.com' }, ['AWS_CDN_BASE_URL']],
    [{ ...BUCKET, AWS_CDN_BASE_URL: 'https://DXXXX.cloudfront.net' }, ['AWS_CDN_BASE_URL']],
    [{ ...BUCKET, AWS_S3_PREFIX: '/media/' }, ['AWS_S3_PREFIX']],
    [{ ...BUCKET, AWS_S3_BUCKET: 'Not A Bucket' }, ['AWS_S3_BUCKET']],
  ])('%j is refused by name', (env, names) => {
    const found = problems(env);
    expect(found.length).toBe(names.length);
    for (const name of names) expect(found.some((line) => line.includes(name))).toBe(true);
  });

  it('the prefix every key has anyway is no problem, nor is http on this machine', () => {
    expect(problems({ ...BUCKET, AWS_S3_PREFIX: '/images/' })).toEqual([]);
    expect(problems({ ...BUCKET, AWS_CDN_BASE_URL: 'http://127.0.0.1:9000/my-images' })).toEqual([]);
  });
});
