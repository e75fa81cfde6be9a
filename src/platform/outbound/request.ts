import type { Dispatcher } from 'undici';
import { readBody, UnpackError } from '../unpack.ts';
import { authority } from './addresses.ts';
import { OutboundError } from './errors.ts';

export interface OutboundStreamRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the first byte sent to the last received, over all redirects. */
  readonly timeoutMs: number;
  /** Followed within the same host, and to what `redirectTo` allows; default 3. */
  readonly maxRedirects?: number;
  /** Whether an https address on another host may be followed to. Credentials would travel along: only for requests without. */
  readonly redirectTo?: (url: URL) => boolean;
  readonly signal?: AbortSignal;
}

export interface OutboundRequest extends OutboundStreamRequest {
  /** Cap on the body, packed and unpacked. */
  readonly maxBytes: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked. */
  readonly body: Buffer;
  /** Where the answer came from, when a redirect was followed. */
  readonly redirectedTo?: string;
}

/** An answer whose body is read while it arrives: as sent, still packed. The reader bounds it. */
export type StreamedResponse = Omit<OutboundResponse, 'body'> & { readonly body: AsyncIterable<Uint8Array> };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Sends one request and reads its whole answer, whatever its status.
 * @throws OutboundError for everything that is not a whole answer
 */
export function outboundRequest(dispatcher: Dispatcher, request: OutboundRequest): Promise<OutboundResponse> {
  return outboundStream(dispatcher, request, async ({ body, ...answer }) => ({
    ...answer,
    body: await readBody(body, answer.headers['content-encoding'], request.maxBytes),
  }));
}

/**
 * Sends one request and hands its answer to `read` while the body arrives; for what is too large to hold.
 * @throws OutboundError for everything that is not a whole answer, also for what `read` throws
 */
export async function outboundStream<T>(
  dispatcher: Dispatcher,
  request: OutboundStreamRequest,
  read: (response: StreamedResponse) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    return await follow(dispatcher, request, signal, read);
  } catch (error) {
    throw translate(error, request, deadline);
  }
}

async function follow<T>(
  dispatcher: Dispatcher,
  request: OutboundStreamRequest,
  signal: AbortSignal,
  read: (response: StreamedResponse) => Promise<T>,
): Promise<T> {
  const next = (from: URL, location: string) => nextHop(from, location, request.redirectTo);
  const { answer, headers, url } = await afterRedirects(dispatcher, request, next, signal);
  try {
    const redirectedTo = url.href === new URL(request.url).href ? {} : { redirectedTo: url.href };
    return await read({ status: answer.statusCode, headers, body: answer.body, ...redirectedTo });
  } finally {
    answer.body.destroy();
  }
}

/** Asks, and asks again where redirects lead, as far as `next` allows (it throws an OutboundError otherwise). The body is not read yet. */
export async function afterRedirects(
  dispatcher: Dispatcher,
  request: Pick<OutboundStreamRequest, 'url' | 'method' | 'headers' | 'body' | 'maxRedirects'>,
  next: (from: URL, location: string) => URL,
  signal: AbortSignal,
): Promise<{ answer: Dispatcher.ResponseData; headers: Record<string, string>; url: URL }> {
  let url = new URL(request.url);
  for (let hops = 0; ; hops++) {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'accept-encoding': 'gzip, deflate, br', ...request.headers },
      body: request.body ?? null,
      signal,
    });
    const headers = flatten(answer.headers);
    answer.body.on('error', () => undefined); // reported by the reader; without a listener it would end the process
    const target = REDIRECTS.has(answer.statusCode) ? headers['location'] : undefined;
    if (target === undefined) return { answer, headers, url };
    await answer.body.dump({ limit: 65_536 });
    if (request.method !== 'GET') throw new OutboundError('redirect', 'a POST was redirected: refused');
    if (hops >= (request.maxRedirects ?? 3)) throw new OutboundError('redirect', 'too many redirects');
    url = next(url, target);
  }
}

/** Credentials travel in our headers, so a redirect may neither change the host nor give up encryption. */
function nextHop(from: URL, location: string, redirectTo: (url: URL) => boolean = () => false): URL {
  if (!URL.canParse(location, from.href))
    throw new OutboundError('redirect', 'redirect to something that is not a URL');
  const to = new URL(location, from);
  const upgrade =
    from.protocol === 'http:' && to.protocol === 'https:' && to.hostname === from.hostname && to.port === '';
  if (from.protocol === 'https:' && to.protocol === 'https:' && redirectTo(to)) return to;
  if (upgrade || (authority(to) === authority(from) && to.protocol === from.protocol)) return to;
  throw new OutboundError(
    'redirect',
    `${from.host} redirects to ${to.protocol}//${to.host}: only the same host is followed`,
  );
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** Whatever went wrong, as the one kind of error callers know. */
export function translate(
  error: unknown,
  request: Pick<OutboundStreamRequest, 'signal' | 'timeoutMs'>,
  deadline: AbortSignal,
): OutboundError {
  if (error instanceof OutboundError) return error;
  if (error instanceof UnpackError) return new OutboundError(error.failure, error.message, { cause: error });
  if (request.signal?.aborted === true) return new OutboundError('aborted', 'cancelled', { cause: error });
  if (deadline.aborted)
    return new OutboundError('timeout', `no whole answer within ${request.timeoutMs} ms`, { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code.includes('TIMEOUT')) return new OutboundError('timeout', `timed out (${code})`, { cause: error });
  return new OutboundError('network', `connection failed (${code})`, { cause: error });
}
