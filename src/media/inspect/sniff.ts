/** Formats that are stored, by what the bytes say (`spec/media.md` S4, C1). */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

/** Our table: what a format is called in answers and file names; never an upstream's word. */
export const FORMATS: Readonly<Record<ImageFormat, { readonly contentType: string; readonly extension: string }>> = {
  jpeg: { contentType: 'image/jpeg', extension: '.jpg' },
  png: { contentType: 'image/png', extension: '.png' },
  webp: { contentType: 'image/webp', extension: '.webp' },
  avif: { contentType: 'image/avif', extension: '.avif' },
  gif: { contentType: 'image/gif', extension: '.gif' },
};

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const SVG_HEAD = 4096;

/**
 * The format by the first bytes. `svg`: to be drawn, not stored. `other`: an image format we do not take (HEIC, TIFF, BMP, icons);
 * undefined: no image at all (pages, archives, anything).
 */
export function sniff(bytes: Buffer): ImageFormat | 'svg' | 'other' | undefined {
  const ascii = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (bytes.length >= 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (bytes.subarray(0, 8).equals(PNG)) return 'png';
  if (/^GIF8[79]a/.test(ascii(0, 6))) return 'gif';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp';
  if (ascii(4, 8) === 'ftyp')
    return brands(bytes).some((brand) => brand === 'avif' || brand === 'avis') ? 'avif' : 'other';
  if (/^(II\*\0|MM\0\*|BM|\0\0\x01\0)/.test(ascii(0, 4))) return 'other';
  return isSvg(bytes) ? 'svg' : undefined;
}

/** Major and compatible brands of an ISO media file. */
function brands(bytes: Buffer): string[] {
  const end = Math.min(bytes.length >= 4 ? bytes.readUInt32BE(0) : 0, bytes.length, 128);
  const found = [bytes.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(bytes.toString('latin1', at, at + 4));
  return found;
}

/** An svg element after nothing but a byte order mark, blanks, a declaration, comments and a doctype. */
function isSvg(bytes: Buffer): boolean {
  let text = bytes
    .toString('utf8', 0, SVG_HEAD)
    .replace(/^\ufeff/, '')
    .trimStart();
  for (;;) {
    const prologue = /^(<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE svg[^>[]*>)\s*/i.exec(text);
    if (prologue === null) return /^<svg[\s>]/.test(text);
    text = text.slice(prologue[0].length);
  }
}
