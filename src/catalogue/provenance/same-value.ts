/** True for what counts as "no value": null, undefined, and text of white space only. */
export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

/**
 * Whether a stored value (as the driver returns it: numeric and int8 as text, jsonb parsed) and a value to be written are
 * the same. Object keys have no order; null and undefined are one; `'8.50'` equals `8.5`.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a === 'number' && typeof b === 'string') return sameNumber(b, a);
  if (typeof a === 'string' && typeof b === 'number') return sameNumber(a, b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = new Set([...definedKeys(left), ...definedKeys(right)]);
  for (const key of keys) {
    if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key) || !sameValue(left[key], right[key])) return false;
  }
  return true;
}

function sameNumber(text: string, number: number): boolean {
  return text.trim() !== '' && Number(text) === number;
}

/** JSON drops undefined properties, so they do not count. */
function definedKeys(value: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}
