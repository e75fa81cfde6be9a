import sharp, { type OutputInfo } from 'sharp';
import { variantKey } from '../keys.ts';

/** Widths apps ask for, in pixels (`spec/media.md` P3). */
export const SIZES = [200, 500, 1000] as const;

/** Settings of the encoders; the bench compares with bare calls that have the same. */
export const WEBP = { quality: 78, effort: 3 } as const;
export const AVIF = { quality: 50, effort: 2 } as const;

export interface Variant {
  /** The width asked for; the picture is as wide, or as wide as its original when that is smaller. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly format: 'webp' | 'avif';
  readonly key: string;
  readonly bytes: Buffer;
}

/**
 * Smaller versions of a stored image, of its first frame: every size up to the first that holds the whole original, in both formats. The
 * original is decoded once.
 * @throws Error when it does not decode
 */
export async function makeVariants(sha256: string, original: Buffer): Promise<Variant[]> {
  const largest = SIZES.at(-1) ?? 0;
  const { data, info } = await sharp(original, { failOn: 'none', sequentialRead: true })
    .resize({ width: largest, withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const made = sizesFor(info.width).flatMap((size) => [
    encode(sha256, data, info, size, 'webp'),
    encode(sha256, data, info, size, 'avif'),
  ]);
  return Promise.all(made);
}

/** @param width of the original, or the largest size when it is wider */
export function sizesFor(width: number): number[] {
  return SIZES.filter((_, at) => at === 0 || (SIZES[at - 1] ?? 0) < width);
}

async function encode(
  sha256: string,
  pixels: Buffer,
  { width, height, channels }: OutputInfo,
  size: number,
  format: Variant['format'],
): Promise<Variant> {
  const picture = sharp(pixels, { raw: { width, height, channels } });
  const small = width > size ? picture.resize({ width: size }) : picture;
  const { data, info } = await (format === 'webp' ? small.webp(WEBP) : small.avif(AVIF)).toBuffer({
    resolveWithObject: true,
  });
  return { size, width: info.width, height: info.height, format, key: variantKey(sha256, size, format), bytes: data };
}
