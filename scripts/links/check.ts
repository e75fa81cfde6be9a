import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { namedExportProblems } from './named-exports.ts';
import { type Found, type Page, readPage } from './page.ts';

/** Where a link leads, for the link index. */
export type Target =
  | { readonly kind: 'file' | 'folder'; readonly path: string; readonly anchor: string }
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'dead'; readonly why: string };

/** Pages on which names of exports beside names of files must be true. */
const NAMING_PAGES: readonly string[] = ['docs/architecture.md'];

/** Code spans that begin like this and look like a path are one. */
const TOP = [
  '.ci',
  '.claude',
  '.config',
  '.github',
  'bench',
  'bin',
  'client',
  'deploy',
  'docs',
  'sample',
  'scripts',
  'skills',
  'src',
  'supabase',
  'tests',
  'web',
];
const PATH = new RegExp(`^(?:${TOP.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./-]+(?::\\d+)?$`);

/** Pages whose code spans are not ours to keep true: they are generated, or tell of the past. */
const FREE = [/^docs\/Repository\/generated\//, /^supabase\/schema_docs\//, /(^|\/)CHANGELOG\.md$/];

/** The pages and files of a project, for questions about links. */
export interface Site {
  readonly root: string;
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly pages: ReadonlyMap<string, Page>;
}

/** @param files the project's files, relative to `root` */
export function readSite(root: string, files: readonly string[]): Site {
  const folders = new Set(['.']);
  for (const file of files) for (let at = posix.dirname(file); at !== '.'; at = posix.dirname(at)) folders.add(at);
  const pages = files.filter((file) => file.endsWith('.md'));
  return {
    root,
    files: new Set(files),
    folders,
    pages: new Map(pages.map((page) => [page, readPage(readFileSync(join(root, page), 'utf8'))])),
  };
}

/** What is wrong with links, anchors and names on all pages: `docs/api.md:12: what`, sorted by page and line. */
export function linkProblems(site: Site): string[] {
  return [...site.pages].flatMap(([file, page]) => {
    const dead = page.links.flatMap((link) => {
      const target = targetOf(site, file, link.text);
      return target.kind === 'dead' ? [{ line: link.line, text: `${link.text}: ${target.why}` }] : [];
    });
    const paths = FREE.some((pattern) => pattern.test(file))
      ? []
      : page.codes.flatMap((code) => pathProblem(site, code));
    const names = NAMING_PAGES.includes(file) ? namedExportProblems(site, page) : [];
    return [...dead, ...paths, ...names]
      .sort((a, b) => a.line - b.line || (a.text < b.text ? -1 : 1))
      .map(({ line, text }) => `${file}:${line}: ${text}`);
  });
}

/** A code span that names a file or folder of the project names one that is there; NNNN stands for any number. */
function pathProblem(site: Site, { text, line }: Found): Found[] {
  if (!PATH.test(text) || text.includes('NNNN')) return [];
  const why = missing(site, text.replace(/:\d+$|\/$/, ''));
  return why === undefined ? [] : [{ line, text: `\`${text}\`: ${why}` }];
}

/** Where a link on a page leads. External addresses are read, not fetched. */
export function targetOf(site: Site, page: string, href: string): Target {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return elsewhere(href);
  if (href.startsWith('//')) return { kind: 'dead', why: 'write https:' };
  const [before = '', anchor = ''] = href.split('#', 2);
  const name = decoded(before.split('?', 1)[0] ?? '');
  if (name === undefined) return { kind: 'dead', why: 'not a valid address' };
  const path =
    name === '' ? page : name.startsWith('/') ? posix.normalize(name.slice(1)) : posix.join(posix.dirname(page), name);
  const bare = path.replace(/\/$/, '') || '.';
  const why = missing(site, bare) ?? anchorProblem(site, bare, decoded(anchor) ?? '');
  if (why !== undefined) return { kind: 'dead', why };
  return { kind: site.files.has(bare) ? 'file' : 'folder', path: bare, anchor };
}

function elsewhere(url: string): Target {
  if (/^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/.test(url)) return { kind: 'elsewhere', url };
  if (!URL.canParse(url)) return { kind: 'dead', why: 'not a valid address' };
  const { protocol, hostname } = new URL(url);
  const local = hostname === 'localhost' || hostname === '127.0.0.1';
  if (local && protocol === 'http:') return { kind: 'elsewhere', url };
  if (protocol !== 'https:') return { kind: 'dead', why: 'only https: addresses' };
  return hostname.includes('.') ? { kind: 'elsewhere', url } : { kind: 'dead', why: 'a host without a domain' };
}

/** Why there is no such file or folder, letter by letter; undefined when there is. */
function missing({ files, folders }: Site, path: string): string | undefined {
  if (files.has(path) || folders.has(path)) return undefined;
  if (path === '..' || path.startsWith('../')) return 'outside the project';
  const other = [...files, ...folders].find((name) => name.toLowerCase() === path.toLowerCase());
  return other === undefined ? 'no such file' : `no such file; ${other} is spelled differently`;
}

function anchorProblem(site: Site, path: string, anchor: string): string | undefined {
  if (anchor === '') return undefined;
  const page = site.pages.get(path);
  if (page !== undefined) return page.anchors.has(anchor) ? undefined : `no heading #${anchor} in ${path}`;
  if (!site.files.has(path)) return 'a folder has no headings';
  const [, from, to] = /^L(\d+)(?:-L(\d+))?$/.exec(anchor) ?? [];
  if (from === undefined) return `#${anchor}: a line is written #L12 or #L12-L20`;
  const lines = readFileSync(join(site.root, path), 'utf8').trimEnd().split('\n').length;
  const [first, last] = [Number(from), Number(to ?? from)];
  return first >= 1 && first <= last && last <= lines ? undefined : `${path} has ${lines} lines`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
