import type { ImageFormat } from './sniff.ts';
import { stripGif } from './strip-gif.ts';
import { stripJpeg } from './strip-jpeg.ts';

/**
 * The same picture without what is not the picture: EXIF with its places and cameras, XMP, comments, text, thumbnails, and whatever
 * follows the image's end (S7; archives and scripts hide there, S4). Pixels and colour profile stay as they are, byte for byte, so
 * that a file without such things keeps its hash.
 * @returns undefined when the container is not as the format says: broken, cut short, or stranger than we know
 */
export function strip(format: ImageFormat, bytes: Buffer): Buffer | undefined {
  const stripped = STRIPPERS[format](bytes);
  return stripped !== undefined && stripped.equals(bytes) ? bytes : stripped;
}

const STRIPPERS: Readonly<Record<ImageFormat, (bytes: Buffer) => Buffer | undefined>> = {
  jpeg: stripJpeg,
  png: stripPng,
  webp: stripWebp,
  avif: stripAvif,
  gif: stripGif,
};

const PNG_KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' '),
);

function stripPng(bytes: Buffer): Buffer | undefined {
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (PNG_KEPT.has(type)) parts.push(bytes.subarray(at, end));
    if (type === 'IEND') return Buffer.concat(parts);
    at = end;
  }
  return undefined;
}

const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** Bits of the VP8X header that announce EXIF and XMP. */
const WEBP_ANNOUNCES = 0x08 | 0x04;

function stripWebp(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 12) return undefined;
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) return undefined;
  const parts: Buffer[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const size = bytes.readUInt32LE(at + 4);
    const next = at + 8 + size + (size % 2);
    if (at + 8 + size > end) return undefined;
    const type = bytes.toString('latin1', at, at + 4);
    const chunk = Buffer.from(bytes.subarray(at, Math.min(next, end)));
    if (type === 'VP8X' && size > 0) chunk[8] = (chunk[8] ?? 0) & ~WEBP_ANNOUNCES;
    if (WEBP_KEPT.has(type)) parts.push(chunk);
    at = next;
  }
  const body = Buffer.concat(parts);
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(body.length + 4, 4);
  return parts.length === 0 ? undefined : Buffer.concat([head, body]);
}

const AVIF_KEPT = new Set(['ftyp', 'meta', 'mdat', 'moov', 'moof']);

/**
 * Boxes that are not the picture are emptied where they stand, because others refer to places in the file; those at its end are cut
 * off. EXIF items inside `meta` need a new encoding (`inspect.ts`).
 */
function stripAvif(bytes: Buffer): Buffer | undefined {
  const clean = Buffer.from(bytes);
  let end = 0;
  let at = 0;
  while (at + 8 <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (!/^[\x20-\x7e]{4}$/.test(type)) break;
    const short = bytes.readUInt32BE(at);
    const wide = short === 1 && at + 16 <= bytes.length;
    const size = short === 0 ? bytes.length - at : wide ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (size < 8 || at + size > bytes.length) return AVIF_KEPT.has(type) ? undefined : clean.subarray(0, end);
    if (AVIF_KEPT.has(type)) end = at + size;
    else clean.fill(0, at + 8, at + size);
    at += size;
  }
  return end === 0 ? undefined : clean.subarray(0, end);
}
