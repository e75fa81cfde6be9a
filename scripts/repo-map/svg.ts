import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FolderFiles } from '../../src/platform/folder-files.ts';
import { chartsOf } from './mermaid.ts';

const run = promisify(execFile);

/**
 * Draws every chart as `PAGE-N.svg` into a folder with `mmdc` (Mermaid's command line), found on the path. Pictures are artifacts:
 * nothing compares them. @returns one line that says what was drawn, or why nothing was.
 */
export async function drawCharts(files: FolderFiles, folder: string): Promise<string> {
  const charts = [...files].flatMap(([page, text]) =>
    chartsOf(text).map((chart, at) => ({ name: `${page.replace(/\.md$/, '')}-${at + 1}`, chart })),
  );
  if (
    !(await run('mmdc', ['--version']).then(
      () => true,
      () => false,
    ))
  ) {
    return 'no pictures: mmdc (Mermaid command line) is not installed';
  }
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'trr-charts-'));
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, chart } of charts) {
      const input = path.join(scratch, `${name}.mmd`);
      await writeFile(input, `${chart}\n`);
      await run('mmdc', ['--input', input, '--output', path.join(folder, `${name}.svg`), '--quiet']);
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  return `${charts.length} pictures`;
}
