/** Reproducible randomness: the same seed mutates the same way. */
export type Random = () => number;

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)] as T;

type Mutation = (page: Buffer, random: Random) => Buffer;

const HOSTILE = [
  '<script>',
  '</script>',
  '<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{}}}</script>',
  '<script type="application/ld+json">[{"@type":["TVSeries"],"name":null}]</script>',
  '&#x0;&#xD800;&amp;lt;&nosuch;',
  '\u0000',
  '\ud83d',
  '\\u0000\\ud83d',
  '"__proto__":{"x":1},',
  '<!--',
  ']]>',
  '{"edges":[{"node":',
  'null',
  '1e999',
  '-1',
  '[]',
  '{}',
  '<div><a href="/title/tt1/">',
];

/** Cuts, doubles, moves, overwrites: what happens to saved pages, and what an attacker does. None of them inserts an id. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncate: (page, random) => page.subarray(0, below(random, page.length + 1)),
  behead: (page, random) => page.subarray(below(random, page.length + 1)),
  cut: (page, random) => {
    const from = below(random, page.length);
    return Buffer.concat([page.subarray(0, from), page.subarray(from + below(random, 400))]);
  },
  repeat: (page, random) => {
    const from = below(random, page.length);
    const part = page.subarray(from, from + below(random, 300));
    const copies = Array.from({ length: 1 + below(random, 40) }, () => part);
    return Buffer.concat([page.subarray(0, from), ...copies, page.subarray(from)]);
  },
  splice: (page, random) => {
    const from = below(random, page.length);
    const part = page.subarray(from, from + below(random, 2000));
    const to = below(random, page.length);
    return Buffer.concat([page.subarray(0, to), part, page.subarray(to)]);
  },
  flip: (page, random) => {
    const copy = Buffer.from(page);
    for (let left = 1 + below(random, 8); left > 0; left--) copy[below(random, copy.length)] = below(random, 256);
    return copy;
  },
  insert: (page, random) => {
    const at = below(random, page.length);
    return Buffer.concat([page.subarray(0, at), Buffer.from(pick(random, HOSTILE)), page.subarray(at)]);
  },
  nest: (page, random) => {
    const at = below(random, page.length);
    const [open, close] = pick(random, [
      ['<div>', '</div>'],
      ['[', ']'],
      ['{"node":', '}'],
      ['<b>', '</i>'],
    ] as const);
    const depth = 10 ** (1 + below(random, 4));
    return Buffer.concat([
      page.subarray(0, at),
      Buffer.from(open.repeat(depth)),
      page.subarray(at),
      Buffer.from(close.repeat(depth)),
    ]);
  },
  entities: (page, random) => {
    const at = below(random, page.length);
    return Buffer.concat([
      page.subarray(0, at),
      Buffer.from('&amp;&#38;&lt;&unknown;&#x10FFFF;'.repeat(1 + below(random, 500))),
      page.subarray(at),
    ]);
  },
  retype: (page, random) => {
    const text = page.toString('latin1');
    const found = [...text.matchAll(/:("(?:[^"\\]|\\.){0,60}"|-?\d+(?:\.\d+)?|true|false|null|\[|\{)/g)];
    const hit = found[below(random, found.length)];
    if (hit === undefined) return page;
    const value = pick(random, ['null', '"text"', '-7', '1e300', 'true', '[]', '{}', '[{}]', '{"edges":[null]}', '""']);
    const from = hit.index + 1;
    const rest = hit[1] === '[' || hit[1] === '{' ? `${value},"x":${hit[1]}` : value;
    return Buffer.from(text.slice(0, from) + rest + text.slice(from + (hit[1]?.length ?? 0)), 'latin1');
  },
  rename: (page, random) => {
    const text = page.toString('latin1');
    const keys = [...new Set([...text.matchAll(/"([A-Za-z_]{2,40})":/g)].map(([, key]) => key ?? ''))];
    const key = keys[below(random, keys.length)];
    return key === undefined ? page : Buffer.from(text.replaceAll(`"${key}":`, `"x${key}":`), 'latin1');
  },
};

/** One to three mutations on top of each other. */
export function mutated(page: Buffer, random: Random): { body: Buffer; names: string[] } {
  const names = Array.from({ length: 1 + below(random, 3) }, () => pick(random, Object.keys(MUTATIONS)));
  const body = names.reduce(
    (current, name) => (current.length === 0 ? current : (MUTATIONS[name]?.(current, random) ?? current)),
    page,
  );
  return { body, names };
}

/** Some of the places where one id stands, at least one, get the other. */
export function swapped(page: Buffer, [own, other]: readonly [string, string], random: Random): Buffer {
  const parts = page.toString('latin1').split(own);
  const forced = below(random, Math.max(1, parts.length - 1));
  const joined = parts.reduce((text, part, index) => {
    const id = index - 1 === forced || random() < 0.4 ? other : own;
    return text + id + part;
  });
  return Buffer.from(joined, 'latin1');
}
