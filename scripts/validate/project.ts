import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles } from '../lib/project-files.ts';

/** The files a check reads, as they lie in the working tree. */
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
  return { root, files: projectFiles(root), read: (file) => readFileSync(join(root, file), 'utf8') };
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
