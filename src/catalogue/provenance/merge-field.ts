import { isBlank, sameValue } from './same-value.ts';
import type { FieldOverride, ProvenanceEntry, Scalar, SourceStamp } from './types.ts';

/**
 * How a stored value and a source's value become one.
 *
 * - `mirror`: the column belongs to one source and follows it, null included (`tmdb_*`).
 * - `fill`: written only while the stored value is blank, never again (curated show columns, ids).
 * - `curated`: several sources speak about it; the highest ranked one that has a value keeps it, and a source may change
 *   or clear only its own value. Values of unknown origin rank below IMDb and above TMDb (`spec/pipeline.md` 6.8).
 * - `latest`: what was said last, whoever said it (ratings); a source may clear only its own.
 * - `stated`: part of a row's identity; it never changes, but every source that states the row is remembered, and the one whose
 *   values may be shown comes first.
 * - `union`: an array; the sorted union of every source's values and of stored values no source ever claimed.
 *
 * In `fill` and `curated` a value that may be shown displaces one that may not, and is never displaced by it (docs/decisions.md).
 */
export type FieldRule = 'mirror' | 'fill' | 'curated' | 'latest' | 'stated' | 'union';

export interface FieldState {
  readonly value: unknown;
  readonly entry: ProvenanceEntry | undefined;
}

/** Smaller is stronger. `unknown` is the predecessor's data, which came from IMDb or from a person. */
const RANKS: Readonly<Record<string, number>> = {
  own: 0,
  'imdb-web': 1,
  'imdb-datasets': 2,
  unknown: 3,
  fandom: 4,
  tmdb: 5,
  sheet: 6,
};

/** Rank of a source for `curated` fields, smaller is stronger; sources nobody ranked come last. */
export function sourceRank(source: string): number {
  return RANKS[source] ?? 99;
}

/**
 * Merges one field.
 * @param incoming what the source says; `undefined` means that it did not speak about the field, which keeps the stored value
 * @param override a human decision; applied last, whatever the rule
 */
export function mergeField(
  rule: FieldRule,
  stored: FieldState,
  incoming: unknown,
  stamp: SourceStamp,
  override?: FieldOverride,
): FieldState {
  const base = override === undefined ? withoutOverride(rule, stored) : stored;
  const merged = mergeValue(rule, base, incoming, stamp);
  if (override !== undefined) return overridden(rule, stored, merged, override);
  // An override was taken back and no source has a value yet: the text a person chose is better than none.
  if (base !== stored && isBlank(merged.value)) return stored;
  return merged;
}

function mergeValue(rule: FieldRule, stored: FieldState, incoming: unknown, stamp: SourceStamp): FieldState {
  if (rule === 'union') return mergeUnion(stored, incoming, stamp);
  return rule === 'stated' ? mergeStated(stored, incoming, stamp) : mergeScalar(rule, stored, incoming, stamp);
}

function mergeScalar(
  rule: Exclude<FieldRule, 'union' | 'stated'>,
  stored: FieldState,
  incoming: unknown,
  stamp: SourceStamp,
): FieldState {
  if (incoming === undefined) return stored;
  const value = isBlank(incoming) ? null : incoming;
  if (rule === 'mirror') return taken(stored, value, stamp);
  if (isBlank(stored.value)) return value === null ? stored : taken(stored, value, stamp);
  const owner = stored.entry?.source ?? 'unknown';
  if (owner === stamp.source && rule !== 'fill') return taken(stored, value, stamp);
  if (value === null) return stored;
  if (rule === 'latest') return later(stamp, stored.entry) ? taken(stored, value, stamp) : stored;
  const [mine, theirs] = [mayShow(stamp.licence, stamp), mayShow(stored.entry?.licence, stamp)];
  if (mine !== theirs) return mine ? taken(stored, value, stamp) : stored;
  if (rule === 'fill') return stored;
  return sourceRank(stamp.source) < sourceRank(owner) ? taken(stored, value, stamp) : stored;
}

/** Values of unknown origin are the predecessor's or a person's: they count as ours. */
function mayShow(licence: string | undefined, { published }: SourceStamp): boolean {
  return licence === undefined || published === undefined || published.has(licence);
}

function later(stamp: SourceStamp, entry: ProvenanceEntry | undefined): boolean {
  return entry === undefined || Date.parse(stamp.at) > Date.parse(entry.at);
}

/** Who states a row, by source; the value is theirs. */
function statersOf({ value, entry }: FieldState): Record<string, readonly Scalar[]> {
  if (entry === undefined) return {};
  return { ...(entry.values ?? { [entry.source]: asScalars([value]) }) };
}

function mergeStated(stored: FieldState, incoming: unknown, stamp: SourceStamp): FieldState {
  if (incoming === undefined) return stored;
  if (isBlank(stored.value)) return taken(stored, incoming, stamp);
  // A row without origin is the predecessor's: it stays whatever anybody says.
  const { entry } = stored;
  if (entry === undefined || Object.hasOwn(statersOf(stored), stamp.source)) return stored;
  const values = { ...statersOf(stored), [stamp.source]: asScalars([stored.value]) };
  const licences = { ...licencesOf(entry), [entry.source]: entry.licence, [stamp.source]: stamp.licence };
  const { source, at, licence, via } = stamp;
  const first = mayShow(stamp.licence, stamp) && !mayShow(entry.licence, stamp) ? { source, at, licence, via } : entry;
  return { value: stored.value, entry: unionEntry(first, values, licences) };
}

/**
 * A source no longer states a row (`stated`). Undefined when nobody else does: then the row itself is missing. Otherwise the others keep it.
 */
export function withoutStatement(
  stored: FieldState,
  source: string,
  published?: ReadonlySet<string>,
): FieldState | undefined {
  const { [source]: mine, ...others } = statersOf(stored);
  const { entry } = stored;
  if (entry === undefined) return stored;
  const [first] = Object.keys(others).sort(
    (a, b) => Number(isPublished(b)) - Number(isPublished(a)) || sourceRank(a) - sourceRank(b),
  );
  if (first === undefined) return undefined;
  if (mine === undefined) return stored;
  const licences = licencesOf(entry);
  const { values: _, licences: __, ...rest } = entry;
  const base = entry.source === source ? { ...rest, source: first, licence: licences[first] ?? entry.licence } : rest;
  if (Object.keys(others).length === 1) return { value: stored.value, entry: base };
  return { value: stored.value, entry: unionEntry(base, others, licences) };

  function isPublished(name: string): boolean {
    return published === undefined || published.has(licencesOf(entry)[name] ?? '');
  }
}

/** The source's value; the entry keeps its time when neither the value nor its owner changed. */
function taken(stored: FieldState, value: unknown, stamp: SourceStamp): FieldState {
  if (value === null)
    return isBlank(stored.value) && stored.entry === undefined ? stored : { value: null, entry: undefined };
  if (sameValue(stored.value, value) && stored.entry?.source === stamp.source) return stored;
  return { value, entry: { source: stamp.source, at: stamp.at, licence: stamp.licence, via: stamp.via } };
}

function mergeUnion(stored: FieldState, incoming: unknown, stamp: SourceStamp): FieldState {
  if (incoming === undefined) return stored;
  const values = stored.entry?.values ?? {};
  const mine = sortedDistinct(asScalars(incoming));
  const before = asScalars(stored.value);
  const claimed = new Set(Object.values(values).flat());
  const unclaimed = before.filter((value) => !claimed.has(value));
  const others = Object.entries(values).filter(([source]) => source !== stamp.source);
  const union = sortedDistinct([...unclaimed, ...others.flatMap(([, theirs]) => theirs), ...mine]);
  // The stored order alone is no reason to write (`spec/pipeline.md` 6.4).
  const sameSet = sameValue(sortedDistinct(before), union);
  const licences = { ...licencesOf(stored.entry), [stamp.source]: stamp.licence };
  const sameClaim = sameValue(values[stamp.source] ?? [], mine);
  const sameLicence = mine.length === 0 || licencesOf(stored.entry)[stamp.source] === stamp.licence;
  if (sameSet && sameClaim && sameLicence) return stored;
  const value = sameSet ? stored.value : union.length === 0 ? null : union;
  const nextValues = Object.fromEntries(
    [...others, ...(mine.length === 0 ? [] : [[stamp.source, mine] as const])].sort(([a], [b]) => compareScalars(a, b)),
  );
  if (Object.keys(nextValues).length === 0) return { value, entry: undefined };
  return { value, entry: unionEntry(speakerOf(stored.entry, nextValues, stamp), nextValues, licences) };
}

/** Who stands for the whole column: whoever spoke last, but nobody whose values may not be shown beside one whose may. */
function speakerOf(
  entry: ProvenanceEntry | undefined,
  values: NonNullable<ProvenanceEntry['values']>,
  stamp: SourceStamp,
): ProvenanceEntry {
  const { source, at, licence, via } = stamp;
  const stays = entry !== undefined && entry.via !== 'override' && Object.hasOwn(values, entry.source);
  if (!stays || mayShow(licence, stamp) || !mayShow(entry.licence, stamp)) return { source, at, licence, via };
  return { source: entry.source, at: entry.at, licence: entry.licence, via: entry.via };
}

/** The licence of each source that has values in a union. */
function licencesOf(entry: ProvenanceEntry | undefined): Record<string, string> {
  if (entry === undefined) return {};
  const sources = Object.keys(entry.values ?? {});
  return Object.fromEntries(sources.map((source) => [source, entry.licences?.[source] ?? entry.licence]));
}

function unionEntry(
  base: ProvenanceEntry,
  values: NonNullable<ProvenanceEntry['values']>,
  licences: Readonly<Record<string, string>>,
): ProvenanceEntry {
  const others = Object.keys(values).flatMap((source) => {
    const licence = licences[source] ?? base.licence;
    return licence === base.licence ? [] : [[source, licence] as const];
  });
  return { ...base, values, ...(others.length === 0 ? {} : { licences: Object.fromEntries(others) }) };
}

/** Drops what an override left behind once the override is gone, so that sources may speak again. */
function withoutOverride(rule: FieldRule, stored: FieldState): FieldState {
  if (stored.entry?.via !== 'override') return stored;
  if (rule !== 'union') return { value: null, entry: undefined };
  const values = stored.entry.values ?? {};
  const union = sortedDistinct(Object.values(values).flat());
  const licences = licencesOf(stored.entry);
  const [source] = Object.keys(values);
  if (union.length === 0 || source === undefined) return { value: null, entry: undefined };
  const base = { source, at: stored.entry.at, licence: licences[source] ?? stored.entry.licence, via: 'live' as const };
  return { value: union, entry: unionEntry(base, values, licences) };
}

function overridden(rule: FieldRule, stored: FieldState, merged: FieldState, override: FieldOverride): FieldState {
  const base: ProvenanceEntry = { source: 'own', at: override.at, licence: 'own', via: 'override' };
  const claims = merged.entry?.values === undefined ? stored.entry : merged.entry;
  const values = rule === 'union' ? claims?.values : undefined;
  const entry = values === undefined ? base : unionEntry(base, values, licencesOf(claims));
  const same = sameValue(stored.value, override.value) && sameValue(stored.entry, entry);
  return same ? stored : { value: override.value, entry };
}

function asScalars(value: unknown): Scalar[] {
  if (!Array.isArray(value)) return [];
  return value
    .map((item: unknown) => (typeof item === 'string' ? item.trim() : item))
    .filter((item): item is Scalar => typeof item === 'number' || (typeof item === 'string' && item !== ''));
}

/** Distinct values in ascending order; text by Unicode code point, not by locale (`spec/pipeline.md` 1). */
export function sortedDistinct<T extends Scalar>(values: readonly T[]): T[] {
  return [...new Set(values)].sort(compareScalars);
}

/** Code point order for text (`<` on strings would compare UTF-16 units), numeric order for numbers. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = [...String(a)];
  const right = [...String(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
