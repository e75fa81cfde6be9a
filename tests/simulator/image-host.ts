import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { errors } from './answers/answer.ts';
import type { Fault } from './faults.ts';
import { jsonReply, type Reply, spoiled } from './reply.ts';

/** Where TMDb's images lie; `TMDB_IMAGE_BASE_URL` is the simulator's address plus this. */
export const IMAGE_BASE = '/t/p/original';
export const IMAGE_TEMPLATE = `${IMAGE_BASE}/{file}`;

const FORMATS = { '.jpg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' } as const;

/** The images of a world: one picture of its own for every path, always the same, unless a test puts another there. */
export interface ImageHost {
  /** Replaces what a path (`/poster.jpg`) answers; null: nothing there; undefined: the picture of its own again. */
  set(path: string, content: Buffer | null | undefined): void;
  answer(path: string, fault: Fault | undefined, now: number): Promise<Reply>;
}

export function createImageHost(): ImageHost {
  const replaced = new Map<string, Buffer | null>();
  const made = new Map<string, Promise<Buffer>>();
  const contentOf = async (path: string): Promise<Buffer | null> => {
    const other = replaced.get(path);
    if (other !== undefined) return other;
    const own = made.get(path) ?? pictureFor(path);
    made.set(path, own);
    return own;
  };
  return {
    set(path, content) {
      if (content === undefined) replaced.delete(path);
      else replaced.set(path, content);
    },
    async answer(path, fault, now) {
      const body = await contentOf(path);
      if (body === null) {
        const said = errors.notFound();
        return jsonReply(said.status, said.body, { cacheSeconds: 0 });
      }
      const reply: Reply = {
        status: 200,
        headers: {
          'content-type': typeOf(path),
          'cache-control': 'public, max-age=31536000',
          etag: `"${createHash('md5').update(body).digest('hex')}"`,
        },
        body,
      };
      return spoiled(reply, {}, fault, now);
    },
  };
}

function typeOf(path: string): string {
  return FORMATS[path.slice(path.lastIndexOf('.')) as keyof typeof FORMATS] ?? 'image/jpeg';
}

/** 240 x 360 (or as wide as `-<width>x<height>` in the path says), of coloured patches that follow from the path. */
export async function pictureFor(path: string): Promise<Buffer> {
  const seed = createHash('sha512').update(path).digest();
  const pixels = Buffer.concat([seed, createHash('sha512').update(seed).digest()]).subarray(0, 5 * 8 * 3);
  const [, width = '240', height = '360'] = /-([1-9]\d{1,3})x([1-9]\d{1,3})\.\w+$/.exec(path) ?? [];
  const picture = sharp(pixels, { raw: { width: 5, height: 8, channels: 3 } }).resize(Number(width), Number(height), {
    fit: 'fill',
  });
  if (path.endsWith('.png')) return picture.png().toBuffer();
  return path.endsWith('.webp') ? picture.webp({ quality: 70 }).toBuffer() : picture.jpeg({ quality: 80 }).toBuffer();
}
