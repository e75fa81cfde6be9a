import { dayOf } from '../dates.ts';
import { blocksToHtml, escapeHtml, fileHtml, galleryHtml, valueHtml } from './wikitext-blocks.ts';

export interface WikitextPage {
  /** The article in the markup rendered pages have, so that one parser reads both. */
  readonly html: string;
  /** Names of the templates used. */
  readonly templates: readonly string[];
  readonly categories: readonly string[];
  /** Title a redirect points to; null for an article. */
  readonly redirect: string | null;
}

/** Braces and brackets open at a place; deeper ones are left as text. */
const MAX_DEPTH = 30;

interface Frame {
  readonly opener: '{{' | '[[';
  readonly parts: string[];
}

/**
 * Wikitext as far as people and season pages need it: the infobox template with nested templates, links, galleries and files; headings, lists,
 * tables and paragraphs (`spec/sources-fandom.md` 9). One pass over the text, without backtracking.
 */
export function readWikitext(source: string, title: string | null): WikitextPage {
  const text = withoutReferences(cutBetween(source, '<!--', '-->'));
  const [, redirect = null] = /^\s*#redirect\s*:?\s*\[\[([^\]|#]{1,300})/i.exec(text) ?? [];
  const scan = new Scanner(text, title);
  const html = `<div class="mw-parser-output">${blocksToHtml(scan.run())}</div>`;
  const { templates, categories } = scan;
  return {
    html,
    templates: [...templates],
    categories: [...categories],
    redirect: redirect?.replaceAll('_', ' ').trim() ?? null,
  };
}

class Scanner {
  readonly templates = new Set<string>();
  readonly categories = new Set<string>();
  readonly #text: string;
  readonly #title: string | null;
  readonly #frames: Frame[] = [];
  #out: string[] = [];
  #hasInfobox = false;
  readonly #lastClosers = new Map<string, number>();

  constructor(text: string, title: string | null) {
    this.#text = text;
    this.#title = title;
  }

  run(): string {
    const marks = /\{\{|\}\}|\[\[|\]\]|\||<gallery\b|<nowiki>/gi;
    let done = 0;
    for (let mark = marks.exec(this.#text); mark !== null; mark = marks.exec(this.#text)) {
      this.#write(this.#text.slice(done, mark.index));
      done = this.#take(mark[0].toLowerCase(), mark.index);
      marks.lastIndex = done;
    }
    this.#write(this.#text.slice(done));
    // What was opened and never closed is text.
    for (let frame = this.#frames.pop(); frame !== undefined; frame = this.#frames.pop()) {
      this.#write(frame.opener + frame.parts.join('|'));
    }
    return this.#out.join('');
  }

  /** Handles one mark and returns where reading goes on. */
  #take(mark: string, at: number): number {
    const top = this.#frames.at(-1);
    if (mark === '{{' || mark === '[[') {
      if (this.#frames.length < MAX_DEPTH) this.#frames.push({ opener: mark, parts: [''] });
      else this.#write(mark);
    } else if (mark === '}}' || mark === ']]') {
      const closes = top?.opener === (mark === '}}' ? '{{' : '[[');
      if (top !== undefined && closes) {
        this.#frames.pop();
        this.#write(mark === '}}' ? this.#template(top.parts) : this.#link(top.parts));
      } else this.#write(mark);
    } else if (mark === '|') {
      if (top === undefined) this.#write(mark);
      else top.parts.push('');
    } else {
      return this.#tag(mark, at);
    }
    return at + mark.length;
  }

  #tag(mark: string, at: number): number {
    const closer = mark === '<nowiki>' ? '</nowiki>' : '</gallery>';
    const open = this.#text.indexOf('>', at);
    // The last one is known, so that a page full of openings is not searched to its end for each.
    const last = this.#lastClosers.get(closer) ?? this.#text.lastIndexOf(closer);
    this.#lastClosers.set(closer, last);
    const close = open < 0 || last < open ? -1 : this.#text.indexOf(closer, open);
    if (close < 0) {
      this.#write(mark);
      return at + mark.length;
    }
    const content = this.#text.slice(open + 1, close);
    this.#write(mark === '<nowiki>' ? escapeHtml(content) : galleryHtml(content));
    return close + closer.length;
  }

  #write(text: string): void {
    const top = this.#frames.at(-1);
    if (top === undefined) this.#out.push(text);
    else top.parts.push((top.parts.pop() ?? '') + text);
  }

  #template(parts: readonly string[]): string {
    const name = (parts[0] ?? '').replace(/<[^>]{0,200}>/g, '').trim();
    this.templates.add(name.slice(0, 100));
    const positional: string[] = [];
    const named: [string, string][] = [];
    for (const part of parts.slice(1)) {
      const [, key, value] = /^\s*([\p{L}\p{N}][\p{L}\p{N} _-]{0,60}?)\s*=([\s\S]*)$/u.exec(part) ?? [];
      if (key === undefined || value === undefined) positional.push(part.trim());
      else named.push([key, value.trim()]);
    }
    if (/^(full)?pagename$/i.test(name)) return escapeHtml(this.#title ?? '');
    if (name === '!') return '|';
    if (/^disambig/i.test(name)) return '\n<div class="disambig"></div>\n';
    const day = /\bdate\b/i.test(name) ? dateOf(positional) : null;
    if (day !== null) return day;
    const isInfobox = this.#frames.length === 0 && !this.#hasInfobox && named.length >= 2;
    if (isInfobox) {
      this.#hasInfobox = true;
      return `\n${infoboxHtml(named)}\n`;
    }
    return positional.length === 1 ? (positional[0] ?? '') : '';
  }

  #link(parts: readonly string[]): string {
    const target = (parts[0] ?? '').trim().replaceAll('_', ' ');
    const [, space = '', rest = ''] = /^:?\s*([\p{L} ]{1,20})\s*:\s*(.+)$/u.exec(target) ?? [];
    const label = parts.slice(1).join('|').trim();
    if (/^(file|image)$/i.test(space) && !target.startsWith(':')) return fileHtml(rest, parts.slice(1));
    if (/^category$/i.test(space) && !target.startsWith(':')) {
      this.categories.add(rest.slice(0, 200));
      return '';
    }
    if (/^(wikipedia|w)$/i.test(space)) {
      return `<a class="extiw" href="https://en.wikipedia.org/wiki/${encodePath(rest)}">${label || rest}</a>`;
    }
    return `<a href="/wiki/${encodePath(target)}">${label || target}</a>`;
  }
}

/** `{{Birth date and age|2001|8|8|mf=yes}}`: the first three numbers. */
function dateOf(positional: readonly string[]): string | null {
  const [year, month, day] = positional.filter((part) => /^\d{1,4}$/.test(part)).map(Number);
  return year === undefined || month === undefined || day === undefined ? null : dayOf(year, month, day);
}

function infoboxHtml(named: readonly (readonly [string, string])[]): string {
  const items = named.map(([key, value]) => {
    const shown = valueHtml(
      /^(image|picture|photo)\d*$/i.test(key) && !value.includes('<') && value !== '' ? fileHtml(value, []) : value,
    );
    const source = `data-source="${escapeHtml(key)}"`;
    return `<div class="pi-item pi-data" ${source}><div class="pi-data-value">${shown}</div></div>`;
  });
  return `<aside class="portable-infobox">${items.join('')}</aside>`;
}

function encodePath(title: string): string {
  return encodeURIComponent(title.toWellFormed().replaceAll(' ', '_'));
}

/** Cuts every stretch from `open` to `close`; an unclosed one reaches to the end. */
function cutBetween(text: string, open: string, close: string): string {
  const kept: string[] = [];
  let at = 0;
  for (let from = text.indexOf(open); from >= 0; from = text.indexOf(open, at)) {
    kept.push(text.slice(at, from));
    const to = text.indexOf(close, from + open.length);
    if (to < 0) return kept.join('');
    at = to + close.length;
  }
  kept.push(text.slice(at));
  return kept.join('');
}

/** `<ref>...</ref>` and `<ref name="x" />`. */
function withoutReferences(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (let from = text.indexOf('<ref'); from >= 0; from = text.indexOf('<ref', at)) {
    kept.push(text.slice(at, from));
    const end = text.indexOf('>', from);
    if (end < 0) return kept.join('');
    const closed = text[end - 1] === '/' || !/^<ref[\s>]/.test(text.slice(from, from + 5));
    const close = closed ? end : text.indexOf('</ref>', end);
    if (close < 0) return kept.join('');
    at = closed ? end + 1 : close + '</ref>'.length;
  }
  kept.push(text.slice(at));
  return kept.join('');
}
