import { flushCompileCache } from 'node:module';
import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import { EXIT, integerArg, UsageError } from './command.ts';
import { VERSION } from './version.ts';

/** Longest wait for running requests at the end. */
const GRACE_MS = 10_000;
/** When what was compiled is kept for the next start (bin/trr.mjs). */
const KEEP_COMPILED_MS = 3_000;

export const serveCommand = defineCommand({
  meta: {
    name: 'serve',
    description:
      'Serve the HTTP API; without a database URL on a database of its own, filled with a sample at the first start',
  },
  args: {
    host: { type: 'string', description: 'Address to listen on (HOST, default 127.0.0.1)', valueHint: 'address' },
    port: { type: 'string', description: 'Port to listen on, 0 for any (PORT, default 8000)', valueHint: 'number' },
    migrate: { type: 'boolean', description: 'Apply pending migrations to an external database first' },
  },
  async run({ args }) {
    const base = loadConfig();
    const port = integerArg('--port', args.port, { min: 0, max: 65_535 }) ?? base.server.port;
    if (args.host !== undefined && args.host.trim() === '') throw new UsageError('--host needs a value');
    const config = { ...base, server: { ...base.server, port, host: args.host?.trim() ?? base.server.host } };
    const stop = new AbortController();
    const stopped = nextStopSignal().then(() => stop.abort());
    const { startServer } = await import('../server/start.ts');
    try {
      const server = await startServer(config, {
        migrate: args.migrate === true,
        signal: stop.signal,
        onProgress: (line) => console.error(line),
      });
      console.log(
        `The Reality Report backend ${VERSION}: ${server.url}/api/v1/shows (API), ${server.url}/docs (documentation)`,
      );
      // Not left to the end, which may be a kill -9. The first time after an install it takes half a second, so not with the first requests.
      setTimeout(flushCompileCache, KEEP_COMPILED_MS).unref();
      await stopped;
      // A request that hangs must not keep the process; unref, so that the timer does not either.
      setTimeout(() => process.exit(EXIT.ok), GRACE_MS).unref();
      await server.close();
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ListenError') throw error;
      console.error(`trr: ${error.message}`);
      return EXIT.failed;
    }
  },
});

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once. */
function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = () => {
      if (asked) process.exit(EXIT.cancelled);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
