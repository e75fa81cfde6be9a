/** Query parameters that prove who asks; never part of a snapshot, a match or a message. */
const CREDENTIAL_PARAMETERS = new Set([
  'api_key',
  'apikey',
  'access_token',
  'token',
  'session_id',
  'guest_session_id',
  'request_token',
  'password',
]);

export function isCredentialParameter(name: string): boolean {
  return CREDENTIAL_PARAMETERS.has(name.toLowerCase());
}

/** The URL without user name, password, credential parameters and fragment. */
export function withoutCredentials(url: URL): URL {
  const clean = new URL(url);
  clean.username = '';
  clean.password = '';
  clean.hash = '';
  for (const name of [...clean.searchParams.keys()]) {
    if (isCredentialParameter(name)) clean.searchParams.delete(name);
  }
  return clean;
}

/** How a request is named in messages: method, host and path, no query. */
export function describeRequest(method: string, url: string): string {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname}`;
}

/** Text from outside as part of a one-line message: no control characters, no secrets, at most 200 characters. */
export function quotable(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '[redacted]');
  clean = clean
    .replace(/(api_key|access_token|session_id)=[^&\s"']+/gi, '$1=[redacted]')
    .replace(/\bbearer\s+[\w.~+/=-]+/gi, 'Bearer [redacted]')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
