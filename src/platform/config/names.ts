import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every variable the configuration reads, as `.env.example` lists them (a test keeps that list complete); null where the file is missing.
 * @param root the project's folder
 */
export function documentedVariables(root: string): ReadonlySet<string> | null {
  const file = join(root, '.env.example');
  if (!existsSync(file)) return null;
  return new Set([...readFileSync(file, 'utf8').matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name));
}

/** Changes of one letter between two names, counted up to `most`. */
export function nameDistance(a: string, b: string, most = 4): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [left = 0, above = 0, diagonal = 0] = [next[j - 1], row[j], row[j - 1]];
      next.push(Math.min(left + 1, above + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
