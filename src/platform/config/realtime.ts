import type { EnvReader } from './read.ts';

/** Live channels (design 10). */
export interface RealtimeConfig {
  /** `REDIS_URL`; null: this process alone. May hold a password. */
  readonly redisUrl: string | null;
  /** How long clients may resume where they were: hours, and events per channel. */
  readonly historyHours: number;
  readonly historyEvents: number;
  /** Open sockets of this process, and of one address (/64; 0: any number). */
  readonly maxConnections: number;
  readonly connectionsPerAddress: number;
}

export const DEFAULT_REALTIME: RealtimeConfig = {
  redisUrl: null,
  historyHours: 24,
  historyEvents: 10_000,
  maxConnections: 20_000,
  connectionsPerAddress: 200,
};

export function readRealtime(env: EnvReader): RealtimeConfig {
  const { historyHours, historyEvents, maxConnections, connectionsPerAddress } = DEFAULT_REALTIME;
  const redisUrl = env.text('REDIS_URL');
  if (redisUrl !== null && !(URL.canParse(redisUrl) && /^rediss?:$/.test(new URL(redisUrl).protocol))) {
    env.problems.push('REDIS_URL must be a URL like redis://host:6379 or rediss://user:password@host:6379');
  }
  return {
    redisUrl,
    historyHours: env.number('TRR_LIVE_HISTORY_HOURS', historyHours, { min: 1, max: 720 }),
    historyEvents: env.number('TRR_LIVE_HISTORY_EVENTS', historyEvents, { min: 100, max: 1_000_000 }),
    maxConnections: env.number('TRR_LIVE_MAX_CONNECTIONS', maxConnections, { min: 1, max: 1_000_000 }),
    connectionsPerAddress: env.number('TRR_LIVE_CONNECTIONS_PER_ADDRESS', connectionsPerAddress, {
      min: 0,
      max: 1_000_000,
    }),
  };
}
