import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/** One instruction of a Containerfile, continuation lines joined. */
export interface Instruction {
  /** Upper case: `COPY`. */
  readonly name: string;
  readonly words: string;
  /** 1-based. */
  readonly line: number;
}

export interface Stage {
  readonly image: string;
  /** `AS ...`, null for the last one. */
  readonly name: string | null;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Containerfile. Heredocs and parser directives are not read: ours has none. */
export function readStages(text: string): Stage[] {
  const stages: { image: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const instruction of instructions(text)) {
    const [, image, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.words) ?? [];
    if (instruction.name === 'FROM' && image !== undefined)
      stages.push({ image, name: name ?? null, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function instructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  let open: { words: string; line: number } | null = null;
  text.split('\n').forEach((raw, at) => {
    if (raw.trim() === '' || raw.trim().startsWith('#')) return;
    const ended = !raw.endsWith('\\');
    const part = (ended ? raw : raw.slice(0, -1)).trim();
    open = open === null ? { words: part, line: at + 1 } : { words: `${open.words} ${part}`, line: open.line };
    if (!ended) return;
    const [, name = '', words = ''] = /^(\S+)\s*(.*)$/.exec(open.words) ?? [];
    found.push({ name: name.toUpperCase(), words, line: open.line });
    open = null;
  });
  return found;
}

/** `COPY [--from=STAGE] SOURCE... TARGET` */
export function readCopy(words: string): { from: string | null; sources: readonly string[]; target: string } {
  const parts = words.split(/\s+/);
  const flags = parts.filter((part) => part.startsWith('--'));
  const paths = parts.filter((part) => !part.startsWith('--'));
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length) ?? null;
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '.' };
}

/**
 * The files of the project a builder gets to see, as its ignore file says: the last line that matches counts, `!` takes a file back in.
 * @returns paths relative to the project, sorted
 */
export function builderContext(root: string, ignoreFile = '.dockerignore'): string[] {
  const rules = readFileSync(join(root, ignoreFile), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keep: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  const kept = (file: string) => rules.findLast(({ pattern }) => matches(file, pattern))?.keep ?? true;
  return globSync('**/*', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === '.git',
    withFileTypes: false,
  })
    .concat(globSync('.*', { cwd: root }))
    .filter(kept)
    .sort();
}

/** A pattern covers a file, or a folder above it. */
function matches(file: string, pattern: string): boolean {
  // For a builder a star covers names that begin with a dot too.
  if (pattern === '*') return true;
  const folders = file.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'));
  return folders.some((path) => matchesGlob(path, pattern));
}
