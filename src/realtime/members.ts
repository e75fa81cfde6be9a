import type { Logger } from '../platform/log/logger.ts';
import type { Broker } from './broker/types.ts';

/** Presence without a heartbeat (W13). */
export const PRESENCE_TTL_MS = 45_000;
/** Typing without another `typing_start` (W13). */
export const TYPING_TTL_MS = 10_000;

export interface Members {
  /** Notes a connection as online and tells the channel when the person was not yet (net changes only). */
  online(channel: string, user: string, connection: string): Promise<void>;
  /** A heartbeat. */
  renew(channel: string, user: string, connection: string): Promise<void>;
  /** The connection is over, or has left: typing ends with it. */
  offline(channel: string, user: string, connection: string): Promise<void>;
  typing(channel: string, user: string, connection: string, isTyping: boolean): Promise<void>;
  /** Who is online, in order. */
  present(channel: string): Promise<string[]>;
  /** Tells of those whose connections were not renewed: of a killed process, say. */
  sweep(channels: readonly string[]): Promise<void>;
}

/**
 * Who is online in a conversation and who is typing, over all processes: counted by connection, so closing one of two tabs is not
 * "offline"; only edges are told; what is not renewed ends by itself.
 */
export function createMembers(broker: Broker, log: Logger): Members {
  const presence = (channel: string, user: string, isOnline: boolean) =>
    broker.publish(channel, { kind: 'passing', type: 'presence', payload: { user_id: user, is_online: isOnline } });
  const typing = (channel: string, user: string, isTyping: boolean) =>
    broker.publish(channel, {
      kind: 'passing',
      type: 'typing',
      payload: { conversation_id: channel.slice(channel.lastIndexOf(':') + 1), user_id: user, is_typing: isTyping },
    });
  const present = (channel: string) => `presence:${channel}`;
  const typists = (channel: string) => `typing:${channel}`;

  /** What is true only for a while may be missed: a lost link must not end anybody's connection. */
  async function tolerate(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.debug({ err: error }, 'presence or typing could not be told');
    }
  }

  const sweep = (channels: readonly string[]) =>
    tolerate(async () => {
      for (const channel of channels) {
        for (const user of await broker.expire(typists(channel))) await typing(channel, user, false);
        for (const user of await broker.expire(present(channel))) await presence(channel, user, false);
      }
    });

  return {
    online: (channel, user, connection) =>
      tolerate(async () => {
        if (await broker.enter(present(channel), user, connection, PRESENCE_TTL_MS))
          await presence(channel, user, true);
      }),
    renew: (channel, user, connection) =>
      tolerate(async () => {
        // Somebody who was swept out during a pause comes back.
        if (await broker.enter(present(channel), user, connection, PRESENCE_TTL_MS))
          await presence(channel, user, true);
      }),
    offline: (channel, user, connection) =>
      tolerate(async () => {
        if (await broker.leave(typists(channel), user, connection)) await typing(channel, user, false);
        if (await broker.leave(present(channel), user, connection)) await presence(channel, user, false);
      }),
    typing: (channel, user, connection, isTyping) =>
      tolerate(async () => {
        const changed = isTyping
          ? await broker.enter(typists(channel), user, connection, TYPING_TTL_MS)
          : await broker.leave(typists(channel), user, connection);
        if (changed) await typing(channel, user, isTyping);
      }),
    async present(channel) {
      // Where nobody followed nobody swept: a newcomer must not be told of the dead.
      await sweep([channel]);
      return broker.people(present(channel)).catch(() => []);
    },
    sweep,
  };
}
