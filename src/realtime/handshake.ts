import type { IncomingMessage } from 'node:http';

const PROTOCOL = 'trr.v1';
const BEARER = 'bearer.';

/**
 * The token of a handshake that has no `Authorization`: of the subprotocol `bearer.<token>` (browsers cannot set headers) or the
 * query (January clients; never logged). Null when there is none.
 */
export function handshakeToken(headers: IncomingMessage['headers'], query: unknown): string | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const bearer = offered.find((name) => name.startsWith(BEARER));
  if (bearer !== undefined) return bearer.slice(BEARER.length);
  const { token } = (query ?? {}) as { token?: unknown };
  return typeof token === 'string' && token !== '' ? token : null;
}

/** The one of the offered subprotocols that is answered. The token, which may be another, is not repeated. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(PROTOCOL) ? PROTOCOL : false;
}

/** Whether a request wants to become a live connection; others with an Upgrade header (curl's h2c) are ordinary requests. */
export function isLiveUpgrade(request: Pick<IncomingMessage, 'headers' | 'url'>): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
