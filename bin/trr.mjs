#!/usr/bin/env node
// The launcher. Plain JavaScript for any Node from 18 on: it finds a runtime that can run the program and hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const entry = new URL('../src/cli/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  // Keeps compiled code from one start to the next, beside the packages it was compiled from.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/trr', import.meta.url)));
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
} else {
  const runtime = packagedRuntime();
  if (runtime === null) {
    console.error(
      `trr needs Node ${NEEDED} or newer, this is ${process.version}, and no packaged runtime is installed for ` +
        `${process.platform}-${process.arch}: run "npm ci" on Linux (x64 or arm64), or install Node ${NEEDED}.`,
    );
    process.exit(1);
  }
  handOver(runtime);
}

/** Path of the Node that npm installed beside us, or null. Its version and checksum are in the lock file. */
function packagedRuntime() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const binary = join(dirname(manifest), 'bin', 'node');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/** Runs the program under `runtime`, passes signals on, and ends the way it ended. */
function handOver(runtime) {
  const child = spawn(runtime, [process.argv[1], ...process.argv.slice(2)], {
    // The extra channel closes when this process dies, however it dies; the program then stops too (src/cli/main.ts).
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`trr: the packaged runtime ${runtime} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
