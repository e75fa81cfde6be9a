import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

export interface Found {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** What a Markdown page says that can be wrong: where it points, where one can point at it, and what it names. */
export interface Page {
  /** Targets of links and images, also those of HTML and of definitions; as written, each once per line. */
  readonly links: readonly Found[];
  /** What stands in a code span. */
  readonly codes: readonly Found[];
  /** Slugs of the headings as GitHub makes them, and ids of HTML. */
  readonly anchors: ReadonlySet<string>;
  /** Blocks of prose (paragraphs, items of a list, cells of a table), each with its code spans and the text between, in order. */
  readonly blocks: readonly (readonly Piece[])[];
}

export interface Piece extends Found {
  readonly kind: 'code' | 'text';
}

/** Reads a page of GitHub's Markdown. Pure. */
export function readPage(markdown: string): Page {
  const text = markdown.replaceAll('\r\n', '\n');
  const slugger = new GithubSlugger();
  const links: Found[] = [];
  const anchors = new Set<string>();
  const blocks: Piece[][] = [];
  let offset = 0;
  for (const top of lexer(text)) {
    const lineOf = finder(text, offset);
    void walkTokens([top], (token) => {
      if (token.type === 'heading') anchors.add(slugger.slug(plain(token.tokens ?? [])));
      if (token.type === 'html') {
        for (const [, name, value = ''] of token.raw.matchAll(/\s(href|src|id|name)\s*=\s*["']([^"']*)["']/g)) {
          if (name === 'id' || name === 'name') anchors.add(value);
          else links.push({ text: value, line: lineOf(token.raw) });
        }
      }
      if (token.type === 'link' || token.type === 'image' || token.type === 'def') {
        links.push({ text: token.href, line: lineOf(token.raw) });
      }
    });
    for (const inline of inlineLists(top)) blocks.push(piecesOf(inline, finder(text, offset)));
    offset += top.raw.length;
  }
  return { links: links.filter(isFirst), anchors, blocks, codes: blocks.flat().filter(({ kind }) => kind === 'code') };
}

function isFirst({ text, line }: Found, at: number, all: readonly Found[]): boolean {
  return all.findIndex((other) => other.text === text && other.line === line) === at;
}

/** Lines of the parts of a block, asked for in their order. */
function finder(text: string, start: number): (raw: string) => number {
  let from = start;
  return (raw) => {
    const at = text.indexOf(raw.trimEnd(), from);
    if (at >= 0) from = at;
    return text.slice(0, from).split('\n').length;
  };
}

/** Every list of inline tokens inside a block token: what one paragraph, heading, item or cell holds. */
function inlineLists(token: Token): Token[][] {
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    // A row is one statement: what its cells name belongs together.
    return [header, ...rows].map((cells) => cells.flatMap((cell) => cell.tokens));
  }
  if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => inlineLists(item));
  const children = 'tokens' in token ? (token.tokens ?? []) : [];
  const isInline = token.type === 'paragraph' || token.type === 'heading' || token.type === 'text';
  return isInline ? [children] : children.flatMap(inlineLists);
}

/** The code spans and texts of inline tokens, flat. */
function piecesOf(tokens: readonly Token[], lineOf: (raw: string) => number): Piece[] {
  return tokens.flatMap((token): Piece[] => {
    if (token.type === 'codespan') return [{ kind: 'code', text: token.text, line: lineOf(token.raw) }];
    if ('tokens' in token && token.tokens !== undefined && token.tokens.length > 0)
      return piecesOf(token.tokens, lineOf);
    return 'text' in token ? [{ kind: 'text', text: String(token.text), line: lineOf(token.raw) }] : [];
  });
}

/** A heading's words, without marks, pictures and HTML. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'image' || token.type === 'html') return '';
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}
