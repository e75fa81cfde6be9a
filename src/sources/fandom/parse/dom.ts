import type { Element } from './html.ts';

/** Readers of the tree. Recursion is safe here: `HTML_LIMITS.depth` bounds it. */

export function isElement(node: Element | string | undefined): node is Element {
  return typeof node === 'object';
}

export function attribute(element: Element, name: string): string | null {
  const value = Object.hasOwn(element.attributes, name) ? element.attributes[name]?.trim() : undefined;
  return value === undefined || value === '' ? null : value;
}

/** Whether `class` has the word; exact, so that `gallery` is not found in `wikia-gallery`. */
export function hasClass(element: Element, word: string): boolean {
  const classes = element.attributes['class'];
  if (classes === undefined || !classes.includes(word)) return false;
  return classes === word || classes.split(/\s+/).includes(word);
}

/** Elements below `from` in document order; `false` from `enter` skips what is inside. */
export function* descendants(from: Element, enter: (element: Element) => boolean = () => true): Generator<Element> {
  for (const child of from.children) {
    if (!isElement(child)) continue;
    yield child;
    if (enter(child)) yield* descendants(child, enter);
  }
}

export function findFirst(from: Element, matches: (element: Element) => boolean): Element | null {
  for (const child of from.children) {
    if (!isElement(child)) continue;
    if (matches(child)) return child;
    const below = findFirst(child, matches);
    if (below !== null) return below;
  }
  return null;
}

export function findAll(from: Element, matches: (element: Element) => boolean, into: Element[] = []): Element[] {
  for (const child of from.children) {
    if (!isElement(child)) continue;
    if (matches(child)) into.push(child);
    findAll(child, matches, into);
  }
  return into;
}

export function named(...names: readonly string[]): (element: Element) => boolean {
  return ({ name }) => names.includes(name);
}

export function classed(word: string): (element: Element) => boolean {
  return (element) => hasClass(element, word);
}

/** Elements that begin and end a line when a page is read as text. */
const BLOCKS = new Set([
  ...[
    'p',
    'div',
    'ul',
    'ol',
    'li',
    'dl',
    'dt',
    'dd',
    'table',
    'tr',
    'figure',
    'figcaption',
    'section',
    'aside',
    'blockquote',
  ],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'center', 'hr', 'pre', 'article', 'header', 'footer', 'nav', 'main'],
]);

export function isBlock({ name }: Element): boolean {
  return BLOCKS.has(name);
}

/** Parts that are not text of the page: copies for readers without scripts, edit links, footnote marks, hidden text. */
export function isAside(element: Element): boolean {
  if (element.name === 'noscript') return true;
  const classes = element.attributes['class'];
  if (classes !== undefined && /\b(mw-editsection|reference|noprint|mw-empty-elt|error)\b/.test(classes)) return true;
  const style = element.attributes['style'];
  return style !== undefined && /display\s*:\s*none/i.test(style);
}

const BREAK = '\n';

/** The text's lines, white space collapsed, empty ones dropped: `<br>` and blocks break lines. */
export function linesOf(element: Element): string[] {
  const parts: string[] = [];
  collect(element, parts);
  return lines(parts);
}

/** All text on one line; lines are joined by a space. */
export function textOf(element: Element): string {
  return linesOf(element).join(' ');
}

export function lines(parts: readonly string[]): string[] {
  return parts
    .join('')
    .split(BREAK)
    .map(collapse)
    .filter((line) => line !== '');
}

export function collect(element: Element, parts: string[]): void {
  for (const child of element.children) collectNode(child, parts);
}

/** Adds a node's text; a line feed stands for a break, white space of the markup for one space. */
export function collectNode(node: Element | string, parts: string[]): void {
  if (typeof node === 'string') {
    parts.push(node.includes(BREAK) ? node.replaceAll(BREAK, ' ') : node);
    return;
  }
  if (node.name === 'br') {
    parts.push(BREAK);
    return;
  }
  if (isAside(node)) return;
  const block = BLOCKS.has(node.name);
  if (block) parts.push(BREAK);
  else if (node.name === 'td' || node.name === 'th') parts.push(' ');
  collect(node, parts);
  if (block) parts.push(BREAK);
}

export function collapse(text: string): string {
  return text.replace(/[\s\u00a0\u200b\ufeff]+/g, ' ').trim();
}
