import type { Dispatcher } from 'undici';
import { OutboundError } from './errors.ts';
import { afterRedirects, translate } from './request.ts';

export interface DownloadRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Judges every hop before anything is sent to it: why not, or undefined when it may be asked. */
  readonly refuse: (url: URL) => string | undefined;
  readonly maxBytes: number;
  /** From the first byte sent to the last received, over all redirects. */
  readonly timeoutMs: number;
  /** Default 3. */
  readonly maxRedirects?: number;
  readonly signal?: AbortSignal;
  /** Gets the body of a 200 piece by piece; awaited, so that a slow reader slows the sender down. */
  readonly onChunk: (chunk: Uint8Array) => Promise<void> | void;
}

export interface DownloadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from in the end. */
  readonly url: string;
  readonly bytes: number;
}

/**
 * Fetches a file without ever holding it: nothing but the piece at hand is in memory. Redirects may change the host as far as `refuse`
 * allows; compressed transfer is neither asked for nor taken, so what is counted is what there is.
 * @throws OutboundError for everything that is not a whole answer, `redirect` for a hop that is refused
 */
export async function outboundDownload(dispatcher: Dispatcher, request: DownloadRequest): Promise<DownloadAnswer> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    const first = request.refuse(new URL(request.url));
    if (first !== undefined) throw new OutboundError('redirect', first);
    const asked = {
      url: request.url,
      method: 'GET' as const,
      headers: { 'accept-encoding': 'identity', ...request.headers },
      ...(request.maxRedirects === undefined ? {} : { maxRedirects: request.maxRedirects }),
    };
    const { answer, headers, url } = await afterRedirects(dispatcher, asked, hopper(request.refuse), signal);
    try {
      const bytes = answer.statusCode === 200 ? await receive(answer.body, headers, request) : 0;
      if (answer.statusCode !== 200) await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
      return { status: answer.statusCode, headers, url: url.href, bytes };
    } finally {
      answer.body.destroy();
    }
  } catch (error) {
    throw translate(error, request, deadline);
  }
}

function hopper(refuse: DownloadRequest['refuse']): (from: URL, location: string) => URL {
  return (from, location) => {
    if (!URL.canParse(location, from.href)) {
      throw new OutboundError('redirect', 'redirect to something that is not a URL');
    }
    const to = new URL(location, from);
    const reason = from.protocol === 'https:' && to.protocol !== 'https:' ? 'gives up encryption' : refuse(to);
    if (reason === undefined) return to;
    throw new OutboundError('redirect', `${from.host} redirects to ${to.protocol}//${to.host}: ${reason}`);
  };
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  request: DownloadRequest,
): Promise<number> {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw new OutboundError('encoding', `an image compressed as "${encoding.slice(0, 20)}"`);
  const tooLarge = () => new OutboundError('too_large', `the file is larger than ${request.maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > request.maxBytes) throw tooLarge();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > request.maxBytes) throw tooLarge();
    await request.onChunk(chunk);
  }
  return bytes;
}
