import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { projectFiles } from '../lib/project-files.ts';
import { OUTBOUND_USERS } from './doors.ts';
import { SERVICES } from './flow.ts';
import { MAPS, repoMaps } from './generate.ts';
import { chartProblems, chartsOf, flowchart, nodeId } from './mermaid.ts';
import { main } from './run.ts';
import { CLOSED } from './structure.ts';

/** A copy of the project's files in a folder elsewhere, without history. */
function copyOf(files: readonly string[]): string {
  const root = path.join(mkdtempSync(path.join(tmpdir(), 'trr-map-')), 'another name');
  for (const file of files) cpSync(path.join(PROJECT_ROOT, file), path.join(root, file));
  return root;
}

/** `npm run repo-map` for a project. */
async function run(root: string, args: readonly string[] = []) {
  const said = { stdout: '', stderr: '' };
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    said.stdout += `${line}\n`;
  });
  vi.spyOn(console, 'error').mockImplementation((line: string) => {
    said.stderr += `${line}\n`;
  });
  try {
    return { status: await main(['--root', root, ...args]), ...said };
  } finally {
    vi.restoreAllMocks();
  }
}

/** A project of a few files. */
const SMALL = {
  'README.md': '[docs](docs/guide.md)\n',
  'docs/guide.md': '# Guide\n',
  'src/cli/main.ts': `import { defineCommand } from 'citty';
const root = defineCommand({ subCommands: { go: () => import('./go.ts').then((m) => m.goCommand) } });
export const main = root;
`,
  'src/cli/go.ts': `import { defineCommand } from 'citty';
import { ask } from '../sources/tmdb/client.ts';
export const goCommand = defineCommand({ meta: { name: 'go', description: 'Go' }, run: () => ask() });
`,
  'src/sources/tmdb/client.ts': `import type { Row } from '../../platform/rows.ts';
export const ask = (): Row => ({});
`,
  'src/platform/rows.ts': 'export type Row = object;\n',
};

let files: string[];
let packages: string[];
let maps: ReadonlyMap<string, string>;
let root: string;
beforeAll(() => {
  files = projectFiles(PROJECT_ROOT);
  const made = repoMaps(PROJECT_ROOT);
  maps = made.files;
  packages = made.graph.packages.map(({ specifier }) => specifier);
  root = path.join(mkdtempSync(path.join(tmpdir(), 'trr-map-')), 'small');
  for (const [file, text] of Object.entries(SMALL)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
});
afterAll(() => rmSync(path.dirname(root), { recursive: true }));

describe('maps of the repository', () => {
  it('are the same bytes in another folder without history', { timeout: 120_000 }, () => {
    const copy = copyOf(files);
    try {
      for (const [name, text] of repoMaps(copy).files) expect(text === maps.get(name), name).toBe(true);
    } finally {
      rmSync(path.dirname(copy), { recursive: true });
    }
  });

  it('are the same bytes a second time, before and after what git knows', () => {
    const first = [...repoMaps(root).files];
    expect([...repoMaps(root).files]).toEqual(first);
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    execFileSync('git', ['add', 'README.md', 'src/cli'], { cwd: root });
    expect([...repoMaps(root).files]).toEqual(first);
  });

  it('see new files, and not what is ignored', () => {
    writeFileSync(path.join(root, '.gitignore'), '.env\nnode_modules/\n');
    const first = [...repoMaps(root).files];
    writeFileSync(path.join(root, '.env'), 'SECRET=1');
    mkdirSync(path.join(root, 'node_modules/x'), { recursive: true });
    writeFileSync(path.join(root, 'node_modules/x/index.ts'), '');
    expect([...repoMaps(root).files]).toEqual(first);
    const added = path.join(root, 'src/platform/quite-new.ts');
    writeFileSync(added, '/** Says hello. And more. */\nexport const x = 1;\n');
    expect(repoMaps(root).files.get('structure-list.md')).toContain('- `quite-new.ts`: Says hello\n');
    rmSync(added);
  });

  it('have no dates, no paths of this machine, LF line ends and one last newline', () => {
    for (const [name, text] of maps) {
      expect(text.includes(PROJECT_ROOT) || text.includes(tmpdir()) || text.includes('\r'), name).toBe(false);
      expect(/\b20\d\d-\d\d-\d\d\b/.test(text), name).toBe(false);
      expect(text.endsWith('\n') && !text.endsWith('\n\n'), name).toBe(true);
    }
  });

  it('draw charts that Mermaid reads', () => {
    const charts = [...maps.values()].flatMap(chartsOf);
    expect(charts.length).toBeGreaterThan(30);
    expect(charts.flatMap(chartProblems)).toEqual([]);
  });

  it('mark imports of types apart', () => {
    const page = maps.get('import-graph.md') ?? '';
    expect(page).toContain('  n_src__server --> n_src__realtime\n');
    expect(page).toMatch(/^ {2}n_\S+ -\.-> n_\S+$/m);
  });

  it('know every command, and follow it to services and tables', () => {
    const page = maps.get('commands.md') ?? '';
    for (const line of [
      'trr serve',
      'trr db migrate',
      'trr people override set',
      'trr source parse',
      'trr media takedown',
    ]) {
      expect(page).toContain(`| \`${line}\` |`);
    }
    expect(page).toContain('| Write ... as JSON lines');
    const sync = page.slice(page.indexOf('\n## trr sync'), page.indexOf('\n## trr token'));
    expect(sync).toContain('n_sources --> n_TMDb');
    expect(sync).toMatch(/- Writes: .*`core\.sync_state`/);
    expect(sync).toContain('n_pipeline --> n_Redis');
    expect(sync).toMatch(/- Hands on.*`core\.seasons`/);
    const token = page.slice(page.indexOf('\n## trr token'), page.indexOf('\n## trr worker'));
    expect(token).not.toContain('TMDb');
  });
});

it.each([...Object.values(SERVICES).flat(), ...OUTBOUND_USERS, ...Object.keys(CLOSED)])(
  'the maps name %s, which is there',
  (place) => {
    const all = [...files, `${MAPS}/commands.md`, ...packages.map((name) => `npm:${name}`)];
    expect(all.some((name) => name.startsWith(place))).toBe(true);
  },
);

describe('npm run repo-map:check', () => {
  const folder = () => path.join(root, MAPS);

  it('passes on fresh maps', async () => {
    expect(await run(root)).toMatchObject({ status: 0 });
    expect(await run(root, ['--check'])).toEqual({ status: 0, stdout: '5 maps, up to date\n', stderr: '' });
  });

  it.each([
    ['missing', (dir: string) => rmSync(path.join(dir, 'commands.md')), 'commands.md'],
    ['extra', (dir: string) => writeFileSync(path.join(dir, 'old-map.md'), ''), 'old-map.md'],
    ['stale', (dir: string) => writeFileSync(path.join(dir, 'link-index.md'), 'by hand\n'), 'link-index.md'],
  ])('names a file that is %s, says what to do, changes nothing', async (kind, damage, name) => {
    await run(root);
    damage(folder());
    const before = readdirSync(folder()).map((file) => readFileSync(path.join(folder(), file), 'utf8'));
    const { status, stderr } = await run(root, ['--check']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${kind.padEnd(7)} ${MAPS}/${name}\nrun npm run repo-map and commit the result\n`,
    });
    expect(readdirSync(folder()).map((file) => readFileSync(path.join(folder(), file), 'utf8'))).toEqual(before);
    await run(root);
  });

  it('names a door that is broken', async () => {
    const bad = path.join(root, 'src/sources/bad.ts');
    writeFileSync(bad, "export type { Row } from '../cli/go.ts';\n");
    const { status, stderr } = await run(root, ['--check']);
    rmSync(bad);
    expect(status).toBe(1);
    expect(stderr).toContain('door    src/sources/bad.ts -> src/cli/go.ts: no door there\n');
  });
});

describe('pictures', () => {
  it('are drawn by mmdc into another folder where it is installed, else not', async () => {
    const bin = path.join(path.dirname(root), 'bin');
    const out = path.join(path.dirname(root), 'svg');
    mkdirSync(bin);
    vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
    expect((await run(root, ['--svg', out])).stdout).toContain('no pictures: mmdc');
    writeFileSync(path.join(bin, 'mmdc'), '#!/bin/sh\n[ "$1" = --version ] || cp "$2" "$4"\n');
    chmodSync(path.join(bin, 'mmdc'), 0o755);
    expect(await run(root, ['--svg', out])).toMatchObject({ status: 0 });
    expect(readFileSync(path.join(out, 'import-graph-1.svg'), 'utf8')).toMatch(/^flowchart LR\n/);
    expect((await run(root, ['--svg', path.join(root, MAPS)])).status).toBe(2);
    expect(await run(root, ['--check'])).toMatchObject({ status: 0 });
    vi.unstubAllEnvs();
  });
});

describe('charts', () => {
  it('give a name the same id whatever is around it, and two names two ids', () => {
    expect(nodeId('src/cli/run-lines.ts')).toBe('n_src__cli__run_2dlines_2ets');
    const names = files.flatMap((file) => [file, path.posix.dirname(file)]);
    expect(new Set([...new Set(names)].map(nodeId)).size).toBe(new Set(names).size);
  });

  it('refuse an edge to nowhere', () => {
    expect(() => flowchart('LR', [{ name: 'a' }], [{ from: 'a', to: 'b' }])).toThrow('an edge to b');
  });

  it.each([
    ['flowchart LR\n  a["x"]\n  a --> b', 'b is not declared'],
    ['flowchart LR\n  a["say "x""]', 'cannot be read:   a["say "x""]'],
    ['flowchart LR\n  end["x"]', "end is a word of Mermaid's"],
    ['flowchart LR\n  a["x"]\n  a["y"]', 'two nodes a'],
    ['graph LR\n  a["x"]', 'unknown chart "graph LR"'],
    ['erDiagram\n  a {\n    text b', 'an entity is not closed'],
    ['erDiagram\n  a {\n    two words b PK\n  }', 'cannot be read:     two words b PK'],
  ])('%j has a problem', (chart, problem) => {
    expect(chartProblems(chart)).toContain(problem);
  });
});
