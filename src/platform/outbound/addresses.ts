import ipaddr from 'ipaddr.js';

/**
 * Whether an address may be connected to: public unicast only, so neither loopback, private, link-local (cloud metadata),
 * carrier-grade NAT, multicast nor any tunnel or translation prefix. IPv4 inside IPv6 is judged as the IPv4 it is.
 */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  return ipaddr.isValid(plain) && ipaddr.process(plain).range() === 'unicast';
}

export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  return ipaddr.isValid(plain) && ipaddr.process(plain).range() === 'loopback';
}

/** `host:port` of a URL with the default port written out; how exceptions to the address filter are named. */
export function authority(url: URL): string {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return `${url.hostname}:${port}`;
}

/**
 * The authorities among configured base URLs whose host says itself that it is this machine (`localhost`, 127.0.0.0/8, ::1):
 * an operator who writes that means it (a test server, a proxy). Any other name stays under the filter, whatever it resolves to.
 */
export function loopbackAuthorities(baseUrls: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of baseUrls) {
    if (!URL.canParse(text)) continue;
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)) found.add(authority(url));
  }
  return found;
}
