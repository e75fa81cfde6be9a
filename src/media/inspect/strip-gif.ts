const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
/** Application extensions that say how to show the picture; all others carry data of programs. */
const APPLICATIONS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012']);

/** Keeps images, their control blocks, looping and colour profile; drops comments, plain text, other programs' data and what follows the end. */
export function stripGif(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 13) return undefined;
  let at = 13 + colourTable(bytes[10] ?? 0);
  const parts = [bytes.subarray(0, at)];
  let images = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === TRAILER) {
      parts.push(bytes.subarray(at, at + 1));
      return images === 0 ? undefined : Buffer.concat(parts);
    }
    const data = kind === EXTENSION ? at + 2 : kind === IMAGE ? at + 11 + colourTable(bytes[at + 9] ?? 0) : undefined;
    const end = data === undefined ? undefined : afterBlocks(bytes, data);
    if (end === undefined) return undefined;
    if (kind === IMAGE) images += 1;
    if (kind === IMAGE || isKept(bytes, at)) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return undefined;
}

function isKept(bytes: Buffer, at: number): boolean {
  const label = bytes[at + 1];
  return label === 0xf9 || (label === 0xff && APPLICATIONS.has(bytes.toString('latin1', at + 3, at + 14)));
}

function colourTable(packed: number): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 0x07) + 1);
}

/** After the last of a chain of sub-blocks; undefined when it has no end. */
function afterBlocks(bytes: Buffer, from: number): number | undefined {
  let at = from;
  while (at < bytes.length) {
    const size = bytes[at] ?? 0;
    at += size + 1;
    if (size === 0) return at;
  }
  return undefined;
}
