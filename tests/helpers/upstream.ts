import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/platform/config/types.ts';

export interface Upstream extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly url: string;
  readonly host: string;
  /** Connections so far, also those over which nothing was asked. */
  connections(): number;
  readonly requests: { readonly url: URL; readonly headers: IncomingMessage['headers']; readonly at: number }[];
}

/** A real HTTP server on loopback that answers with `handler` and remembers what it was asked. */
export async function startUpstream(
  handler: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Upstream> {
  const requests: Upstream['requests'] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream');
    requests.push({ url, headers: request.headers, at: performance.now() });
    handler(request, response, requests.length);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** Just what the sources read of the configuration. */
export function sourceConfig(
  tmdb: Partial<Config['tmdb']> = {},
  live: readonly string[] = ['tmdb'],
): Pick<Config, 'tmdb' | 'imdb' | 'fandom' | 'sheet' | 'sources'> {
  return {
    fandom: { wikis: [], baseUrl: null },
    sheet: null,
    tmdb: {
      bearer: 'bearer-secret-value',
      apiKey: null,
      rate: 1000,
      apiBaseUrl: 'https://api.themoviedb.org/3',
      imageBaseUrl: 'https://image.tmdb.org/t/p/original',
      listIds: [],
      ...tmdb,
    },
    imdb: { baseUrl: null, extraHeaders: {}, listUrl: null, queryHashes: {} },
    sources: { live: new Set(live), publishLicences: new Set(), contactUrl: 'https://example.org/contact' },
  };
}
