import { type Finding, isBinary, lineOf, type Project } from '../project.ts';
import { ALLOWED } from './secrets-allowed.ts';

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** Group whose value is judged; 0 when the shape alone tells. */
  readonly group?: number;
}

/** Values whose shape alone tells what they are, then values that a name calls a secret. */
const RULES: readonly Rule[] = [
  // The head alone is what code that recognises keys writes down.
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\[nr])*[A-Za-z0-9+/=]{24,}/g },
  { what: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/g },
  { what: 'a Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { what: 'a Slack token', pattern: /\bxox[abprs]-[0-9A-Za-z-]{10,}/g },
  { what: 'a Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{16,}/g },
  { what: 'a key of the hosted platform', pattern: /\b(?:sb_secret_|sbp_)[A-Za-z0-9_-]{20,}/g },
  { what: 'a key of a language-model service', pattern: /\bsk-(?:[a-z]+-)*[A-Za-z0-9_]{20,}/g },
  { what: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    what: 'a signed token (JWT)',
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}/g,
  },
  {
    what: 'a password in an address',
    // Hosts that cannot be anybody's: this machine, and names reserved for examples and tests (RFC 2606).
    pattern:
      /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"`${}]+:([^\s@/'"`${}]{6,})@(?!localhost\b|127\.|[^\s'"`/:]*\b(?:example|invalid|test)\b)[^\s'"`/]+/g,
    group: 1,
  },
  {
    what: 'a value that its name calls a secret',
    pattern:
      /\b[A-Za-z0-9_]*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|ACCESS_?KEY|SERVICE_ROLE_KEY|BEARER)[A-Za-z0-9_]*["']?\s*[:=]\s*["'`]?([A-Za-z0-9+/_.=-]{20,})/gi,
    group: 1,
  },
];

/** Bits per character above which a value was hardly written by a person. */
const RANDOM_BITS = 3.7;
/** `S3_CREDENTIALS.accessKeyId`: code, not a value. */
const MEMBER = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+$/;
const PLACEHOLDER = /example|placeholder|changeme|your[-_]|xxxx|p(?:a|@|%40)ss|s[e3]cret|hunter2|\*\*\*/i;

/** Secrets in tracked and untracked text files. The finding names the line and the kind, never the value. */
export function secretFindings({ files, read }: Project): Finding[] {
  return files.flatMap((file) => {
    const text = read(file);
    if (isBinary(text) || /^(package-lock\.json|openapi\.json)$/.test(file)) return [];
    return RULES.flatMap(({ what, pattern, group = 0 }) =>
      [...text.matchAll(pattern)]
        .filter((match) => group === 0 || isRandom(match[group] ?? ''))
        .filter((match) => !isAllowed(file, match[0]))
        .map((match) => ({ file, line: lineOf(text, match.index), message: `looks like ${what}` })),
    );
  });
}

function isAllowed(file: string, value: string): boolean {
  return ALLOWED.some((allowed) => allowed.file === file && value.includes(allowed.value));
}

/** Letters and digits mixed without a pattern: what a generator makes, not what a person writes as an example. */
function isRandom(value: string): boolean {
  if (PLACEHOLDER.test(value) || MEMBER.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  const bits = [...counts.values()].reduce((sum, n) => sum - (n / value.length) * Math.log2(n / value.length), 0);
  return bits >= Math.min(RANDOM_BITS, Math.log2(value.length) * 0.8);
}
