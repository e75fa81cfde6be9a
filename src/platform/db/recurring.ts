import { hash } from 'node:crypto';

/** Seen so often, a text is worth keeping prepared. */
const OFTEN = 3;
/** Prepared at most: each costs memory in every session that runs it. */
const MOST_NAMES = 128;
/** Texts remembered while they are counted; then counting begins anew. */
const MOST_COUNTED = 1_024;

/**
 * Names for texts that are composed at run time and come again and again with other values, so that they are parsed and planned once per
 * session: planning a unit's write costs the server more than carrying it out. Undefined for a text that is rare, or when names have run out.
 */
export function recurringNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MOST_NAMES) return known;
    const count = (counts.get(text) ?? 0) + 1;
    if (count < OFTEN) {
      if (counts.size >= MOST_COUNTED) counts.clear();
      counts.set(text, count);
      return undefined;
    }
    counts.delete(text);
    const name = `recurring.${hash('sha256', text).slice(0, 32)}`;
    names.set(text, name);
    return name;
  };
}
