/** Rules of a `robots.txt` (RFC 9309) for one program. */
export interface Robots {
  /** `path` with its query. */
  allows(path: string): boolean;
}

interface Rule {
  readonly allow: boolean;
  readonly pattern: string;
}

const MAX_CHARACTERS = 512_000;
const MAX_RULES = 2000;

/**
 * The groups that name `product` (case does not matter), else those for everybody. Of the rules that match a path the longest counts, `allow`
 * among equals; none means allowed. `*` stands for anything, `$` at the end for the end.
 */
export function readRobots(text: string, product: string): Robots {
  const own: Rule[] = [];
  const everybody: Rule[] = [];
  let agents: string[] = [];
  let open = false;
  let named = false;
  for (const line of text.slice(0, MAX_CHARACTERS).split(/\r\n|\r|\n/)) {
    const [, field = '', value = ''] = /^\s*([\w-]{1,40})\s*:\s*([^#]*)/.exec(line) ?? [];
    const name = field.toLowerCase();
    if (name === 'user-agent') {
      agents = open ? [...agents, value.trim().toLowerCase()] : [value.trim().toLowerCase()];
      open = true;
      named ||= agents.includes(product.toLowerCase());
    } else if (name === 'allow' || name === 'disallow') {
      open = false;
      const rule = { allow: name === 'allow', pattern: value.trim() };
      // An empty rule restricts nothing.
      if (rule.pattern === '') continue;
      if (agents.includes(product.toLowerCase()) && own.length < MAX_RULES) own.push(rule);
      if (agents.includes('*') && everybody.length < MAX_RULES) everybody.push(rule);
    }
  }
  const rules = named ? own : everybody;
  return { allows: (path) => decide(rules, path) };
}

function decide(rules: readonly Rule[], path: string): boolean {
  let best: Rule | null = null;
  for (const rule of rules) {
    const longer = rule.pattern.length > (best?.pattern.length ?? 0);
    const kinder = rule.pattern.length === best?.pattern.length && rule.allow;
    if ((longer || kinder) && matches(rule.pattern, path)) best = rule;
  }
  return best?.allow ?? true;
}

/** Piece by piece from the left, so that no pattern can make it slow. */
function matches(pattern: string, path: string): boolean {
  const toEnd = pattern.endsWith('$');
  const [first = '', ...rest] = (toEnd ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(first)) return false;
  if (rest.length === 0) return !toEnd || path.length === first.length;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const piece of rest) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return toEnd ? path.endsWith(last) && path.length - last.length >= at : path.indexOf(last, at) >= 0;
}
