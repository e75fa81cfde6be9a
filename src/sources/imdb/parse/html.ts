import { Parser } from 'htmlparser2';

/**
 * Reading pages that have nothing but HTML. Lenient about markup, strict about size: depth, elements and text are bounded, so
 * that hostile nesting costs neither stack nor time.
 */
export interface Element {
  /** Lower case; `#root` for the document. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parent: Element | null;
  readonly children: (Element | string)[];
}

const MAX_DEPTH = 150;
const MAX_ELEMENTS = 60_000;
/** More text than any caption, title or plot; what follows is not read. */
const MAX_TEXT = 20_000;
const CHUNK = 65_536;
const WITHOUT_TEXT = new Set(['script', 'style', 'noscript', 'template']);

/** The document, or null when it is nested too deep or has too many elements. */
export function parseHtml(html: string): Element | null {
  const root: Element = { name: '#root', attributes: {}, parent: null, children: [] };
  let current: Element = root;
  let [depth, elements] = [0, 0];
  const tooMuch = () => depth > MAX_DEPTH || elements > MAX_ELEMENTS;
  const parser = new Parser({
    onopentag(name, attributes) {
      const element: Element = { name, attributes, parent: current, children: [] };
      current.children.push(element);
      current = element;
      depth += 1;
      elements += 1;
      if (tooMuch()) parser.pause();
    },
    ontext(data) {
      const last = current.children.length - 1;
      const before = current.children[last];
      if (typeof before === 'string') current.children[last] = before + data;
      else current.children.push(data);
    },
    onclosetag() {
      current = current.parent ?? root;
      depth -= 1;
    },
  });
  for (let at = 0; at < html.length && !tooMuch(); at += CHUNK) parser.write(html.slice(at, at + CHUNK));
  if (tooMuch()) return null;
  parser.end();
  return tooMuch() ? null : root;
}

/** All descendants that pass, in document order. */
export function all(root: Element, test: (element: Element) => boolean): Element[] {
  const found: Element[] = [];
  collect(root, test, found);
  return found;
}

/** Recursion is as deep as the document, which is bounded. */
function collect(element: Element, test: (element: Element) => boolean, found: Element[]): void {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (test(child)) found.push(child);
    collect(child, test, found);
  }
}

export function first(root: Element, test: (element: Element) => boolean): Element | null {
  for (const child of root.children) {
    if (typeof child === 'string') continue;
    const found = test(child) ? child : first(child, test);
    if (found !== null) return found;
  }
  return null;
}

/** The nearest ancestor that passes. */
export function closest(element: Element, test: (element: Element) => boolean): Element | null {
  let found = element.parent;
  while (found !== null && !test(found)) found = found.parent;
  return found;
}

/** Every text below trimmed, empties dropped, joined with one space ("spaced text", `spec/sources-imdb.md` 1.2). */
export function spacedText(element: Element): string {
  return textsOf(element)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => part !== '')
    .join(' ');
}

/** The same as a reader sees it: no space before punctuation that follows an element (6.2, 26). */
export function readableText(element: Element): string {
  return textsOf(element).join('').replace(/\s+/g, ' ').trim();
}

function textsOf(element: Element): string[] {
  const parts: string[] = [];
  let length = 0;
  const visit = (node: Element | string): void => {
    if (length > MAX_TEXT) return;
    if (typeof node === 'string') {
      parts.push(node.slice(0, MAX_TEXT));
      length += node.length + 1;
    } else if (!WITHOUT_TEXT.has(node.name)) {
      length += 1;
      for (const child of node.children) visit(child);
    }
  };
  visit(element);
  return parts;
}

export function attribute(element: Element, name: string): string {
  return element.attributes[name] ?? '';
}

export function hasClass(element: Element, name: string): boolean {
  return attribute(element, 'class').split(/\s+/).includes(name);
}

export function testId(element: Element): string {
  return attribute(element, 'data-testid');
}

/** The element's own text, without that of the elements in it. */
export function ownText(element: Element): string {
  const parts = element.children.filter((child) => typeof child === 'string');
  return parts.join(' ').slice(0, MAX_TEXT).replace(/\s+/g, ' ').trim();
}
