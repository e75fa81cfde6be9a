/** Variables whose whole value is a secret; URLs hold theirs in the password. */
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|BEARER|_KEY|HEADERS/;

/** Who knows the address of a published sheet may read it: parts of its path are secrets. */
const SECRET_ADDRESS = 'TRR_OVERRIDES_SHEET';

/** Shorter values are too common to be looked for in a text. */
const LEAST = 5;

/**
 * What checks print is written without secrets; this takes out what a library's own message may carry all the same.
 * @returns a function that replaces every secret of the environment by `***`
 */
export function redactor(environment: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = Object.entries(environment)
    .flatMap(([name, value = '']) => [
      ...(SECRET_NAME.test(name) ? pieces(value) : []),
      ...(name === SECRET_ADDRESS ? pathOf(value) : []),
      ...passwordOf(value),
    ])
    .filter((secret) => secret.length >= LEAST)
    // The longest first: one may hold another.
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

/** Lists of secrets and JSON objects of headers are secrets in each of their parts too. */
function pieces(value: string): string[] {
  const whole = value.trim();
  const strings = [...whole.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = '']) => inner);
  return [whole, ...whole.split(',').map((part) => part.trim()), ...strings];
}

function pathOf(value: string): string[] {
  return URL.canParse(value) ? new URL(value).pathname.split('/').filter((part) => part.length >= 8) : [];
}

function passwordOf(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  return [password, decode(password)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
