import { basename } from 'node:path';
import { type Command, parseShell, type Redirection, type Word } from './words.ts';

/** A command ready to be judged: the program without its path, its words behind it, and what came before. */
export interface Call {
  readonly program: Word;
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
  /** Variables set for this call only. */
  readonly assigned: boolean;
  readonly piped: boolean;
  /** Programs it was wrapped in, outermost first: `sudo`, `xargs`, `bash -c`, ... */
  readonly wrappers: readonly string[];
}

/** Flags that take the next word as their value, for programs that run other programs or have commands of their own. */
export const VALUE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  sudo: ['-u', '-g', '-h', '-p', '-C', '-D', '-R', '-T', '-U', '--user', '--group', '--host', '--chdir'],
  doas: ['-u', '-C'],
  env: ['-u', '-C', '--unset', '--chdir'],
  nice: ['-n', '--adjustment'],
  ionice: ['-c', '-n'],
  timeout: ['-s', '-k', '--signal', '--kill-after'],
  stdbuf: ['-i', '-o', '-e'],
  xargs: ['-I', '-n', '-P', '-L', '-d', '-s', '-E', '-a', '--max-args', '--max-procs', '--delimiter', '--arg-file'],
  exec: ['-a'],
  npx: ['-p', '--package'],
  git: [
    '-C',
    '-c',
    '--git-dir',
    '--work-tree',
    '--namespace',
    '--exec-path',
    '--config-env',
    '-o',
    '--push-option',
    '--repo',
  ],
  npm: ['--prefix', '-C', '-w', '--workspace', '--registry', '--loglevel'],
  pnpm: ['-C', '--dir', '--filter', '-F'],
  yarn: ['--cwd'],
  aws: ['--profile', '--region', '--output', '--endpoint-url', '--query', '--bucket', '--key', '--instance-ids'],
  gcloud: ['--project', '--zone', '--region', '--format', '--account'],
  az: ['-g', '--resource-group', '-n', '--name', '--subscription', '-o', '--output'],
  supabase: ['--workdir', '--project-ref', '--db-url', '--password', '-p'],
};

const WRAPPERS = new Set([
  'sudo',
  'doas',
  'env',
  'nohup',
  'nice',
  'ionice',
  'timeout',
  'stdbuf',
  'setsid',
  'xargs',
  'command',
  'builtin',
  'exec',
  'npx',
  'bunx',
  'time',
  'caffeinate',
]);
const SHELLS = new Set(['su', 'runuser', 'sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'fish']);
const DEEPEST = 8;

/** Stands for words that another program will supply: could be anything, also `/`. */
const SUPPLIED: Word = { text: '${supplied}/', open: true };

/** All calls a text would make, inside out: wrappers taken off, `bash -c`, `eval` and `find -exec` opened, variables filled in. */
export function callsOf(text: string): { readonly calls: readonly Call[]; readonly complete: boolean } {
  return callsWithin(text, new Map(), [], 0);
}

function callsWithin(
  text: string,
  known: Map<string, string>,
  wrappers: readonly string[],
  depth: number,
): { calls: Call[]; complete: boolean } {
  const { commands, complete } = parseShell(text);
  const calls: Call[] = [];
  let whole = complete && depth < DEEPEST;
  if (depth >= DEEPEST) return { calls, complete: false };
  const open = (inner: string, by: string) => {
    const found = callsWithin(inner, known, [...wrappers, by], depth + 1);
    calls.push(...found.calls);
    whole &&= found.complete;
  };
  for (const command of commands) {
    for (const { name, value } of assignmentsOf(command)) {
      if (!value.open || known.has(name)) known.set(name, filled(value, known).text);
    }
    const words = command.words.map((word) => filled(word, known));
    const redirections = command.redirections.map(({ operator, target }) => ({
      operator,
      target: filled(target, known),
    }));
    const base = { redirections, assigned: command.assignments.length > 0, piped: command.piped };
    const { program, rest, taken } = unwrapped(words);
    const all = [...wrappers, ...taken];
    calls.push({ ...base, program, words: rest, wrappers: all });
    const script = SHELLS.has(program.text) ? scriptOf(rest) : null;
    if (script !== null) open(script, `${program.text} -c`);
    if (program.text === 'eval') open(rest.map((word) => word.text).join(' '), 'eval');
    if (program.text === 'find')
      calls.push(...executed(rest).map((call) => ({ ...call, wrappers: [...all, 'find -exec'] })));
  }
  return { calls, complete: whole };
}

function assignmentsOf(command: Command): readonly { name: string; value: Word }[] {
  if (!['export', 'declare', 'local', 'readonly', 'typeset'].includes(command.words[0]?.text ?? ''))
    return command.assignments;
  return command.words.slice(1).flatMap(({ text, open }) => {
    const [whole, name] = /^([A-Za-z_]\w*)=/.exec(text) ?? [];
    return whole === undefined || name === undefined ? [] : [{ name, value: { text: text.slice(whole.length), open } }];
  });
}

/** Variables that an earlier part of the text set are filled in; others stay as written. */
function filled(word: Word, known: ReadonlyMap<string, string>): Word {
  if (!word.open) return word;
  const text = word.text.replace(/\$(?:\{(\w+)(?::?[-=]([^}]*))?\}|(\w+))/g, (whole, braced, fallback, plain) => {
    return known.get(braced ?? plain) ?? fallback ?? whole;
  });
  return { text, open: /[$`*?[]/.test(text) };
}

function unwrapped(words: readonly Word[]): { program: Word; rest: readonly Word[]; taken: string[] } {
  let rest = words;
  const taken: string[] = [];
  for (;;) {
    const program = rest[0] ?? { text: '', open: false };
    const name = program.open
      ? program.text
      : basename(program.text)
          .replace(/\.(exe|cmd)$/, '')
          .replace(/@[\w.^~-]+$/, '');
    const inner = WRAPPERS.has(name) ? afterFlags(name, rest.slice(1)) : null;
    if (inner === null || inner.length === 0) return { ...own({ ...program, text: name }, rest.slice(1)), taken };
    // Another package or version than the project's is not the program that a rule allows.
    const foreign = name === 'npx' && (rest.length - inner.length > 1 || /.@/.test(inner[0]?.text ?? ''));
    taken.push(foreign ? 'npx of something else' : name);
    rest = name === 'xargs' ? [...inner, SUPPLIED] : inner;
  }
}

/** Our own program by its other names: `node bin/trr.mjs ...`, `npm run trr -- ...`. */
function own(program: Word, rest: readonly Word[]): { program: Word; rest: readonly Word[] } {
  const [first = '', second = ''] = rest.map(({ text }) => text).filter((text) => !text.startsWith('-'));
  const called =
    program.text === 'node'
      ? basename(first) === 'trr.mjs'
      : program.text === 'npm' && first === 'run' && second === 'trr';
  if (!called) return { program, rest };
  const last = program.text === 'node' ? first : second;
  return {
    program: { text: 'trr', open: false },
    rest: rest.slice(rest.findIndex(({ text }) => text === last) + 1).filter(({ text }) => text !== '--'),
  };
}

/** The words behind a wrapper's own flags, assignments and, for `timeout`, its duration. */
function afterFlags(name: string, words: readonly Word[]): readonly Word[] {
  const values = VALUE_FLAGS[name] ?? [];
  let at = 0;
  for (let text = words[at]?.text; text !== undefined; text = words[at]?.text) {
    if (text === '--') return words.slice(at + 1);
    if (name === 'env' && (text === '-S' || text === '--split-string')) {
      return [
        ...parseShell(words[at + 1]?.text ?? '').commands.flatMap((command) => command.words),
        ...words.slice(at + 2),
      ];
    }
    if (name === 'npx' && (text === '-c' || text === '--call'))
      return [{ text: 'eval', open: false }, ...words.slice(at + 1)];
    if (text.startsWith('-')) at += values.includes(text) ? 2 : 1;
    else if (/^\w+=/.test(text) && ['env', 'sudo', 'doas'].includes(name)) at++;
    else break;
  }
  return words.slice(name === 'timeout' ? at + 1 : at);
}

/** The text a shell is given with `-c`, also in a cluster like `-lc`. */
function scriptOf(words: readonly Word[]): string | null {
  const at = words.findIndex(({ text }) => /^-[a-z]*c[a-z]*$/.test(text));
  return at < 0 ? null : (words.slice(at + 1).find(({ text }) => !/^[-+]/.test(text))?.text ?? null);
}

/** What `find` runs for each file, `{}` standing for where it starts. */
function executed(words: readonly Word[]): Omit<Call, 'wrappers'>[] {
  const start = words.find(({ text }) => !text.startsWith('-')) ?? { text: '.', open: false };
  return words.flatMap(({ text }, at) => {
    if (!/^-(exec|execdir|ok|okdir)$/.test(text)) return [];
    const end = words.findIndex((word, index) => index > at && (word.text === ';' || word.text === '+'));
    const inner = words.slice(at + 1, end < 0 ? undefined : end).map((word) => (word.text === '{}' ? start : word));
    const { program, rest } = unwrapped(inner);
    return [{ program, words: rest, redirections: [], assigned: false, piped: false }];
  });
}
