import { resolve } from 'node:path';
import type { EnvReader } from './read.ts';
import type { MediaConfig, S3Config } from './types.ts';

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/;

/** Where mirrored images are kept and read from (`spec/media.md` 2). */
export function readMedia(env: EnvReader, dataDir: string): MediaConfig {
  const cdnBaseUrl = env.url('AWS_CDN_BASE_URL', null);
  if (cdnBaseUrl !== null && !cdnBaseUrl.startsWith('https://') && !LOOPBACK.test(cdnBaseUrl)) {
    env.problems.push('AWS_CDN_BASE_URL must begin with https:// (http only on this machine)');
  }
  if (cdnBaseUrl !== null && /dxxxx/i.test(cdnBaseUrl)) {
    env.problems.push('AWS_CDN_BASE_URL still holds the placeholder "dxxxx": put the real host name there');
  }
  const prefix = env.text('AWS_S3_PREFIX')?.replace(/^\/+|\/+$/g, '') ?? 'images';
  if (prefix !== 'images') {
    env.problems.push(
      'AWS_S3_PREFIX must be "images" or unset: every key begins with images/, and stored rows name keys without another prefix',
    );
  }
  return { s3: readS3(env, cdnBaseUrl), folder: resolve(dataDir, env.text('TRR_MEDIA_DIR') ?? 'media'), cdnBaseUrl };
}

function readS3(env: EnvReader, cdnBaseUrl: string | null): S3Config | null {
  const bucket = env.text('AWS_S3_BUCKET');
  const region = env.firstOf(['AWS_REGION', 'AWS_DEFAULT_REGION'])?.value ?? null;
  const endpoint = env.url('AWS_ENDPOINT_URL_S3', null);
  const profile = env.firstOf(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])?.value ?? null;
  const id = env.text('AWS_ACCESS_KEY_ID');
  const secret = env.text('AWS_SECRET_ACCESS_KEY');
  const session = env.text('AWS_SESSION_TOKEN');
  const metadata = env.oneOf('AWS_EC2_METADATA_DISABLED', ['true', 'false'], 'true') === 'false';
  if (bucket === null) return null;
  if (region === null) env.problems.push('AWS_S3_BUCKET needs AWS_REGION (or AWS_DEFAULT_REGION)');
  if (cdnBaseUrl === null) {
    env.problems.push('AWS_S3_BUCKET needs AWS_CDN_BASE_URL: the https address under which the bucket is read');
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    env.problems.push('AWS_S3_BUCKET must be a bucket name: 3 to 63 lower-case letters, digits, dots and dashes');
  }
  const keys = profile === null && id !== null && secret !== null ? { id, secret, session } : null;
  return { bucket, region: region ?? '', endpoint, profile, keys, metadataService: metadata };
}
