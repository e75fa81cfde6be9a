// Carries out deploy/Containerfile without a container engine: `node scripts/image/build.ts FOLDER`. Copies the same files and runs the same
// commands, each stage in a folder that stands for its root; prints the last stage's folder, environment and command as JSON. What it cannot
// show is the base image: this machine's system and Node take its place.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { builderContext, readCopy, readStages, type Stage } from './containerfile.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || existsSync(folder)) {
  console.error('usage: node scripts/image/build.ts FOLDER   (which must not exist yet)');
  process.exit(2);
}

const context = builderContext(PROJECT_ROOT);
const stages = readStages(readFileSync(join(PROJECT_ROOT, 'deploy/Containerfile'), 'utf8'));
const roots = new Map<string, string>();
let result = {};
stages.forEach((stage, at) => {
  const root = join(folder, stage.name ?? `stage-${at}`);
  roots.set(stage.name ?? String(at), root);
  result = build(stage, root);
});
console.log(JSON.stringify(result));

function build(stage: Stage, root: string): Record<string, unknown> {
  let workdir = '/';
  const env: Record<string, string> = {};
  const facts: Record<string, string> = {};
  for (const { name, words } of stage.instructions) {
    if (name === 'WORKDIR') {
      workdir = posix.resolve(workdir, words);
      mkdirSync(join(root, workdir), { recursive: true });
    } else if (name === 'ENV') {
      for (const [, key = '', value = ''] of words.matchAll(/(\w+)=(\S+)/g)) env[key] = value;
    } else if (name === 'COPY') copy(words, root, workdir);
    else if (name === 'RUN') run(words, root, workdir);
    else facts[name] = words;
  }
  return { app: join(root, workdir), data: join(root, env['TRR_DATA_DIR'] ?? '/data'), env, ...facts };
}

function copy(words: string, root: string, workdir: string): void {
  const { from, sources, target } = readCopy(words);
  for (const source of sources) {
    const base = from === null ? PROJECT_ROOT : (roots.get(from) ?? '');
    const into = join(root, posix.resolve(workdir, target), target.endsWith('/') ? posix.basename(source) : '');
    const origin = join(base, source);
    if (!existsSync(origin)) throw new Error(`COPY ${words}: there is no ${source}`);
    if (from !== null) {
      cpSync(origin, into, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const files = context.filter((file) => file === source || file.startsWith(`${source}/`));
    if (files.length === 0)
      throw new Error(`COPY ${words}: ${source} is not part of the builder's context (.dockerignore)`);
    for (const file of files) {
      if (lstatSync(join(base, file)).isDirectory()) continue;
      const to = file === source ? into : join(into, file.slice(source.length + 1));
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(base, file), to);
    }
  }
}

/** Absolute paths of the image are those below the stage's folder. */
function run(words: string, root: string, workdir: string): void {
  const here = words.replaceAll(/(?<=\s)\/(?=[a-z])/g, `${root}/`);
  execFileSync('sh', ['-euc', here], { cwd: join(root, workdir), stdio: ['ignore', process.stderr, process.stderr] });
}
