import { isObject, type JsonObject, type Parsed, parsed, unexpected } from '../../read.ts';

/** What a page of www.imdb.com carries for its own scripts (`spec/sources-imdb.md` 7). */
export interface PageData {
  /** The route, for example `/title/[tconst]/episodes`; null when not told (`_next/data` answers, older layouts). */
  readonly page: string | null;
  readonly query: JsonObject;
  readonly buildId: string | null;
  /** Language of the page, for example `en-US`. */
  readonly locale: string | null;
  readonly props: JsonObject;
}

export interface Page {
  readonly html: string;
  /** Null when the page has no such script. */
  readonly data: PageData | null;
}

/** No page of the site comes near; more is an attempt to keep us busy. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Cuts the embedded data out with a scan; nothing else of the page is looked at. Also takes the data alone: what stands in the
 * script, or a `_next/data` answer. A page that has neither data nor a link to a title or a person is no page of the site.
 */
export function readPage(body: Uint8Array): Parsed<Page> {
  if (body.byteLength > MAX_BYTES) return unexpected(`the page is over ${MAX_BYTES} bytes`);
  const html = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const start = html.search(/[^\s\uFEFF]/);
  if (start < 0) return unexpected('the page is empty');
  if (html[start] === '{') return dataAlone(html);
  const script = nextDataScript(html);
  if (script === 'cut') return unexpected('the page is cut off within its embedded data');
  if (script === null) {
    const problem = hasJsonLd(html) ? null : emptyShell(html);
    return problem === null ? parsed({ html, data: null }) : unexpected(problem);
  }
  const root = json(script);
  if (root === undefined) return unexpected('the embedded data is not JSON');
  return withData(html, root);
}

function dataAlone(html: string): Parsed<Page> {
  const root = json(html.replace(/^\uFEFF/, ''));
  return root === undefined ? unexpected('the payload is not JSON') : withData('', root);
}

function withData(html: string, root: unknown): Parsed<Page> {
  if (!isObject(root)) return unexpected('the embedded data is not an object');
  const props = isObject(root['props']) ? root['props']['pageProps'] : root['pageProps'];
  if (!isObject(props)) return unexpected('missing: props.pageProps in the embedded data');
  const word = (key: string) => (typeof root[key] === 'string' ? root[key] : null);
  const query = isObject(root['query']) ? root['query'] : {};
  return parsed({ html, data: { page: word('page'), query, buildId: word('buildId'), locale: word('locale'), props } });
}

function nextDataScript(html: string): string | 'cut' | null {
  for (const script of scripts(html)) {
    if (/\bid\s*=\s*["']?__NEXT_DATA__\b/.test(script.attributes)) return script.content ?? 'cut';
  }
  return null;
}

/** The parsed content of every `<script type="application/ld+json">`, lists flattened; what does not parse is passed over. */
export function jsonLd(html: string): JsonObject[] {
  return blocks(html, /type\s*=\s*["']?application\/ld\+json/i).flatMap((block) =>
    (Array.isArray(block) ? block : [block]).filter(isObject),
  );
}

/** The parsed content of every `<script type="application/json">`. */
export function jsonScripts(html: string): unknown[] {
  return blocks(html, /type\s*=\s*["']?application\/json/i);
}

function blocks(html: string, attributes: RegExp): unknown[] {
  const found: unknown[] = [];
  for (const script of scripts(html)) {
    if (script.content === null || !attributes.test(script.attributes)) continue;
    const value = json(script.content);
    if (value !== undefined) found.push(value);
    if (found.length >= 50) break;
  }
  return found;
}

/** All scripts in order; `content` is null when the end tag is missing. One pass, whatever the page does. */
function* scripts(html: string): Generator<{ attributes: string; content: string | null }> {
  for (let at = html.indexOf('<script'); at >= 0; at = html.indexOf('<script', at)) {
    const open = html.indexOf('>', at);
    if (open < 0) return;
    const attributes = html.slice(at + 7, Math.min(open, at + 2000));
    const close = html.indexOf('</script', open);
    yield { attributes, content: close < 0 ? null : html.slice(open + 1, close) };
    if (close < 0) return;
    at = close + 8;
  }
}

function json(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

const hasJsonLd = (html: string) => /application\/ld\+json/i.test(html);

/** Words of pages that come instead of the one asked for; looked for only where there is no data. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/awswaf|gokuProps|challenge-container|captcha/i, 'a challenge instead of the page'],
  [/\/ap\/signin|registration\/signin|<title>[^<]{0,40}sign[ -]?in/i, 'a sign-in page instead of the page'],
  [/<title>[^<]{0,60}\b(?:error|404|503|not found|unavailable)\b/i, 'an error page instead of the page'],
  [/consent/i, 'a consent page instead of the page'],
];

/** Why an HTML page without embedded data is no page of the site; null when it links to titles or people. */
export function emptyShell(html: string): string | null {
  if (/\/(?:title\/tt|name\/nm)\d|m\.media-amazon\.com|data-testid|<select/i.test(html)) return null;
  const head = html.slice(0, 50_000);
  return INSTEAD.find(([words]) => words.test(head))?.[1] ?? 'a page without data: neither embedded data nor titles';
}

/**
 * Why a 200 is no answer but a challenge or another page in its place (`spec/sources-imdb.md` 6.3): a page that carries neither embedded
 * data nor JSON-LD nor titles, or HTML where data was asked for. Null when it is an answer.
 */
export function disguised(body: Buffer, isPage: boolean): string | null {
  const head = body.subarray(0, 64).toString('latin1').trimStart();
  if (body.length === 0 || (head === '' && body.toString('latin1').trim() === '')) return 'an empty body';
  if (!isPage) return head.startsWith('<') ? 'a page instead of data' : null;
  if (head.startsWith('{') || body.includes('__NEXT_DATA__') || body.includes('application/ld+json')) return null;
  return emptyShell(body.toString('utf8'));
}

const SESSION = [
  'requestContext',
  'cmsContext',
  'translationContext',
  'urqlState',
  'fetchState',
  'nameCallToActionData',
];

/** The page with what it says about its reader taken out of the embedded data (section 7): session, address, place. */
export function withoutSession(body: Buffer): Buffer {
  if (!body.includes('"requestContext"')) return body;
  const html = body.toString('utf8');
  const alone = html.trimStart().startsWith('{');
  const script = alone ? html : nextDataScript(html);
  const root = script === null || script === 'cut' ? undefined : json(script);
  const props = isObject(root) ? (isObject(root['props']) ? root['props']['pageProps'] : root['pageProps']) : undefined;
  if (!isObject(root) || !isObject(props) || script === null) return body;
  const kept = Object.fromEntries(Object.entries(props).filter(([key]) => !SESSION.includes(key)));
  const clean = isObject(root['props'])
    ? { ...root, props: { ...root['props'], pageProps: kept } }
    : { ...root, pageProps: kept };
  const text = JSON.stringify(clean).replaceAll('<', '\\u003c');
  return Buffer.from(alone ? text : html.replace(script, () => text));
}
