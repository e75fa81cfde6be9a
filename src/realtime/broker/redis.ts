import { crc32 } from 'node:zlib';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../../platform/log/logger.ts';
import { createListeners } from './listeners.ts';
import { ENTER, EXPIRE, LEAVE } from './redis-scripts.ts';
import type { Broker, Message } from './types.ts';

/** Channels share this many topics, so that joining a channel rarely costs a command and no process hears everything. */
const SHARDS = 64;
const PREFIX = 'trr:';
const COMMAND_TIMEOUT_MS = 2_000;
/** A link that is half open is noticed by asking over it. */
const PROBE_MS = 5_000;
const RETRY_MS = { least: 50, most: 5_000 } as const;

interface Envelope {
  readonly channel: string;
  readonly message: Message;
}

/**
 * The broker of many processes, over Redis pub/sub. What happens while the link is down is lost as messages and found in the log: when
 * the link is back, followers are told of the gap. A process that cannot reach Redis goes on with what it hears from itself.
 * @param url `redis://` or `rediss://`; may hold a password. Errors of the library carry their command, so only their words are logged
 */
export function createRedisBroker(url: string, log: Logger): Broker {
  const options = {
    lazyConnect: true,
    // A command that cannot be sent now fails now: callers know what to do without it.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt: number) =>
      Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2),
    // Subscribed again by us, so that followers are told when it is done.
    autoResubscribe: false,
  } satisfies RedisOptions;
  const commands = new Redis(url, options);
  const messages = new Redis(url, options);
  const listeners = createListeners();
  const channelsOfShard = new Map<string, number>();
  const gapListeners: (() => void)[] = [];
  let wasReady = false;
  let probe: NodeJS.Timeout | undefined;

  for (const [name, link] of Object.entries({ commands, messages })) {
    link.on('error', (error: Error) => log.debug({ reason: error.message, link: name }, 'the link to Redis failed'));
    link.on('close', () => {
      if (link.status !== 'end') log.warn({ link: name }, 'the link to Redis is down');
    });
  }
  messages.on('message', (_topic: string, text: string) => {
    const { channel, message } = JSON.parse(text) as Envelope;
    listeners.deliver(channel, message);
  });
  messages.on('ready', () => {
    const topics = [...channelsOfShard.keys()];
    const subscribed = topics.length === 0 ? Promise.resolve() : messages.subscribe(...topics);
    subscribed.then(
      () => {
        if (wasReady) for (const listener of gapListeners) listener();
        wasReady = true;
      },
      // Lost again already: the next time it is ready.
      (error: Error) => log.debug({ reason: error.message }, 'topics could not be subscribed again'),
    );
  });

  const run = (script: string, set: string, ...args: string[]) =>
    commands.eval(script, 1, PREFIX + set, ...args) as Promise<unknown>;

  return {
    async connect() {
      // Redis may come later than we do: the links try on.
      const failed = (error: Error) => log.warn({ reason: error.message }, 'Redis cannot be reached yet; trying on');
      await Promise.all([commands.connect().catch(failed), messages.connect().catch(failed)]);
      probe = setInterval(() => {
        if (messages.status === 'ready') messages.ping().catch(() => messages.disconnect(true));
        if (commands.status === 'ready') commands.ping().catch(() => commands.disconnect(true));
      }, PROBE_MS).unref();
    },
    async disconnect() {
      clearInterval(probe);
      listeners.clear();
      commands.disconnect();
      messages.disconnect();
    },
    async subscribe(channel, listener) {
      const id = listeners.add(channel, listener);
      const topic = topicOf(channel);
      const others = channelsOfShard.get(topic) ?? 0;
      channelsOfShard.set(topic, others + 1);
      // While the link is down there is nothing to hear; when it is back, the gap is told.
      if (messages.status === 'ready') {
        await messages.subscribe(topic).catch((error: Error) => {
          log.debug({ reason: error.message }, 'a topic could not be subscribed; tried again with the link');
          messages.disconnect(true);
        });
      }
      return id;
    },
    async unsubscribe(id) {
      const channel = listeners.remove(id);
      if (channel === undefined) return;
      const topic = topicOf(channel);
      const left = (channelsOfShard.get(topic) ?? 1) - 1;
      if (left > 0) {
        channelsOfShard.set(topic, left);
        return;
      }
      channelsOfShard.delete(topic);
      if (messages.status === 'ready') await messages.unsubscribe(topic);
    },
    async publish(channel, message) {
      const envelope: Envelope = { channel, message };
      try {
        await commands.publish(topicOf(channel), JSON.stringify(envelope));
      } catch (error) {
        // Not heard from Redis: at least those here hear it. (Heard twice, it counts once: offsets.)
        listeners.deliver(channel, message);
        throw error;
      }
    },
    onGap(listener) {
      gapListeners.push(listener);
    },

    async set(key, value, ttlMs) {
      await commands.set(PREFIX + key, value, 'PX', Math.max(1, Math.round(ttlMs)));
    },
    get: (key) => commands.get(PREFIX + key),
    async delete(key) {
      await commands.del(PREFIX + key);
    },
    async keys(pattern) {
      const prefix = PREFIX + pattern.replace(/\*$/, '');
      const found: string[] = [];
      let cursor = '0';
      // SCAN, not KEYS: it never holds the server up.
      do {
        const [next, keys] = await commands.scan(
          cursor,
          'MATCH',
          `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`,
          'COUNT',
          500,
        );
        cursor = next;
        found.push(...keys);
      } while (cursor !== '0');
      return [...new Set(found)].map((key) => key.slice(PREFIX.length)).sort();
    },

    enter: async (set, person, connection, ttlMs) =>
      (await run(ENTER, set, person, connection, String(Math.round(ttlMs)))) === 1,
    leave: async (set, person, connection) => (await run(LEAVE, set, person, connection)) === 1,
    async people(set) {
      const entries = await commands.zrange(PREFIX + set, '0', '-1');
      return [...new Set(entries.map((entry) => entry.slice(0, entry.indexOf('|'))))].sort();
    },
    expire: async (set) => ((await run(EXPIRE, set)) as string[]).sort(),
  };
}

function topicOf(channel: string): string {
  return `${PREFIX}live:${crc32(channel) % SHARDS}`;
}
