import { attribute, type Element } from './html.ts';
import { assetId, imageUrl } from './image.ts';

/** The best of an `img` element's addresses (`spec/sources-imdb.md` 3.9). */
export interface Picked {
  readonly url: string;
  readonly assetId: string;
  /** Width the winner's descriptor states (`600w`); null when it states a scale or nothing. */
  readonly stated: number | null;
}

/** The largest number after `UX` or `UY` in an address; 0 without one. */
export function ownSize(url: string): number {
  return Math.max(0, ...[...url.slice(0, 2000).matchAll(/U[XY](\d{1,5})/g)].map(([, size]) => Number(size)));
}

/** Number after `UX` (width) or `UY` (height); null without one. */
export function sizeIn(url: string, axis: 'X' | 'Y'): number | null {
  const [, size] = new RegExp(`U${axis}(\\d{1,5})`).exec(url) ?? [];
  return size === undefined || Number(size) === 0 ? null : Number(size);
}

/** Null when no address is a picture's. The asset is named after `src`, whose crop may differ from the winner's. */
export function bestSource(img: Element): Picked | null {
  const src = imageUrl(attribute(img, 'src'));
  const candidates = candidatesOf(attribute(img, 'srcset'));
  const best = candidates.reduce<Candidate | null>((a, b) => (a === null || b.score > a.score ? b : a), null);
  const url = best?.url ?? src;
  if (url === undefined) return null;
  const asset = assetId(src ?? url);
  return asset === null ? null : { url, assetId: asset, stated: best?.stated ?? null };
}

/** `srcset` parts: a comma separates only before an address, since crop parameters contain commas too. */
function candidatesOf(srcset: string): Candidate[] {
  return srcset
    .slice(0, 20_000)
    .split(/,\s*(?=https?:\/\/|\/\/)/)
    .flatMap((part) => {
      const [address, descriptor] = part.trim().split(/\s+/);
      const url = imageUrl(address);
      return url === undefined ? [] : [{ url, ...weighed(url, descriptor ?? '') }];
    });
}

interface Candidate {
  readonly url: string;
  readonly score: number;
  readonly stated: number | null;
}

/** `600w` is a width; `2x` counts as the address's own size, or 2000 when it has none. */
function weighed(url: string, descriptor: string): Pick<Candidate, 'score' | 'stated'> {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)([wx])$/.exec(descriptor) ?? [];
  if (unit === 'w') return { score: Number(number), stated: Math.floor(Number(number)) || null };
  return { score: ownSize(url) || (unit === 'x' ? Number(number) * 1000 : 0), stated: null };
}
