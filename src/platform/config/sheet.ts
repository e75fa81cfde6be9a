import type { EnvReader } from './read.ts';

/** Where the override sheet is (`TRR_OVERRIDES_SHEET`), null when there is none. */
export type SheetConfig =
  | { readonly kind: 'url' /** https, as published: see `src/sources/sheet`. */; readonly url: string }
  | { readonly kind: 'file'; readonly path: string }
  | null;

export function readSheet(env: EnvReader): SheetConfig {
  const text = env.text('TRR_OVERRIDES_SHEET');
  if (text === null) return null;
  if (!isAddress(text)) return { kind: 'file', path: text };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    env.problems.push('TRR_OVERRIDES_SHEET must be an https URL without credentials, or the path of a CSV file');
    return null;
  }
  return { kind: 'url', url: url.href };
}

/** The sheet a run names for itself; its text has been read by `readSheet` before. */
export function sheetAt(text: string): NonNullable<SheetConfig> {
  return isAddress(text) ? { kind: 'url', url: text } : { kind: 'file', path: text };
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}
