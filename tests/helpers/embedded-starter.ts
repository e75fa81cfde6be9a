/**
 * A process of its own that uses the embedded server, for tests of several processes and of kill -9. Started with the options
 * as JSON; prints one line `{pid, port, started}` (or `{error}`) and stays until its input ends; then it leaves in good order.
 */
import { type EmbeddedOptions, ensureEmbedded } from '../../src/platform/db/embedded/index.ts';
import { DatabaseUnavailable } from '../../src/platform/db/errors.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedOptions;
try {
  const server = await ensureEmbedded(options);
  process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, started: server.started })}\n`);
  for await (const _ of process.stdin);
  await server.close();
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof DatabaseUnavailable ? error.line : String(error) })}\n`,
  );
}
