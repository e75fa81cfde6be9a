import { createHash } from 'node:crypto';

/**
 * Everything the simulator makes up carries an id from here upwards, far above what TMDb has given out, so that a made-up
 * show, season, episode or person can never be taken for a real one.
 */
export const MADE_UP_FROM = 900_000_000;

function digest(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('hex');
}

/** 24 hexadecimal digits, the form of TMDb's credit ids and season `_id`s. */
export function hexId(...parts: (string | number)[]): string {
  return digest(parts).slice(0, 24);
}

/** A path of the form TMDb uses: a slash, 27 letters and digits, an extension. */
export function imagePath(extension: 'jpg' | 'png' | 'svg', ...parts: (string | number)[]): string {
  const letters = BigInt(`0x${digest(parts)}`)
    .toString(36)
    .padStart(27, '0')
    .slice(0, 27);
  return `/${letters}.${extension}`;
}

/** A stable 32-bit number from a seed and indices (a few multiplications: used some hundred times per generated answer). */
export function mix(...parts: number[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x01000193);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h ^= h >>> 12;
  }
  return h >>> 0;
}

/** One element by a stable number. The list must not be empty. */
export function pick<T>(list: readonly T[], n: number): T {
  const item = list[n % list.length];
  if (item === undefined) throw new Error('pick from an empty list');
  return item;
}

/** An ISO date a number of days after another. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
