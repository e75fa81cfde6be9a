/**
 * The shape of a value: its paths with the type found there, `seasons[].name: string`. List elements share a path, and so do the
 * values of objects keyed by ids, so that more of the same is no change. Nulls and empty lists have no shape: they say that there is
 * nothing, which is content.
 */
export function shapeOf(value: unknown): Set<string> {
  const paths = new Set<string>();
  const stack: { path: string; value: unknown }[] = [{ path: '', value }];
  for (let visited = 0; stack.length > 0 && visited < MAX_VISITED; visited++) {
    const { path, value: found } = stack.pop() ?? { path: '', value: null };
    if (found === null || found === undefined) continue;
    if (typeof found !== 'object') paths.add(`${path === '' ? '.' : path}: ${typeof found}`);
    else if (path.length > MAX_PATH) paths.add(`${path}: deeper`);
    else if (Array.isArray(found)) for (const item of found) stack.push({ path: `${path}[]`, value: item });
    else {
      const entries = Object.entries(found);
      const keyed = entries.length > 0 && entries.every(([key]) => isId(key));
      for (const [key, item] of entries) stack.push({ path: joined(path, keyed ? '*' : key), value: item });
    }
  }
  return paths;
}

const MAX_VISITED = 2_000_000;
const MAX_PATH = 500;

function joined(path: string, key: string): string {
  const step = key.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 100);
  return path === '' ? step : `${path}.${step}`;
}

/** `tt0239195`, `12`, `AR`: keys that are data. */
function isId(key: string): boolean {
  return /^(?:[a-z]{2}\d+|\d+|[A-Z]{2})$/.test(key);
}
