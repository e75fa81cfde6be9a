import { Redis } from 'ioredis';

/**
 * Asks a Redis once whether it is there, over a connection of its own.
 * @param url `redis://` or `rediss://`; may hold a password
 * @returns its version and the milliseconds a ping took. @throws the library's error, whose message may carry a command
 */
export async function pingRedis(
  url: string,
  timeoutMs: number,
): Promise<{ readonly version: string; readonly ms: number }> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
  });
  let refused: Error | undefined;
  redis.on('error', (error: Error) => {
    refused = error;
  });
  try {
    await redis.connect();
    const started = performance.now();
    await redis.ping();
    const ms = performance.now() - started;
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
    return { version, ms };
  } catch (error) {
    // "Connection is closed." says less than why.
    throw refused ?? error;
  } finally {
    redis.disconnect();
  }
}
