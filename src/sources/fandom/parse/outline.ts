import {
  collapse,
  collectNode,
  findFirst,
  hasClass,
  isAside,
  isBlock,
  isElement,
  lines,
  named,
  textOf,
} from './dom.ts';
import type { Element } from './html.ts';

/** A heading and what stands below it up to the next heading of its level. */
export interface Section {
  readonly level: number;
  readonly title: string;
  readonly parent: Section | null;
  readonly tables: Element[];
  readonly lists: Element[];
}

export interface PlacedImage {
  readonly image: Element;
  /** Null before the first heading. */
  readonly section: Section | null;
}

/** An article in reading order. */
export interface Outline {
  readonly sections: readonly Section[];
  readonly images: readonly PlacedImage[];
  readonly infobox: Element | null;
  /** First block of text that says something (weakness 3). */
  readonly lead: string | null;
  /** Text of the first bold words before any heading: whom the page is about, in full. */
  readonly leadName: string | null;
}

const HEADINGS: Readonly<Record<string, number>> = { h2: 2, h3: 3, h4: 4 };

/** Galleries of whole shows have some thousand. */
const MAX_IMAGES = 6000;

/** Contents boxes, navigation between pages: not what the page is about. */
function isNavigation(element: Element): boolean {
  const classes = element.attributes['class'];
  if (element.name === 'nav' || element.attributes['id'] === 'toc' || element.attributes['role'] === 'navigation')
    return true;
  return (
    classes !== undefined && /(^|\s)(toc|navbox[\w-]*|portable-navbox|nowraplinks|mw-editsection)(\s|$)/.test(classes)
  );
}

export function outlineOf(article: Element): Outline {
  const reader = new OutlineReader();
  reader.read(article, false);
  const { sections, images, infobox } = reader;
  return { sections, images, infobox, lead: leadOf(article), leadName: leadNameOf(article) };
}

class OutlineReader {
  readonly sections: Section[] = [];
  readonly images: PlacedImage[] = [];
  infobox: Element | null = null;
  #section: Section | null = null;

  /** `inside` a table or list nothing of that sort is noted again: it belongs to the outer one. */
  read(element: Element, inside: boolean): void {
    for (const child of element.children) {
      if (!isElement(child) || isNavigation(child)) continue;
      if (child.name === 'img') this.#note(child, this.#section);
      else if (hasClass(child, 'portable-infobox')) this.#readInfobox(child);
      else this.#readChild(child, inside);
    }
  }

  #readChild(child: Element, inside: boolean): void {
    const level = HEADINGS[child.name];
    if (level !== undefined) this.#open(level, child);
    const isList = child.name === 'ul' || child.name === 'ol';
    // A table around whole sections lays the page out.
    const isTable = child.name === 'table' && !inside && !hasHeading(child);
    if (!inside && isTable) this.#section?.tables.push(child);
    if (!inside && isList) this.#section?.lists.push(child);
    this.read(child, inside || isTable || isList);
  }

  #readInfobox(aside: Element): void {
    this.infobox ??= aside;
    this.#collectImages(aside);
  }

  /** An infobox has headings of its own, which open no section. */
  #collectImages(element: Element): void {
    for (const child of element.children) {
      if (!isElement(child)) continue;
      if (child.name === 'img') this.#note(child, null);
      else this.#collectImages(child);
    }
  }

  #note(image: Element, section: Section | null): void {
    if (this.images.length < MAX_IMAGES) this.images.push({ image, section });
  }

  #open(level: number, heading: Element): void {
    const title = textOf(heading).slice(0, 300);
    if (title === '') return;
    let parent = this.#section;
    while (parent !== null && parent.level >= level) parent = parent.parent;
    this.#section = { level, title, parent, tables: [], lists: [] };
    this.sections.push(this.#section);
  }
}

function hasHeading(element: Element): boolean {
  return element.children.some(
    (child) => isElement(child) && (HEADINGS[child.name] !== undefined || hasHeading(child)),
  );
}

/** Sections whose heading, or a heading above it, has the word; case does not matter. */
export function sectionsNamed(outline: Outline, word: RegExp): Section[] {
  return outline.sections.filter((section) => under(section, word));
}

export function under(section: Section | null, word: RegExp): boolean {
  for (let at = section; at !== null; at = at.parent) if (word.test(at.title)) return true;
  return false;
}

/** Titles from the section's own up to the outermost. */
export function headingsOf(section: Section | null): string[] {
  const titles: string[] = [];
  for (let at = section; at !== null; at = at.parent) titles.push(at.title);
  return titles;
}

/** The lead may stand in `<p>`, or as bare text beside them (`spec/sources-fandom.md` 9). */
function leadOf(article: Element): string | null {
  let run: string[] = [];
  const finished = () => lines(run).join(' ');
  for (const child of article.children) {
    if (isElement(child) && isBlock(child)) {
      const before = finished();
      if (says(before)) return before;
      run = [];
      const text = child.name === 'p' && !isAside(child) ? collapse(textOf(child)) : '';
      if (says(text)) return text;
      if (isElement(child) && HEADINGS[child.name] !== undefined) return null;
    } else if (!isElement(child) || (child.name !== 'noscript' && child.name !== 'img')) {
      collectNode(child, run);
    }
  }
  const rest = finished();
  return says(rest) ? rest : null;
}

/** More than a stray bracket or word of a layout. */
function says(text: string): boolean {
  return /\p{L}.*\p{L}/u.test(text) && text.length >= 20;
}

function leadNameOf(article: Element): string | null {
  for (const child of article.children) {
    if (!isElement(child)) continue;
    if (HEADINGS[child.name] !== undefined) return null;
    const bold = child.name === 'b' ? child : child.name === 'p' ? findFirst(child, named('b')) : null;
    const text = bold === null ? '' : textOf(bold);
    if (text !== '') return text.slice(0, 300);
  }
  return null;
}
