import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { projectFiles } from '../lib/project-files.ts';
import { linkProblems, readSite } from './check.ts';
import { readPage } from './page.ts';

let root: string;
const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'trr-links-'));
  put('docs/guide.md', '# The guide\n\n## Set up: `trr` & you\n\n## Notes\n\n## Notes\n\n<a id="by-hand"></a>\n');
  put('docs/My Notes.md', 'x\n');
  put(
    'src/a.ts',
    'export const one = 1;\nexport interface Two {\n  readonly member: string;\n}\nconst hidden = 3;\nexport { hidden as shown };\n',
  );
});
afterAll(() => rmSync(root, { recursive: true }));

/** What is wrong with a page at this place. */
function problems(text: string, page = 'docs/page.md'): string[] {
  put(page, text);
  const found = linkProblems(readSite(root, projectFiles(root)));
  rmSync(path.join(root, page));
  return found;
}

describe('npm run links:check', () => {
  it('finds nothing wrong in this project', () => {
    expect(linkProblems(readSite(PROJECT_ROOT, projectFiles(PROJECT_ROOT)))).toEqual([]);
  });

  it.each([
    '[x](guide.md)',
    '[x](./guide.md#the-guide) [y](../docs/guide.md#set-up-trr--you)',
    '[x](guide.md#notes) [y](guide.md#notes-1) [z](guide.md#by-hand)',
    '[x](/src/a.ts) [y](../src/a.ts#L2) [z](../src/a.ts#L2-L4) [folder](../src/)',
    '[x](My%20Notes.md) [y](<My Notes.md>)',
    '# Here\n\n[x](#here)',
    '[x][ref]\n\n[ref]: guide.md "A title"',
    '![x](https://example.org/x.png) <mailto:ada@example.org> https://example.org/a?b=c#d',
    'In `[x](nowhere.md)` and\n\n```md\n[x](nowhere.md)\n```\n',
    '[x](http://127.0.0.1:8000/docs) `src/a.ts` `src/a.ts:3` `src/NNNN_name.sql` `src/` `src/*.ts` `other/thing.ts`'.replace(
      '`src/NAME.ts` ',
      '',
    ),
  ])('lets %j pass', (text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([
    ['[x](nowhere.md)', 'docs/page.md:1: nowhere.md: no such file'],
    ['one\n\n- a\n- [x](nowhere.md)', 'docs/page.md:4: nowhere.md: no such file'],
    ['![x](nowhere.png)', 'docs/page.md:1: nowhere.png: no such file'],
    ['[ref]: nowhere.md', 'docs/page.md:1: nowhere.md: no such file'],
    ['<img src="nowhere.png">', 'docs/page.md:1: nowhere.png: no such file'],
    ['[x](Guide.md)', 'docs/page.md:1: Guide.md: no such file; docs/guide.md is spelled differently'],
    ['[x](guide.md#notes-2)', 'docs/page.md:1: guide.md#notes-2: no heading #notes-2 in docs/guide.md'],
    ['[x](guide.md#Notes)', 'docs/page.md:1: guide.md#Notes: no heading #Notes in docs/guide.md'],
    ['[x](#gone)', 'docs/page.md:1: #gone: no heading #gone in docs/page.md'],
    ['[x](../src/a.ts#L70)', 'docs/page.md:1: ../src/a.ts#L70: src/a.ts has 6 lines'],
    ['[x](../src/a.ts#one)', 'docs/page.md:1: ../src/a.ts#one: #one: a line is written #L12 or #L12-L20'],
    ['[x](../../etc/passwd)', 'docs/page.md:1: ../../etc/passwd: outside the project'],
    ['[x](http://example.org)', 'docs/page.md:1: http://example.org: only https: addresses'],
    ['[x](https://example)', 'docs/page.md:1: https://example: a host without a domain'],
    ['[x](https://)', 'docs/page.md:1: https://: not a valid address'],
    ['| a |\n|---|\n| [x](nowhere.md) |', 'docs/page.md:3: nowhere.md: no such file'],
    ['Text\nin `src/gone.ts`', 'docs/page.md:2: `src/gone.ts`: no such file'],
    ['`src/gone.ts:3`', 'docs/page.md:1: `src/gone.ts:3`: no such file'],
    ['`src/A.ts`', 'docs/page.md:1: `src/A.ts`: no such file; src/a.ts is spelled differently'],
  ])('finds what is wrong in %j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it('does not see what is ignored: a clone would not have it', () => {
    put('.gitignore', 'local/\n');
    put('local/page.md', '[x](nowhere.md)\n');
    expect(problems('[x](../local/page.md)')).toEqual(['docs/page.md:1: ../local/page.md: no such file']);
  });
});

describe('names of exports on the architecture page', () => {
  const page = 'docs/architecture.md';

  it.each([
    '`one` (`src/a.ts`) does it',
    '`src/a.ts`: `one`, then `member` and `shown`',
    'A word like `anything` without a file',
    '1. `src/a.ts` gives `one`\n2. and `free` is another item',
  ])('lets %j pass', (text) => {
    expect(problems(text, page)).toEqual([]);
  });

  it.each([
    ['`two` (`src/a.ts`) does it', '`two`: src/a.ts exports no such name'],
    ['`src/a.ts`: `one`, then `gone`', '`gone`: src/a.ts exports no such name'],
    ['`src/a.ts`: `hidden`', '`hidden`: src/a.ts exports no such name'],
    ['| `src/a.ts` | `gone` |\n|---|---|', '`gone`: src/a.ts exports no such name'],
    ['`src/gone.ts`: `one`', '`src/gone.ts`: no such file'],
  ])('finds the stale name in %j', (text, problem) => {
    expect(problems(text, page)).toEqual([`${page}:1: ${problem}`]);
  });

  it('are checked on the real page: renaming an export breaks it', () => {
    const files = ['src/platform/http/private-answer.ts', page];
    const copy = mkdtempSync(path.join(tmpdir(), 'trr-arch-'));
    for (const file of files) cpSync(path.join(PROJECT_ROOT, file), path.join(copy, file));
    const stale = () => linkProblems(readSite(copy, files)).filter((line) => line.includes('exports no such name'));
    expect(stale()).toEqual([]);
    writeFileSync(path.join(copy, files[0] ?? ''), 'export const sendWrites = 1;\n');
    expect(stale()).toContainEqual(expect.stringContaining('`sendWrite`: src/platform/http/private-answer.ts'));
    rmSync(copy, { recursive: true });
  });
});

it('gives headings the anchors GitHub gives them', () => {
  const page = readPage('# A *b* `c_d` [e](f) & "g"!\n\nSetext\n------\n\n## Über uns\n\n## 2.1 (x)\n');
  expect([...page.anchors]).toEqual(['a-b-c_d-e--g', 'setext', 'über-uns', '21-x']);
});
