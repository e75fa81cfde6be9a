import { tmpdir } from 'node:os';
import {
  type AgentOptions,
  createOutboundAgent,
  loopbackAuthorities,
  OutboundError,
  type OutboundFailure,
  outboundDownload,
  userAgent,
} from '../../platform/outbound/index.ts';
import { type NotStored, notStored, type Reason } from '../reasons.ts';
import { addressToAsk, judge, type Origins, refusal } from './origins.ts';
import { createSpool, type Spool } from './spool.ts';

/** What we take, in the order in which we like it; formats nobody here can show are not asked for. */
const ACCEPT = 'image/webp,image/jpeg,image/png,image/avif;q=0.9,image/gif;q=0.8,image/svg+xml;q=0.5';
const FANDOM_REFERER = 'https://real-housewives.fandom.com/';

export const MAX_BYTES = 25 << 20;
const DEADLINE_MS = 60_000;

export interface DownloadSettings {
  readonly origins: Origins;
  readonly contactUrl: string | null;
  /** Default 25 MiB and 60 s in all. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** Connections per host; default 16. */
  readonly connections?: number;
  readonly resolve?: AgentOptions['resolve'];
  /** Where large files wait; default the system's folder for temporary files. */
  readonly folder?: string;
}

export interface ImageRequest {
  readonly source: string;
  /** The image's address as it is stored. */
  readonly url: string;
  /** The page it was found on; sent to Fandom as referer (`spec/media.md` 4). */
  readonly page: string | null;
  /** Of the copy we hold: then the answer may be `not_modified`. */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  readonly signal?: AbortSignal;
}

export type Downloaded =
  | {
      readonly kind: 'file';
      /** To be discarded by the caller. */
      readonly file: Spool;
      readonly etag: string | null;
      readonly lastModified: string | null;
    }
  | { readonly kind: 'not_modified' }
  | NotStored;

export interface Downloader {
  fetch(request: ImageRequest): Promise<Downloaded>;
  /** Requests sent, by host. */
  counts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/**
 * The one way images come in (`spec/media.md` 4, S1, S2): only from the hosts of their source, by https, to public addresses, judged again
 * at every redirect and at the very connection; bounded in bytes and time.
 */
export function createDownloader(settings: DownloadSettings): Downloader {
  const moved = Object.values(settings.origins).flatMap(({ rewrite }) => (rewrite === undefined ? [] : [rewrite.to]));
  const agent = createOutboundAgent({
    loopback: loopbackAuthorities(moved),
    connections: settings.connections ?? 16,
    connectTimeoutMs: 5000,
    ...(settings.resolve === undefined ? {} : { resolve: settings.resolve }),
  });
  const folder = settings.folder ?? tmpdir();
  const counts: Record<string, number> = {};
  return {
    async fetch(request) {
      const origin = settings.origins[request.source];
      const url = origin === undefined ? request.url : addressToAsk(origin, request.url);
      const refused = judge(origin, url);
      if (refused !== undefined) return refused;
      const file = createSpool(folder);
      const { host } = new URL(url);
      counts[host] = (counts[host] ?? 0) + 1;
      let kept = false;
      try {
        const answer = await outboundDownload(agent, {
          url,
          headers: headersOf(request, settings.contactUrl),
          refuse: (hop) => refusal(origin, hop)?.detail,
          maxBytes: settings.maxBytes ?? MAX_BYTES,
          timeoutMs: settings.timeoutMs ?? DEADLINE_MS,
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          onChunk: (chunk) => file.write(chunk),
        });
        if (answer.status === 304) return { kind: 'not_modified' };
        if (answer.status !== 200) return refusedStatus(answer.status, answer.headers['retry-after']);
        if (file.bytes === 0) return notStored('empty', 'the answer is empty');
        kept = true;
        const { etag = null, 'last-modified': lastModified = null } = answer.headers;
        return { kind: 'file', file, etag, lastModified };
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        return notStored(FAILURES[error.failure], error.message);
      } finally {
        if (!kept) await file.discard();
      }
    },
    counts: () => ({ ...counts }),
    close: () => agent.destroy(),
  };
}

const FAILURES: Readonly<Record<OutboundFailure, Reason>> = {
  address: 'address_not_allowed',
  redirect: 'redirect_not_allowed',
  too_large: 'too_large',
  encoding: 'encoding',
  timeout: 'timeout',
  network: 'network',
  aborted: 'network',
};

function headersOf(request: ImageRequest, contactUrl: string | null): Record<string, string> {
  return {
    accept: ACCEPT,
    'accept-language': 'en-US,en;q=0.9',
    'user-agent': userAgent(contactUrl),
    ...(request.source === 'fandom' ? { referer: refererOf(request.page) } : {}),
    ...(request.etag == null ? {} : { 'if-none-match': request.etag }),
    ...(request.lastModified == null ? {} : { 'if-modified-since': request.lastModified }),
  };
}

/** Only what is an address can be a header; anything else is as good as none. */
function refererOf(page: string | null): string {
  return page !== null && URL.canParse(page) && page.startsWith('https://') ? new URL(page).href : FANDOM_REFERER;
}

function refusedStatus(status: number, retryAfter: string | undefined): NotStored {
  const detail = `the answer was ${status}`;
  const wait = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  if (status === 404) return notStored('not_found', detail);
  if (status === 410) return notStored('gone', detail);
  if (status === 401 || status === 403) return notStored('forbidden', detail);
  if (status === 429) return notStored('rate_limited', detail, wait);
  return notStored('upstream_error', detail, wait);
}
