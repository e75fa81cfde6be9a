import type { Listener, Message } from './types.ts';

/** Who listens to what in this process; the same for every broker. */
export interface Listeners {
  /** Answers the subscription's id, `sub_1` first. */
  add(channel: string, listener: Listener): string;
  /** Answers the channel of a subscription that ended now; undefined when there was none. */
  remove(id: string): string | undefined;
  /** Hands a message to each listener of a channel; one that throws stops no other. */
  deliver(channel: string, message: Message): void;
  clear(): void;
}

export function createListeners(): Listeners {
  const byChannel = new Map<string, Map<string, Listener>>();
  const channelOf = new Map<string, string>();
  let made = 0;

  return {
    add(channel, listener) {
      made += 1;
      const id = `sub_${made}`;
      let ofChannel = byChannel.get(channel);
      if (ofChannel === undefined) {
        ofChannel = new Map();
        byChannel.set(channel, ofChannel);
      }
      ofChannel.set(id, listener);
      channelOf.set(id, channel);
      return id;
    },
    remove(id) {
      const channel = channelOf.get(id);
      if (channel === undefined) return undefined;
      channelOf.delete(id);
      const ofChannel = byChannel.get(channel);
      ofChannel?.delete(id);
      if (ofChannel?.size === 0) byChannel.delete(channel);
      return channel;
    },
    deliver(channel, message) {
      for (const listener of byChannel.get(channel)?.values() ?? []) {
        try {
          listener(message);
        } catch (error) {
          // A listener's failure is its own; it must still be seen somewhere.
          queueMicrotask(() => process.emitWarning(error instanceof Error ? error : String(error)));
        }
      }
    },
    clear() {
      byChannel.clear();
      channelOf.clear();
    },
  };
}
