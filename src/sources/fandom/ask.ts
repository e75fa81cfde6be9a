import type { FandomConfig } from '../../platform/config/wikis.ts';
import { type NotOk, notOk, type Outcome, ok } from '../../platform/outcome.ts';
import { describeRequest } from '../redact.ts';
import type { Fetcher, SourceResponse } from '../types.ts';
import type { NotRead, PageResult } from './parse/result.ts';
import { ROBOTS, type WikiRequest } from './requests.ts';
import { type Robots, readRobots } from './robots.ts';
import type { WikiRequestOptions } from './source.ts';

/** What came of a request; `notRead` tells why a body is not the page asked for. */
export interface Answer<T> {
  readonly outcome: Outcome<T>;
  readonly notRead: NotRead | null;
}

export type Ask = <T>(
  wiki: string,
  request: WikiRequest,
  parse: (body: Uint8Array) => PageResult<T>,
  options?: WikiRequestOptions,
) => Promise<Answer<T>>;

/** A wiki that refused us is left alone this long, as the fetcher does; here also after a refusal that came as a page with status 200. */
const REFUSED_MS = 3_600_000;

/** `robots.txt` is read again after this long. */
const ROBOTS_MS = 24 * 3_600_000;

/** The product token of our user agent, which `robots.txt` may name. */
const PRODUCT = 'trr-backend';

export interface AskOptions {
  /** Milliseconds; for the times above. */
  readonly now?: () => number;
}

/**
 * The one way to ask a wiki: its rules first (`robots.txt`), then the request, then the parser. After a challenge or a refusal nothing more is
 * sent to that wiki for a while: it is never solved or dodged (`spec/sources-fandom.md` 20, 21).
 */
export function createAsk(fetcher: Fetcher, config: FandomConfig, { now = Date.now }: AskOptions = {}): Ask {
  const doors = new Map<string, Door>();
  return async (wiki, request, parse, options = {}) => {
    const known = doors.get(wiki);
    const door = known ?? { refusal: null, refusedUntil: 0, robots: null, robotsUntil: 0 };
    doors.set(wiki, door);
    if (door.refusal !== null && now() < door.refusedUntil) return { outcome: door.refusal, notRead: null };
    const send = (what: WikiRequest) => fetcher.fetch(sourceRequest(config, wiki, what), options.signal);
    if (door.robots === null || now() >= door.robotsUntil) {
      const rules = await readRules(send);
      if ('kind' in rules) return { outcome: noteRefusal(door, rules, now()), notRead: null };
      door.robots = rules;
      door.robotsUntil = now() + ROBOTS_MS;
    }
    const url = urlOf(config, wiki, request);
    if (!door.robots.allows(pathOf(wiki, request))) {
      const detail = `fandom: ${describeRequest('GET', url)}: robots.txt of ${wiki} does not allow it`;
      return { outcome: notOk('forbidden', detail), notRead: null };
    }
    const response = await send(request);
    if (response.kind !== 'ok') return { outcome: noteRefusal(door, response, now()), notRead: null };
    const answer = readAnswer(url, response.value, parse);
    return answer.outcome.kind === 'ok' ? answer : { ...answer, outcome: noteRefusal(door, answer.outcome, now()) };
  };
}

interface Door {
  /** Why the wiki is left alone. */
  refusal: NotOk | null;
  refusedUntil: number;
  robots: Robots | null;
  robotsUntil: number;
}

function noteRefusal(door: Door, outcome: NotOk, at: number): NotOk {
  // A refusal of our own (live access off, not recorded) has no status and says nothing about the wiki.
  const refused = outcome.kind === 'challenged' || (outcome.kind === 'forbidden' && outcome.status !== undefined);
  if (refused) {
    door.refusal = { ...outcome, detail: `${outcome.detail} (the wiki is left alone for a while)` };
    door.refusedUntil = at + REFUSED_MS;
  }
  return outcome;
}

/** No rules where there is no file, or where nothing can be sent anyway (snapshots, live access off); a wiki that cannot be asked is closed. */
async function readRules(send: (request: WikiRequest) => Promise<Outcome<SourceResponse>>): Promise<Robots | NotOk> {
  const outcome = await send(ROBOTS);
  if (outcome.kind === 'ok') return readRobots(outcome.value.body.toString('utf8'), PRODUCT);
  const unsent = outcome.kind === 'not_recorded' || (outcome.kind === 'forbidden' && outcome.status === undefined);
  return unsent || outcome.kind === 'not_found' || outcome.kind === 'gone' ? readRobots('', PRODUCT) : outcome;
}

function readAnswer<T>(url: string, response: SourceResponse, parse: (body: Uint8Array) => PageResult<T>): Answer<T> {
  const result = parse(response.body);
  const { at, via, status } = response;
  if (result.ok) return { outcome: ok(result.value, { at, via, missing: result.missing }), notRead: null };
  const detail = `fandom: ${describeRequest('GET', url)}: ${result.problem}`;
  return { outcome: notOk(result.kind, detail, { status }), notRead: result };
}

function sourceRequest(config: FandomConfig, wiki: string, request: WikiRequest) {
  const url = urlOf(config, wiki, request);
  return { source: 'fandom', method: 'GET', url, headers: { accept: request.accept } } as const;
}

/** `https://{wiki}{path}`, or the same below `FANDOM_BASE_URL`. Robots rules are the host's, whatever the language. */
export function urlOf({ baseUrl }: FandomConfig, wiki: string, request: WikiRequest): string {
  const place = request === ROBOTS ? (wiki.split('/')[0] ?? wiki) : wiki;
  const url = new URL(`${baseUrl ?? 'https:/'}/${place}${request.path}`);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  return url.href;
}

/** Path and query as the wiki's host sees them. */
function pathOf(wiki: string, request: WikiRequest): string {
  const url = new URL(urlOf({ wikis: [], baseUrl: null }, wiki, request));
  return `${url.pathname}${url.search}`;
}
