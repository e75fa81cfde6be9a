import { basename, dirname, resolve } from 'node:path';
import type { Word } from './words.ts';

/** What the guard asks the repository; an answer that cannot be had is the dangerous one. */
export interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  /** The branch that is checked out; null: unknown. */
  readonly branch: () => string | null;
  /** Name of the default branch; null: unknown. */
  readonly defaultBranch: () => string | null;
  /** Secret files that `git add -A` would stage, because nothing ignores them. */
  readonly addableSecrets: () => readonly string[];
}

/** Questions about the plain words behind a command, each by its name in the rule table. */
const KINDS = {
  'root or home': (words, around) => words.some((word) => isRootOrHome(word, around)),
  'root if a variable is empty': (words) =>
    words.some(({ text, open }) => open && /^\$(\w+|\{\w+\})\/+[*.]*$/.test(text)),
  'environment file': (words) => words.some(isEnvironmentFile),
  'ends at environment file': (words) => words.length > 1 && isEnvironmentFile(words.at(-1)),
  'writes environment file': (words) =>
    words.some(({ text, open }) => text.startsWith('of=') && isEnvironmentFile({ text: text.slice(3), open })),
  'secret file': (words) => words.some((word) => isEnvironmentFile(word) || isCredential(word)),
  everything: (words) => words.some(isEverything),
  'while secrets are not ignored': (_, around) => around.addableSecrets().length > 0,
  'everything, while secrets are not ignored': (words, around) =>
    words.some(isEverything) && around.addableSecrets().length > 0,
  'pushes default branch': (words, around) => pushed(words, around).some(({ isDefault }) => isDefault),
  'overwrites default branch': (words, around) =>
    pushed(words, around).some(({ isDefault, overwrites }) => isDefault && overwrites),
  pip: (words) => words.some(({ text }) => text === 'pip') && words.some(({ text }) => text === 'install'),
} satisfies Record<string, (words: readonly Word[], around: Surroundings) => boolean>;

export type Kind = keyof typeof KINDS;

export function isKind(kind: Kind, words: readonly Word[], around: Surroundings): boolean {
  const holds: (words: readonly Word[], around: Surroundings) => boolean = KINDS[kind];
  return holds(words, around);
}

const SYSTEM =
  /^\/(bin|boot|dev|etc|home|lib|lib64|opt|proc|root|sbin|sys|usr|var|Users|System|Library|Applications|Volumes)$/;

/** The root, a home folder or what holds it, a system folder; also all that is in one (`/*`). */
function isRootOrHome({ text }: Word, { cwd, home }: Surroundings): boolean {
  const path = text
    .replace(/^(\$HOME|\$\{HOME(:[^}]*)?\}|~)(?=\/|$)/, home)
    .replace(/\/(\*|\.\*|\.|\{[^}]*\})?$/, '/')
    .replace(/(?<=.)\/+$/, '');
  if (/^~[a-z]\w*$/.test(path)) return true;
  const whole = /^(\*|\.\*|\{.*\})$/.test(path) ? cwd : resolve(cwd, path);
  return whole === '/' || SYSTEM.test(whole) || whole === home || ancestors(home).includes(whole);
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}

/** `.env` and its siblings with values, also by a pattern that would find it; `.env.example` holds none. */
function isEnvironmentFile(word: Word | undefined): boolean {
  if (word === undefined) return false;
  const name = basename(word.text);
  if (name === '.env.example') return false;
  if (/^\.env(\.[\w-]+)?$/.test(name)) return true;
  return /^\.[^/]*[*?[]/.test(name) && asPattern(name).test('.env');
}

function isCredential({ text }: Word): boolean {
  return (
    /(^|\/)\.?credentials(\/|$)/.test(text) ||
    /^(service[-_]?account.*|credentials)\.json$|\.(pem|key|p12|pfx)$|^id_(rsa|ed25519)$/i.test(basename(text))
  );
}

function isEverything({ text }: Word): boolean {
  return ['.', './', '*', ':/', ':', '..', '--all'].includes(text);
}

function asPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /^/;
  }
}

/**
 * The branches `git push` would update, from the words behind `push`: remote, then refspecs. Without one it is the branch that is
 * checked out. What is not known counts as the default branch.
 */
function pushed(words: readonly Word[], around: Surroundings): { isDefault: boolean; overwrites: boolean }[] {
  const refspecs = words.slice(1);
  const name = around.defaultBranch();
  const isDefault = (branch: string | null) =>
    branch === null || branch === name || (name === null && /^(main|master|trunk)$/.test(branch));
  if (refspecs.length === 0) return [{ isDefault: isDefault(around.branch()), overwrites: false }];
  return refspecs.map(({ text, open }) => {
    const [source = '', target] = text.replace(/^\+/, '').split(':');
    const plain = (target ?? source).replace(/^refs\/heads\//, '');
    const branch = plain === 'HEAD' || plain === '@' ? around.branch() : plain;
    return {
      isDefault: (open && /[$`]/.test(plain)) || plain.includes('*') || isDefault(branch),
      overwrites: text.startsWith('+') || (source === '' && target !== undefined),
    };
  });
}
