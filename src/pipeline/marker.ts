/**
 * The "latest episode" text of a show (`spec/pipeline.md` 7), read back: `S47.E14 - Title (2024-12-18) [imdbEpisodeId=tt1]`,
 * each part only when known.
 */
export interface EpisodeMarker {
  readonly season: number | null;
  readonly episode: number | null;
  /** `YYYY-MM-DD`. */
  readonly airDate: string | null;
}

const NUMBERS = /^(?:S(\d+))?\.?(?:E(\d+))?(?![\p{L}\p{N}])/u;
const DATE = /\((\d{4}-\d{2}-\d{2})\)(?:\s*\[imdbEpisodeId=[^\]]*\])?\s*$/;

/** Null for blank text and for text that names neither a number nor a date. */
export function parseMarker(text: string | null): EpisodeMarker | null {
  const trimmed = text?.trim() ?? '';
  const numbers = NUMBERS.exec(trimmed);
  const marker = {
    season: numbers?.[1] === undefined ? null : Number(numbers[1]),
    episode: numbers?.[2] === undefined ? null : Number(numbers[2]),
    airDate: DATE.exec(trimmed)?.[1] ?? null,
  };
  return marker.season === null && marker.episode === null && marker.airDate === null ? null : marker;
}

/**
 * True when both texts mean the same episode. Season, episode and date decide, because the predecessor's two writers
 * formatted the rest differently and so made every show look changed; text without any of them is compared as it is.
 */
export function sameMarker(a: string | null, b: string | null): boolean {
  const [left, right] = [parseMarker(a), parseMarker(b)];
  if (left === null || right === null) return left === right && (a?.trim() ?? '') === (b?.trim() ?? '');
  return left.season === right.season && left.episode === right.episode && left.airDate === right.airDate;
}
