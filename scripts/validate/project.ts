import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { git, listed } from '../workflow/git.ts';

/** The files a check reads: what git tracks or would add, as it lies in the working tree. */
export interface Project {
  readonly root: string;
  readonly files: readonly string[];
  /** The text; throws where there is no such file. */
  read(file: string): string;
}

export interface Finding {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

export function projectAt(root: string): Project {
  const known = listed(git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '-z'));
  const files = [...new Set(known)].filter((file) => {
    const path = join(root, file);
    return existsSync(path) && !statSync(path).isDirectory();
  });
  return { root, files: files.sort(), read: (file) => readFileSync(join(root, file), 'utf8') };
}

/** True for what git would call binary: a NUL among the first bytes. */
export function isBinary(text: string): boolean {
  return text.slice(0, 8000).includes('\0');
}

export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

export function told({ file, line, message }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${message}`;
}
