import { createListeners } from '../../../src/realtime/broker/listeners.ts';
import { createMemoryBroker } from '../../../src/realtime/broker/memory.ts';
import type { Broker, Message } from '../../../src/realtime/broker/types.ts';
import type { SimulatedClock } from './clock.ts';

/** What the link of one process to the others does to messages. */
export interface Endpoint {
  readonly broker: Broker;
  /** Nothing goes in or out; what is published meanwhile is lost to the others. */
  cut(): void;
  /** Up again: followers are told of the gap. */
  heal(): void;
  /** The next messages that come in: never, twice, or late (and so after later ones). */
  disturb(how: Disturbance, messages: number): void;
  /** The process is no more. */
  die(): void;
}

export type Disturbance = { readonly lose: true } | { readonly twice: true } | { readonly lateMs: number };

export interface Fabric {
  endpoint(): Endpoint;
  /** The server in the middle starts anew and knows nobody. */
  restart(): void;
  /** Who is noted in a set. */
  people(set: string): Promise<string[]>;
}

/** The broker in memory as the server that many processes share, each over a link that can fail. */
export function createFabric(clock: SimulatedClock): Fabric {
  let server = createMemoryBroker(clock);
  const links = new Set<{ reconnect(): void }>();

  function endpoint(): Endpoint {
    let isUp = true;
    let isDead = false;
    const disturbed: Disturbance[] = [];
    const listeners = createListeners();
    const gapListeners: (() => void)[] = [];
    const down = () => new Error('the link to the broker is down');

    function heard(channel: string, message: Message): void {
      if (isDead || !isUp) return;
      const here = () => listeners.deliver(channel, message);
      const how = disturbed.shift();
      if (how === undefined) here();
      else if ('twice' in how) {
        here();
        here();
      } else if ('lateMs' in how) {
        clock.after(how.lateMs, () => {
          if (!isDead && isUp) here();
        });
      }
    }

    /** One subscription per channel at the server, like a topic. */
    const topics = new Map<string, Promise<string>>();
    const subscribeAtServer = (channel: string) => {
      if (!topics.has(channel))
        topics.set(
          channel,
          server.subscribe(channel, (message) => heard(channel, message)),
        );
    };

    async function over<T>(work: () => Promise<T>): Promise<T> {
      if (isDead) return new Promise<T>(() => undefined);
      if (!isUp) throw down();
      return work();
    }

    const broker: Broker = {
      connect: async () => undefined,
      async disconnect() {
        listeners.clear();
      },
      async subscribe(channel, listener) {
        const id = listeners.add(channel, listener);
        subscribeAtServer(channel);
        return id;
      },
      async unsubscribe(id) {
        listeners.remove(id);
      },
      async publish(channel, message) {
        if (isDead) return;
        if (!isUp) {
          listeners.deliver(channel, message);
          throw down();
        }
        await server.publish(channel, message);
      },
      onGap(listener) {
        gapListeners.push(listener);
      },
      set: (key, value, ttlMs) => over(() => server.set(key, value, ttlMs)),
      get: (key) => over(() => server.get(key)),
      delete: (key) => over(() => server.delete(key)),
      keys: (pattern) => over(() => server.keys(pattern)),
      enter: (set, person, connection, ttlMs) => over(() => server.enter(set, person, connection, ttlMs)),
      leave: (set, person, connection) => over(() => server.leave(set, person, connection)),
      people: (set) => over(() => server.people(set)),
      expire: (set) => over(() => server.expire(set)),
    };

    const up = () => {
      isUp = true;
      for (const listener of gapListeners) listener();
    };
    const link = {
      reconnect() {
        const channels = [...topics.keys()];
        topics.clear();
        for (const channel of channels) subscribeAtServer(channel);
        if (isUp) up();
      },
    };
    links.add(link);
    return {
      broker,
      cut() {
        isUp = false;
      },
      heal() {
        disturbed.length = 0;
        if (!isUp && !isDead) up();
      },
      disturb(how, messages) {
        for (let n = 0; n < messages; n++) disturbed.push(how);
      },
      die() {
        isDead = true;
        links.delete(link);
      },
    };
  }

  return {
    endpoint,
    restart() {
      server = createMemoryBroker(clock);
      for (const link of links) link.reconnect();
    },
    people: (set) => server.people(set),
  };
}
