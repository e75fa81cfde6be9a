import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ServerConfig } from '../../platform/config/types.ts';
import { Problem } from '../../platform/errors/problem.ts';

const WILDCARDS = new Set(['0.0.0.0', '::']);

/**
 * Answers only to names it knows: loopback names, `PUBLIC_URL` and `HOST` (design 11). Without this, a web page whose name resolves
 * to this machine could read the API of somebody's local server (DNS rebinding). That needs a name, so on a wildcard address any
 * literal IP address is accepted.
 */
export function hostPlugin(app: FastifyInstance, server: ServerConfig): void {
  const known = new Set(['localhost', '127.0.0.1', '::1', server.host.toLowerCase()]);
  if (server.publicUrl !== null) known.add(bareHost(new URL(server.publicUrl).host));
  const anyAddress = WILDCARDS.has(server.host);
  app.addHook('onRequest', (request, _reply, done) => {
    const given = hostHeaders(request.raw.rawHeaders);
    // RFC 9112 3.2: a proxy in front may have believed the other one.
    if (given > 1 || (given === 0 && request.raw.httpVersion === '1.1')) {
      throw new Problem({
        status: 400,
        code: 'bad_request',
        detail: given === 0 ? 'The request has no Host header' : 'The request has more than one Host header',
      });
    }
    // Probes of a load balancer come by address or without a name; health tells nothing about the data.
    if (request.url.startsWith('/health')) return done();
    const host = bareHost(request.headers.host ?? '');
    if (known.has(host) || host.endsWith('.localhost') || (anyAddress && isIP(host) !== 0)) return done();
    throw new Problem({
      status: 421,
      code: 'unknown_host',
      detail: 'This server does not answer to that host name: set PUBLIC_URL to the address clients use',
    });
  });
}

function hostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** Lower case, without port, brackets and final dot. */
function bareHost(host: string): string {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}
