import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isLoopbackAddress, isPublicAddress } from './addresses.ts';
import { OutboundError } from './errors.ts';

export interface AgentOptions {
  /** `host:port` that may be on this machine (`loopbackAuthorities`); default none. */
  readonly loopback?: ReadonlySet<string>;
  /** Connections per origin; default 16. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  /** How names become addresses; default the system's resolver. Its answers pass the filter like any other's. */
  readonly resolve?: typeof lookup;
}

/**
 * The program's way out: keep-alive connections, and an address filter that acts on the very address being connected to, so
 * a name that resolves differently the second time (DNS rebinding) gains nothing. Refusals are `OutboundError` `address`.
 */
export function createOutboundAgent(options: AgentOptions = {}): Agent {
  const loopback = options.loopback ?? new Set<string>();
  const timeout = options.connectTimeoutMs ?? 10_000;
  const resolve = options.resolve ?? lookup;
  const strict = buildConnector({ timeout, allowH2: false, lookup: filteredLookup(resolve, isPublicAddress) });
  const local = buildConnector({ timeout, allowH2: false, lookup: filteredLookup(resolve, isLoopbackAddress) });
  return new Agent({
    connections: options.connections ?? 16,
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
    connect: (target, callback) => {
      const host = target.hostname.replace(/^\[|\]$/g, '');
      const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
      const mayBeLocal = loopback.has(`${target.hostname}:${port}`) || loopback.has(`[${host}]:${port}`);
      const allowed = mayBeLocal ? isLoopbackAddress : isPublicAddress;
      // A literal address is never looked up, so it is judged here.
      if (isIP(host) !== 0 && !allowed(host)) return callback(refusal(host), null);
      return (mayBeLocal ? local : strict)(target, callback);
    },
  });
}

function filteredLookup(resolve: typeof lookup, allowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const usable = addresses.filter(({ address }) => allowed(address));
      const [first] = usable;
      if (first === undefined) return callback(refusal(hostname), []);
      return options.all === true ? callback(null, usable) : callback(null, first.address, first.family);
    });
  };
}

function refusal(host: string): OutboundError {
  return new OutboundError('address', `${host} is not a public address: the address filter refuses to connect to it`);
}
