import type { Clock, Stop } from '../clock.ts';
import { createListeners } from './listeners.ts';
import type { Broker } from './types.ts';

/** How often forgotten values leave memory; they are not answered from the moment they are over. */
const SWEEP_MS = 10_000;

/** The broker of a single process. Messages arrive before `publish` returns its promise. */
export function createMemoryBroker(clock: Clock): Broker {
  const listeners = createListeners();
  const values = new Map<string, { value: string; until: number }>();
  /** Set, then person, then connection: when it is over. */
  const sets = new Map<string, Map<string, Map<string, number>>>();
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
    },
    subscribe: async (channel, listener) => listeners.add(channel, listener),
    async unsubscribe(id) {
      listeners.remove(id);
    },
    async publish(channel, message) {
      listeners.deliver(channel, message);
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
