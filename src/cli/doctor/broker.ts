import { pingRedis } from '../../realtime/broker/ping.ts';
import { type Check, fail, notOffline, ok } from './check.ts';

/** Shorter than the limit of a check, so that the library's own reason is told. */
const TIMEOUT_MS = 3_000;

/** What connects several server processes. */
export const broker: Check = {
  name: 'broker',
  async run(context) {
    const url = context.config.realtime.redisUrl;
    if (url === null) return [ok('in this process: one server process only (several need REDIS_URL)')];
    const offline = notOffline(context, url);
    if (offline !== null) return [offline];
    try {
      const { version, ms } = await pingRedis(url, TIMEOUT_MS);
      return [ok(`Redis ${version} at ${new URL(url).host}, ping ${ms.toFixed(1)} ms`)];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [fail(`Redis at ${new URL(url).host} does not answer (${why}): start it, or correct REDIS_URL`)];
    }
  },
};
