import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Inspected, inspect } from '../../src/media/inspect/inspect.ts';
import { hashDistance } from '../../src/media/inspect/perceptual-hash.ts';
import { FORMATS, type ImageFormat } from '../../src/media/inspect/sniff.ts';
import type { NotStored } from '../../src/media/reasons.ts';
import { pictureFor } from '../simulator/index.ts';
import { gifOf, pngChunk, pngOf } from './bombs.ts';

const FORMAT_NAMES = Object.keys(FORMATS) as ImageFormat[];
const GPS = { IFD0: { Make: 'SecretCamera' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' } };
const HTML = Buffer.from('<html><script>alert(document.domain)</script></html>');

const samples = {} as Record<ImageFormat, Buffer>;
let picture: Buffer;

beforeAll(async () => {
  picture = await pictureFor('/sample-300x450.png');
  for (const format of FORMAT_NAMES) samples[format] = await sharp(picture)[format]().toBuffer();
});

async function image(bytes: Buffer, options?: Parameters<typeof inspect>[1]): Promise<Inspected> {
  const found = await inspect(bytes, options);
  if (found.kind !== 'image') throw new Error(`${found.reason}: ${found.detail}`);
  return found;
}

async function reason(bytes: Buffer): Promise<string> {
  const found: Inspected | NotStored = await inspect(bytes);
  return found.kind === 'image' ? `stored as ${found.format}` : found.reason;
}

describe('C1: formats', () => {
  it.each([
    ['jpeg', '.jpg', 'image/jpeg'],
    ['png', '.png', 'image/png'],
    ['webp', '.webp', 'image/webp'],
    ['avif', '.avif', 'image/avif'],
    ['gif', '.gif', 'image/gif'],
  ] as const)('%s is stored as %s, %s, byte for byte', async (format, extension, contentType) => {
    const found = await image(samples[format]);
    expect(found).toMatchObject({ format, extension, contentType, width: 300, height: 450, frames: 1 });
    expect(found.bytes.equals(samples[format])).toBe(true);
  });

  it('svg becomes a picture', async () => {
    const svg = `<?xml version="1.0"?><!-- a logo --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd">
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20"><rect width="40" height="20" fill="#f00"/></svg>`;
    const found = await image(Buffer.from(`\ufeff  ${svg}`));
    expect(found).toMatchObject({
      format: 'png',
      contentType: 'image/png',
      extension: '.png',
      width: 1000,
      height: 500,
    });
    expect(await sharp(found.bytes).stats()).toMatchObject({
      channels: [{ max: 255 }, { max: 0 }, { max: 0 }, { min: 255 }],
    });
  });

  it('a logo becomes a PNG whatever it was; one that is a PNG stays as it is', async () => {
    expect(await image(samples.webp, { asPng: true })).toMatchObject({ format: 'png', width: 300, height: 450 });
    expect((await image(samples.png, { asPng: true })).bytes.equals(samples.png)).toBe(true);
  });

  it('the same bytes are the same file every time', async () => {
    expect((await image(samples.jpeg)).sha256).toBe((await image(samples.jpeg)).sha256);
  });
});

describe('S4: what is no image, or more than one', () => {
  it.each([
    ['a page', HTML, 'not_an_image'],
    [
      'a page that says it is svg',
      Buffer.from('<!-- <svg> --><html><svg></svg><script>1</script></html>'),
      'not_an_image',
    ],
    ['text', Buffer.from('JFIF exif png'), 'not_an_image'],
    ['nothing but zeros', Buffer.alloc(100), 'not_an_image'],
    ['an archive', Buffer.from('504b0304140000000800', 'hex'), 'not_an_image'],
    ['a program', Buffer.from('7f454c46020101', 'hex'), 'not_an_image'],
    ['a PDF', Buffer.from('%PDF-1.7'), 'not_an_image'],
    ['a bitmap', Buffer.from('BM0000000000'), 'format_not_accepted'],
    ['an icon', Buffer.from('0000010001001010', 'hex'), 'format_not_accepted'],
    ['a TIFF', Buffer.from('49492a0008000000', 'hex'), 'format_not_accepted'],
    [
      'a HEIC',
      Buffer.concat([Buffer.from('0000001866747970', 'hex'), Buffer.from('heic0000mif1heic')]),
      'format_not_accepted',
    ],
    [
      'a video',
      Buffer.concat([Buffer.from('0000001866747970', 'hex'), Buffer.from('isom0000isommp42')]),
      'format_not_accepted',
    ],
    [
      'an svg with entities',
      Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'),
      'not_an_image',
    ],
    ['an svg that is broken', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect'), 'corrupt'],
    ['a header alone', Buffer.from('ffd8ffe000104a464946', 'hex'), 'corrupt'],
  ])('%s: %s', async (_what, bytes, expected) => {
    expect(await reason(bytes)).toBe(expected);
  });

  it('an svg loads nothing from outside and runs nothing', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10">
      <script>throw 1</script><image xlink:href="file:///etc/passwd" width="10" height="10"/>
      <image xlink:href="http://127.0.0.1:1/x.png" width="10" height="10"/><rect width="10" height="10" fill="#00f"/></svg>`;
    const found = await image(Buffer.from(svg));
    expect(found.format).toBe('png');
    expect(found.bytes.includes('passwd')).toBe(false);
  });

  /** Files that are an image and something else as well: what is not the image is gone. */
  it.each(FORMAT_NAMES)('a %s with a page, an archive or another image behind it loses them', async (format) => {
    for (const tail of [HTML, Buffer.from('504b0304140000000800', 'hex'), samples.png]) {
      const found = await image(Buffer.concat([samples[format], tail]));
      expect(found.bytes.equals(samples[format])).toBe(true);
      expect(found.contentType).toBe(FORMATS[format].contentType);
    }
  });

  it('pages hidden in comments, text and data blocks are gone', async () => {
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, HTML.length + 2]), HTML]);
    const gifComment = Buffer.concat([Buffer.from([0x21, 0xfe, HTML.length]), HTML, Buffer.from([0])]);
    const gifTable = 13 + (((samples.gif[10] ?? 0) & 0x80) === 0 ? 0 : 3 * 2 ** (((samples.gif[10] ?? 0) & 7) + 1));
    const webpChunk = Buffer.concat([
      Buffer.from('EXIF'),
      Buffer.from([HTML.length, 0, 0, 0]),
      HTML,
      Buffer.alloc(HTML.length % 2),
    ]);
    const webp = Buffer.concat([samples.webp, webpChunk]);
    webp.writeUInt32LE(webp.length - 8, 4);
    const polyglots = [
      Buffer.concat([samples.jpeg.subarray(0, 2), comment, samples.jpeg.subarray(2)]),
      Buffer.concat([
        samples.png.subarray(0, 33),
        pngChunk('tEXt', HTML),
        pngChunk('prVt', HTML),
        samples.png.subarray(33),
      ]),
      Buffer.concat([samples.gif.subarray(0, gifTable), gifComment, samples.gif.subarray(gifTable)]),
      webp,
    ];
    for (const polyglot of polyglots) {
      expect(polyglot.includes('<script>')).toBe(true);
      const found = await image(polyglot);
      expect(found.bytes.includes('<script>')).toBe(false);
      expect(Object.values(samples).some((sample) => sample.equals(found.bytes))).toBe(true);
    }
  });
});

describe('S3: bombs are seen by their header', () => {
  /** Signature, IHDR, and the length and name of the first IDAT. */
  const PNG_HEAD = 8 + 25 + 8;

  it('50,000 x 50,000 pixels are refused within 50 ms and 50 MB, by the header alone', async () => {
    const bomb = pngOf(50_000, 50_000);
    await inspect(samples.png);
    const memory = process.memoryUsage.rss();
    const times: number[] = [];
    for (let n = 0; n < 10; n++) {
      const began = performance.now();
      expect(await reason(bomb)).toBe('too_many_pixels');
      times.push(performance.now() - began);
    }
    // What it takes, whatever else the machine does meanwhile: the shortest of ten.
    expect(Math.min(...times)).toBeLessThan(50);
    expect((process.memoryUsage.rss() - memory) / 1e6).toBeLessThan(50);
    // Nothing behind the start of the data was looked at: it need not be there.
    expect(await reason(bomb.subarray(0, PNG_HEAD))).toBe('too_many_pixels');
  });

  it('a thousand frames are refused; an animation of a few is kept whole', async () => {
    expect(await reason(gifOf(1000))).toBe('too_many_frames');
    const frames = await sharp(await Promise.all([0, 1, 2].map((i) => pictureFor(`/f${i}-20x20.png`))), {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    expect(await image(frames)).toMatchObject({ format: 'gif', frames: 3, width: 20, height: 20 });
  });

  it('a huge drawing is refused or drawn small', async () => {
    const huge = (width: number, height: number) =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="1" height="1"/></svg>`,
      );
    expect(await image(huge(1_000, 1_000))).toMatchObject({ width: 1000, height: 1000 });
    expect(await reason(huge(1, 100_000))).toMatch(/too_many_pixels|corrupt/);
    expect(await reason(Buffer.concat([huge(10, 10), Buffer.alloc(1 << 20, 32)]))).toBe('svg_not_accepted');
  });
});

describe('S7: where and with what it was taken', () => {
  it.each(FORMAT_NAMES.filter((format) => format !== 'gif'))('is taken out of a %s', async (format) => {
    const tagged = await sharp(picture)[format]().withExif(GPS).toBuffer();
    expect((await sharp(tagged).metadata()).exif).toBeDefined();
    const found = await image(tagged);
    expect((await sharp(found.bytes).metadata()).exif).toBeUndefined();
    expect(found.bytes.includes('SecretCamera')).toBe(false);
    expect(found).toMatchObject({ format, width: 300, height: 450 });
  });

  it('costs no pixel: the picture without it is the picture that never had it', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const tagged = await sharp(picture)[format]().withExif(GPS).toBuffer();
      const pixels = async (bytes: Buffer) => (await sharp(bytes).raw().toBuffer()).toString('base64');
      expect(await pixels((await image(tagged)).bytes)).toBe(await pixels(tagged));
    }
  });

  it('a picture lying on its side is set upright before', async () => {
    const lying = await sharp(picture).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const found = await image(lying);
    expect(found).toMatchObject({ width: 450, height: 300 });
    expect((await sharp(found.bytes).metadata()).orientation).toBeUndefined();
  });

  it('keeps the colour profile', async () => {
    const wide = await sharp(picture).jpeg().withIccProfile('p3').toBuffer();
    expect((await sharp((await image(wide)).bytes).metadata()).icc).toBeDefined();
  });
});

describe('C8: whole or not at all', () => {
  it.each(FORMAT_NAMES)('a %s cut short anywhere is refused', async (format) => {
    const whole = samples[format];
    for (const part of [0.2, 0.5, 0.8, 0.99]) {
      expect(await reason(whole.subarray(0, Math.floor(whole.length * part))), String(part)).toMatch(
        /truncated|corrupt/,
      );
    }
  });

  it('also a JPEG that was cut and closed again', async () => {
    const cut = Buffer.concat([samples.jpeg.subarray(0, samples.jpeg.length >> 1), Buffer.from([0xff, 0xd9])]);
    expect(await reason(cut)).toBe('truncated');
    const progressive = await sharp(picture).jpeg({ progressive: true }).toBuffer();
    expect((await image(progressive)).bytes.equals(progressive)).toBe(true);
  });

  it('never throws, whatever the bytes', async () => {
    const broken = fc
      .tuple(
        fc.constantFrom(...FORMAT_NAMES),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 20,
        }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
      )
      .map(([format, edits, part]) => {
        const bytes = Buffer.from(samples[format]);
        for (const [place, value] of edits) bytes[Math.floor(place * (bytes.length - 1))] = value;
        return bytes.subarray(0, Math.floor(bytes.length * part));
      });
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        const found = await inspect(bytes);
        if (found.kind === 'image') expect((await sharp(found.bytes).metadata()).width).toBe(found.width);
        else expect(found.detail.length).toBeLessThan(300);
      }),
      { numRuns: 60 },
    );
  });
});

describe('C11: likeness', () => {
  const hashOf = async (bytes: Buffer) => (await image(bytes)).perceptualHash;

  it('copies in other sizes, formats and qualities differ in few bits, other pictures in many', async () => {
    const own = await hashOf(samples.png);
    const copies = [
      samples.jpeg,
      samples.webp,
      samples.avif,
      await sharp(picture).resize(120).jpeg({ quality: 50 }).toBuffer(),
      await sharp(picture).resize(900).webp({ quality: 60 }).toBuffer(),
      await sharp(picture).modulate({ brightness: 1.1 }).jpeg().toBuffer(),
    ];
    for (const copy of copies) expect(hashDistance(own, await hashOf(copy))).toBeLessThanOrEqual(6);
    for (const other of ['/a.jpg', '/b.jpg', '/c.jpg', '/d.jpg']) {
      expect(hashDistance(own, await hashOf(await pictureFor(other)))).toBeGreaterThan(12);
    }
  });
});

it('P3: the preview is a tiny picture of the same shape', async () => {
  const { placeholder } = await image(samples.jpeg);
  expect(placeholder.length).toBeLessThan(400);
  const bytes = Buffer.from(placeholder.replace('data:image/webp;base64,', ''), 'base64');
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 11, height: 16 });
});
