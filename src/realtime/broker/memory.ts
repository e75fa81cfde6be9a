import type { Clock, Stop } from '../clock.ts';
import type { Broker, Listener, Message } from './types.ts';

/** How often forgotten values leave memory; they are not answered from the moment they are over. */
const SWEEP_MS = 10_000;

/** The broker of a single process. Messages arrive before `publish` returns its promise. */
export function createMemoryBroker(clock: Clock): Broker {
  const listeners = new Map<string, Map<string, Listener>>();
  const channelOf = new Map<string, string>();
  const values = new Map<string, { value: string; until: number }>();
  /** Set, then person, then connection: when it is over. */
  const sets = new Map<string, Map<string, Map<string, number>>>();
  let made = 0;
  let stopSweeping: Stop | undefined;

  function sweep(): void {
    const now = clock.now();
    for (const [key, { until }] of values) if (until <= now) values.delete(key);
  }

  function living(key: string): string | null {
    const found = values.get(key);
    return found === undefined || found.until <= clock.now() ? null : found.value;
  }

  function drop(set: string, person: string, connection: string): boolean {
    const people = sets.get(set);
    const connections = people?.get(person);
    if (people === undefined || connections?.delete(connection) !== true || connections.size > 0) return false;
    people.delete(person);
    if (people.size === 0) sets.delete(set);
    return true;
  }

  return {
    async connect() {
      stopSweeping ??= clock.every(SWEEP_MS, sweep);
    },
    async disconnect() {
      stopSweeping?.();
      stopSweeping = undefined;
      listeners.clear();
      channelOf.clear();
    },
    async subscribe(channel, listener) {
      made += 1;
      const id = `sub_${made}`;
      let ofChannel = listeners.get(channel);
      if (ofChannel === undefined) {
        ofChannel = new Map();
        listeners.set(channel, ofChannel);
      }
      ofChannel.set(id, listener);
      channelOf.set(id, channel);
      return id;
    },
    async unsubscribe(id) {
      const channel = channelOf.get(id);
      if (channel === undefined) return;
      channelOf.delete(id);
      const ofChannel = listeners.get(channel);
      ofChannel?.delete(id);
      if (ofChannel?.size === 0) listeners.delete(channel);
    },
    async publish(channel, message) {
      deliver(listeners.get(channel)?.values(), message);
    },
    // Nothing gets lost inside a process.
    onGap: () => undefined,

    async set(key, value, ttlMs) {
      values.set(key, { value, until: clock.now() + ttlMs });
    },
    get: async (key) => living(key),
    async delete(key) {
      values.delete(key);
    },
    async keys(pattern) {
      const prefix = pattern.replace(/\*$/, '');
      return [...values.keys()].filter((key) => key.startsWith(prefix) && living(key) !== null).sort();
    },

    async enter(set, person, connection, ttlMs) {
      let people = sets.get(set);
      if (people === undefined) {
        people = new Map();
        sets.set(set, people);
      }
      let connections = people.get(person);
      const isNew = connections === undefined;
      if (connections === undefined) {
        connections = new Map();
        people.set(person, connections);
      }
      connections.set(connection, clock.now() + ttlMs);
      return isNew;
    },
    leave: async (set, person, connection) => drop(set, person, connection),
    people: async (set) => [...(sets.get(set)?.keys() ?? [])].sort(),
    async expire(set) {
      const now = clock.now();
      const gone: string[] = [];
      for (const [person, connections] of sets.get(set) ?? []) {
        for (const [connection, until] of connections) {
          if (until <= now && drop(set, person, connection)) gone.push(person);
        }
      }
      return gone.sort();
    },
  };
}

/** Hands a message to each listener; one that throws stops no other (broker contract). */
export function deliver(listeners: Iterable<Listener> | undefined, message: Message): void {
  for (const listener of listeners ?? []) {
    try {
      listener(message);
    } catch (error) {
      // A listener's failure is its own; it must still be seen somewhere.
      queueMicrotask(() => process.emitWarning(error instanceof Error ? error : String(error)));
    }
  }
}
