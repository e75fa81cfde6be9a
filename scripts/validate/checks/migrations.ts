import { basename } from 'node:path';
import { defaultBranch, listed, tryGit } from '../../workflow/git.ts';
import { type Finding, lineOf, type Project } from '../project.ts';

const FOLDER = 'supabase/migrations/';

/** Statements that lose what is stored. */
const DESTRUCTIVE =
  /\b(drop\s+(?:table|schema|column|database|type|materialized\s+view|owned)\b|truncate\b|alter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b|delete\s+from\s+\S+\s*(?:;|$)|update\s+\S+\s+set\s[^;]*(?<!\bwhere\b[^;]*);)/gi;
const MARKER = /--\s*destructive:\s*\S+/i;

/** The last file from before this rule: applied files never change, so theirs cannot be marked. */
const RULE_SINCE = '0134';

/**
 * Numbers and names of migrations, and statements that destroy without saying why. New files come after every file of the default
 * branch, else databases that are up to date would never run them in order.
 */
export function migrationFindings({ root, files, read }: Project): Finding[] {
  const own = files.filter((file) => file.startsWith(FOLDER) && file.endsWith('.sql'));
  const found: Finding[] = [];
  const byNumber = new Map<string, string>();
  for (const file of own) {
    const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(basename(file))?.[1];
    if (number === undefined) {
      found.push({ file, message: 'a migration is called NNNN_name.sql' });
      continue;
    }
    const other = byNumber.get(number);
    if (other !== undefined) found.push({ file, message: `the number ${number} is taken by ${basename(other)}` });
    byNumber.set(number, file);
    if (number >= RULE_SINCE) found.push(...destructive(file, read(file)));
  }
  return [...found, ...againstDefault(root, own)];
}

function destructive(file: string, text: string): Finding[] {
  const lines = text.split('\n');
  return [...statementsOnly(text).matchAll(DESTRUCTIVE)].flatMap((match) => {
    const line = lineOf(text, match.index);
    const marked = [lines[line - 1], lines[line - 2]].some((near) => MARKER.test(near ?? ''));
    const statement = match[0].trim().split(/\s+/).slice(0, 3).join(' ');
    return marked ? [] : [{ file, line, message: `${statement}: destructive, and no comment says why` }];
  });
}

/** The text with comments, quoted texts and bodies of functions blanked, so that positions stay; `do` blocks do run, and stay. */
function statementsOnly(text: string): string {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  return text
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, blank)
    .replace(/(\bdo\s+)?(\$[A-Za-z_]*\$)([\s\S]*?)\2/gi, (whole, run) => (run === undefined ? blank(whole) : whole))
    .replace(/'(?:[^']|'')*'/g, blank);
}

/** New files that sort before one that is merged already, and merged files that were changed. */
function againstDefault(root: string, own: readonly string[]): Finding[] {
  const branch = defaultBranch(root);
  const base = branch === null ? null : tryGit(root, 'merge-base', branch.ref, 'HEAD');
  if (branch === null || base === null) return [];
  const merged = listed(tryGit(root, 'ls-tree', '-r', '--name-only', '-z', branch.ref, FOLDER) ?? '');
  const newest =
    merged
      .map((file) => basename(file))
      .sort()
      .at(-1) ?? '';
  const early = own
    .filter((file) => !merged.includes(file) && basename(file) < newest)
    .map((file) => ({ file, message: `comes before ${newest}, which is merged: take the next free number` }));
  const touched = listed(tryGit(root, 'diff', '--name-only', '--no-renames', '-z', base, '--', FOLDER) ?? '')
    .filter((file) => merged.includes(file))
    .map((file) => ({ file, message: 'is merged and was changed: databases that ran it refuse; write a new one' }));
  return [...early, ...touched];
}
