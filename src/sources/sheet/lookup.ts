import type { OverrideLookup, OverrideSheet, SheetOverride } from './source.ts';

/**
 * Finds a show's override: IMDb id, TMDb id, title on one of its networks, title alone (`spec/pipeline.md` 6.6). Later rows replace earlier ones of
 * the same key. A row that names a network counts for that network only.
 */
export function createOverrideLookup({ overrides }: Pick<OverrideSheet, 'overrides'>): OverrideLookup {
  const byKey = new Map<string, SheetOverride>();
  for (const override of overrides) {
    for (const key of keysOf(override)) byKey.set(key, override);
  }
  return ({ imdbId, tmdbId, title, networks }) => {
    const keys = [
      ...(imdbId === null ? [] : [imdbKey(imdbId)]),
      ...(tmdbId === null ? [] : [tmdbKey(tmdbId)]),
      ...(title === null ? [] : [...networks, null].map((network) => titleKey(title, network))),
    ];
    for (const key of keys) {
      const found = byKey.get(key);
      if (found !== undefined) return found;
    }
    return null;
  };
}

function keysOf({ imdbId, tmdbId, title, network }: SheetOverride): string[] {
  return [
    ...(imdbId === null ? [] : [imdbKey(imdbId)]),
    ...(tmdbId === null ? [] : [tmdbKey(tmdbId)]),
    ...(title === null ? [] : [titleKey(title, network)]),
  ];
}

const imdbKey = (id: string) => `imdb ${id.toLowerCase()}`;
const tmdbKey = (id: number) => `tmdb ${id}`;
const titleKey = (title: string, network: string | null) =>
  network === null ? `title ${folded(title)}` : `title ${folded(title)}::${folded(network)}`;

/** White space collapsed, case folded; JavaScript's lower case keeps the sharp s, which folding spells out. */
function folded(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase().replaceAll('ß', 'ss');
}
