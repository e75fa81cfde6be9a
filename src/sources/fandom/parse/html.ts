import { Parser } from 'htmlparser2';

/** An element of a page; children are elements and texts in order. Plain data, so that reading it needs no library. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parent: Element | null;
  readonly children: (Element | string)[];
}

export interface HtmlDocument {
  readonly root: Element;
  /** Elements that can be told from others (with a class or id, headings, links of the head) in document order: looked through many times. */
  readonly marked: readonly Element[];
  /** Texts of `<script type="application/ld+json">`. */
  readonly linkedData: readonly string[];
}

/**
 * Bounds that real pages stay far below (a large season page: 3 MB, 60,000 elements, 40 levels) and that keep time and memory of a hostile one
 * small; depth also bounds every recursive reader.
 */
export const HTML_LIMITS = { characters: 12_000_000, elements: 200_000, depth: 200 } as const;

/** Fed in slices, so that a page over a bound is given up soon after it passes it. */
const SLICE = 65_536;

/** Content that is no part of what a reader sees, and costs most of a page's bytes. */
const DROPPED = new Set(['script', 'style', 'svg', 'template', 'iframe', 'object', 'canvas', 'math']);

/**
 * The page as a tree, or what is wrong with it. Scripts, styles and drawings are left out. `noscript` is an element like any other: this
 * parser does not run scripts.
 */
export function parseHtml(html: string): HtmlDocument | { readonly problem: string } {
  if (html.length > HTML_LIMITS.characters) return { problem: `longer than ${HTML_LIMITS.characters} characters` };
  const builder = new TreeBuilder();
  const parser = new Parser(builder, { decodeEntities: true, recognizeSelfClosing: false });
  for (let at = 0; at < html.length && builder.problem === null; at += SLICE) parser.write(html.slice(at, at + SLICE));
  if (builder.problem === null) parser.end();
  const { problem, root, marked, linkedData } = builder;
  return problem === null ? { root, marked, linkedData } : { problem };
}

/** Names by which pages are recognised, whatever their class. */
const MARKS = new Set(['body', 'h1', 'link', 'title']);

class TreeBuilder {
  readonly root: Element = { name: '#root', attributes: {}, parent: null, children: [] };
  readonly marked: Element[] = [];
  readonly linkedData: string[] = [];
  problem: string | null = null;
  #current: Element = this.root;
  #depth = 0;
  #elements = 0;
  /** Levels below the outermost dropped element; 0 outside of one. */
  #dropped = 0;
  #data: string[] | null = null;

  onopentag(name: string, attributes: Record<string, string>): void {
    this.#depth += 1;
    this.#elements += 1;
    if (this.#depth > HTML_LIMITS.depth) this.problem = `nested deeper than ${HTML_LIMITS.depth} levels`;
    else if (this.#elements > HTML_LIMITS.elements) this.problem = `more than ${HTML_LIMITS.elements} elements`;
    if (this.problem !== null) return;
    if (this.#dropped > 0 || DROPPED.has(name)) {
      this.#dropped += 1;
      if (name === 'script' && attributes['type'] === 'application/ld+json') this.#data = [];
      return;
    }
    const element: Element = { name, attributes, parent: this.#current, children: [] };
    this.#current.children.push(element);
    this.#current = element;
    if (attributes['class'] !== undefined || attributes['id'] !== undefined || MARKS.has(name))
      this.marked.push(element);
  }

  ontext(text: string): void {
    if (this.#dropped === 0) this.#current.children.push(text);
    else this.#data?.push(text);
  }

  onclosetag(): void {
    this.#depth -= 1;
    if (this.problem !== null) return;
    if (this.#dropped > 0) {
      this.#dropped -= 1;
      if (this.#dropped === 0 && this.#data !== null) {
        this.linkedData.push(this.#data.join(''));
        this.#data = null;
      }
      return;
    }
    this.#current = this.#current.parent ?? this.root;
  }
}
