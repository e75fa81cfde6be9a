import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Finding, isBinary, lineOf, type Project } from '../project.ts';

/** Kinds of files that never belong into the repository, by name. */
const UNWANTED: readonly { readonly what: string; readonly name: RegExp; readonly unless?: RegExp }[] = [
  { what: 'an environment file', name: /^\.env(\..+)?$/, unless: /^\.env\.example$/ },
  { what: 'cookies of a browser', name: /cookies?\.(txt|json|sqlite|db)$|^cookies$/i },
  { what: 'a log', name: /\.log(\.\d+)?(\.gz)?$/i },
  { what: 'a private key or certificate', name: /\.(pem|key|p12|pfx|jks|keystore)$|^id_(rsa|dsa|ecdsa|ed25519)$/i },
  {
    what: 'credentials',
    name: /^(credentials|service[-_]?account.*|.*client[-_]secret.*)\.json$|^\.(npmrc|netrc|pgpass)$/i,
  },
  { what: 'a database dump', name: /\.(dump|bak|sqlite3?|mdb)$|\.sql\.(gz|xz|zst|bz2)$|^dump.*\.sql$/i },
  { what: 'a recorded browser session', name: /\.har$/i },
  { what: 'a system’s own file', name: /^(\.DS_Store|Thumbs\.db|desktop\.ini)$|\.(swp|swo|orig|rej)$/i },
];
const UNWANTED_FOLDER = /(^|\/)(credentials|node_modules|\.trr|coverage|__pycache__|\.venv)\//;

/** No single file may weigh more: what is larger is data, and belongs elsewhere. */
const MAX_BYTES = 2 << 20;

const CONFLICT = /^(<{7} |>{7} |\|{7} )/m;
/** Beside what the linter refuses (`.only`, `.skip`): the other ways of not running a test. */
const UNRUN_TEST = /^\s*(?:it|test|describe)(?:\.todo\(|\([^\n]*\{[^\n}]*\b(?:skip|todo|only):\s*true)/m;

/** Files and lines that get in by accident: cookies, logs, keys, dumps, leftovers of a merge, tests that do not run. */
export function hygieneFindings({ root, files, read }: Project): Finding[] {
  return files.flatMap((file) => {
    const name = basename(file);
    const found: Finding[] = UNWANTED.filter((kind) => kind.name.test(name) && !(kind.unless?.test(name) ?? false)).map(
      ({ what }) => ({ file, message: `looks like ${what}; such files stay out of the repository` }),
    );
    const folder = UNWANTED_FOLDER.exec(file)?.[2];
    if (folder !== undefined) found.push({ file, message: `files in ${folder}/ stay out of the repository` });
    const { size } = statSync(join(root, file));
    if (size > MAX_BYTES)
      return [...found, { file, message: `${size} bytes; at most ${MAX_BYTES} belong into the repository` }];
    const text = read(file);
    if (isBinary(text)) return found;
    const conflict = CONFLICT.exec(text);
    if (conflict !== null) found.push({ file, line: lineOf(text, conflict.index), message: 'conflict marker' });
    const unrun = file.endsWith('.test.ts') ? UNRUN_TEST.exec(text) : null;
    if (unrun !== null) {
      found.push({ file, line: lineOf(text, unrun.index) + leading(unrun[0]), message: 'a test that does not run' });
    }
    return found;
  });
}

function leading(text: string): number {
  return text.slice(0, text.length - text.trimStart().length).split('\n').length - 1;
}
