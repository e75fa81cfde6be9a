import { createHash, hash } from 'node:crypto';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { type NotStored, notStored } from '../reasons.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { FORMATS, type ImageFormat, sniff } from './sniff.ts';
import { strip } from './strip.ts';

// One image is one thread's work; how many are at work is the caller's business. Nothing is kept between images.
sharp.concurrency(1);
sharp.cache(false);

export const MAX_PIXELS = 50_000_000;
const MAX_FRAMES = 300;
/** Over all frames of an animation. */
const MAX_ANIMATED_PIXELS = 400_000_000;
const MAX_SVG_BYTES = 1 << 20;
/** What a drawing becomes: its width in pixels, whatever size it says it has. */
const SVG_WIDTH = 1000;
const DECODE_SECONDS = 20;

/** An image ready to be stored: what it is, and its clean bytes. */
export interface Inspected {
  readonly kind: 'image';
  readonly format: ImageFormat;
  readonly contentType: string;
  /** With the dot. */
  readonly extension: string;
  readonly bytes: Buffer;
  /** Hexadecimal, of `bytes`. */
  readonly sha256: string;
  /** As an S3 store's ETag of a single upload: MD5 in hexadecimal, without quotes. */
  readonly etag: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Signed 64 bits. */
  readonly perceptualHash: bigint;
  /** A tiny blurred preview as a data URI, about 150 characters. */
  readonly placeholder: string;
}

export interface InspectOptions {
  /** Store as PNG, whatever arrives (logos, `spec/media.md` 5.1). */
  readonly asPng?: boolean;
}

/**
 * Decides by its bytes what a file is (S4), refuses what is too large before decoding (S3), decodes it to see that it is whole (C8), strips
 * what is not the picture (S7), and measures the rest (C10).
 */
export async function inspect(file: Buffer, options: InspectOptions = {}): Promise<Inspected | NotStored> {
  const format = sniff(file);
  if (format === undefined)
    return notStored('not_an_image', `begins with ${JSON.stringify(file.toString('latin1', 0, 12))}`);
  if (format === 'other') return notStored('format_not_accepted', 'JPEG, PNG, WebP, AVIF, GIF and SVG are taken');
  try {
    if (format === 'svg') return await drawn(withoutLead(file));
    const metadata = await sharp(file, { limitInputPixels: false }).metadata();
    const tooLarge = boundsProblem(metadata);
    if (tooLarge !== undefined) return tooLarge;
    const clean = await cleaned(format, file, metadata, options.asPng === true);
    return 'kind' in clean ? clean : await measured(clean.format, clean.bytes, file);
  } catch (error) {
    return notStored('corrupt', oneLine(error));
  }
}

function boundsProblem({ width, height, pages = 1, pageHeight }: Metadata): NotStored | undefined {
  const frame = width * (pageHeight ?? height);
  if (frame > MAX_PIXELS) return notStored('too_many_pixels', `${width} x ${pageHeight ?? height} pixels`);
  if (pages > MAX_FRAMES || frame * pages > MAX_ANIMATED_PIXELS) {
    return notStored('too_many_frames', `${pages} frames of ${width} x ${pageHeight ?? height} pixels`);
  }
  return undefined;
}

interface Clean {
  readonly format: ImageFormat;
  readonly bytes: Buffer;
}

async function cleaned(
  format: ImageFormat,
  file: Buffer,
  metadata: Metadata,
  asPng: boolean,
): Promise<Clean | NotStored> {
  if (asPng && format !== 'png') {
    return { format: 'png', bytes: await open(file).autoOrient().png({ compressionLevel: 9 }).toBuffer() };
  }
  const turned = (metadata.orientation ?? 1) !== 1;
  const hidden = format === 'avif' && (metadata.exif !== undefined || metadata.xmp !== undefined);
  if (!turned && !hidden) {
    const bytes = strip(format, file);
    if (bytes === undefined) return notStored('truncated', `not a whole ${format} file`);
    return { format, bytes };
  }
  // Turning the picture as its EXIF says needs the pixels anew; so does an AVIF with hidden items.
  const encoder = open(file, { animated: (metadata.pages ?? 1) > 1 })
    .autoOrient()
    .keepIccProfile();
  return { format, bytes: await encoded(encoder, format).toBuffer() };
}

/** Closest to the original at a sensible size. */
function encoded(image: Sharp, format: ImageFormat): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
    case 'png':
      return image.png({ compressionLevel: 9 });
    case 'webp':
      return image.webp({ quality: 92 });
    case 'avif':
      return image.avif({ quality: 80 });
    case 'gif':
      return image.gif();
  }
}

/** An SVG, as a picture. Neither entities nor anything outside of the file (the renderer loads nothing for a buffer). */
async function drawn(file: Buffer): Promise<Inspected | NotStored> {
  if (file.length > MAX_SVG_BYTES) return notStored('svg_not_accepted', 'a drawing of more than 1 MiB');
  if (/<!ENTITY/i.test(file.toString('latin1'))) return notStored('svg_not_accepted', 'a drawing with entities');
  const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
  const density = Math.min(2400, Math.max(1, (72 * SVG_WIDTH) / width));
  const drawing = sharp(file, { density, limitInputPixels: MAX_PIXELS, failOn: 'error' });
  if (SVG_WIDTH * (height / width) * SVG_WIDTH > MAX_PIXELS)
    return notStored('too_many_pixels', `${width} x ${height}`);
  const bytes = await drawing
    .resize({ width: SVG_WIDTH })
    .png({ compressionLevel: 9 })
    .timeout({ seconds: DECODE_SECONDS })
    .toBuffer();
  return measured('png', bytes, bytes);
}

/** Renderers insist that a declaration comes first. */
function withoutLead(file: Buffer): Buffer {
  return file.subarray(file.indexOf('<'));
}

/** @param file as it arrived: what does not decode is cut short or broken, and worth another try */
async function measured(format: ImageFormat, bytes: Buffer, file: Buffer): Promise<Inspected | NotStored> {
  const { width, height, pages = 1, pageHeight, exif, xmp } = await sharp(bytes).metadata();
  if (exif !== undefined || xmp !== undefined) return notStored('corrupt', 'metadata that cannot be taken out');
  const small = await decode(bytes).catch((error: unknown) => error);
  if (!Buffer.isBuffer(small)) return notStored('truncated', `${file.length} bytes do not decode: ${oneLine(small)}`);
  const { contentType, extension } = FORMATS[format];
  return {
    kind: 'image',
    format,
    contentType,
    extension,
    bytes,
    sha256: hash('sha256', bytes, 'hex'),
    etag: createHash('md5').update(bytes).digest('hex'),
    width,
    height: pageHeight ?? height,
    frames: pages,
    perceptualHash: perceptualHash(small),
    placeholder: await placeholderOf(small, width / (pageHeight ?? height)),
  };
}

const THUMB = 32;

/** Every pixel is decoded; 32 x 32 of them come back, 3 bytes each. Transparent ones count as white. */
function decode(bytes: Buffer): Promise<Buffer> {
  return open(bytes)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(THUMB, THUMB, { fit: 'fill' })
    .raw()
    .toBuffer();
}

function open(bytes: Buffer, options: SharpOptions = {}): Sharp {
  const limits = { limitInputPixels: MAX_ANIMATED_PIXELS, failOn: 'warning', sequentialRead: true } as const;
  return sharp(bytes, { ...limits, ...options }).timeout({ seconds: DECODE_SECONDS });
}

/** @param ratio width by height */
async function placeholderOf(rgb: Buffer, ratio: number): Promise<string> {
  const side = (share: number) => Math.max(1, Math.round(16 * Math.min(1, share)));
  const tiny = await sharp(rgb, { raw: { width: THUMB, height: THUMB, channels: 3 } })
    .resize(side(ratio), side(1 / ratio), { fit: 'fill' })
    .webp({ quality: 40, effort: 2 })
    .toBuffer();
  return `data:image/webp;base64,${tiny.toString('base64')}`;
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
