import { createServer } from 'node:net';
import type { ServerConfig } from '../platform/config/types.ts';

/** The address cannot be listened on; the message is one line with the fix. CLI exit code 1. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Finds out whether the address is free before anything slow begins, so that a second `trr serve` says so at once.
 * @throws ListenError
 */
export async function assertCanListen(server: ServerConfig): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host: server.host, port: server.port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw listenError(error, server) ?? error;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

/** One line for an error of `listen`, or undefined when it is something else. */
export function listenError(error: unknown, { host, port }: ServerConfig): ListenError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(`port ${port} on ${host} is in use: stop the other program or set PORT (--port)`);
    case 'EACCES':
      return new ListenError(`not allowed to listen on port ${port}: set PORT (--port) to 1024 or above`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new ListenError(`"${host}" is not an address of this machine: set HOST (--host) to 127.0.0.1 or 0.0.0.0`);
    default:
      return undefined;
  }
}
