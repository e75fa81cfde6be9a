import type { ChannelKind, EventLog, Position, Viewer } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Broker } from './broker/types.ts';
import { LiveChannel } from './channel.ts';
import type { Clock, Stop } from './clock.ts';

/** Somebody who follows one channel over some connection. */
export interface Follower {
  readonly viewer: Viewer;
  /** A frame that everybody of the same audience gets, with its offset when it has a place in the history. */
  deliver(frame: Buffer, offset?: number): void;
  /** What happened since cannot be had: reload, delivery holds from here. */
  reset(position: Position): void;
  /** May no longer follow; it has already been taken out. */
  dismiss(): void;
  /** Resolves when the connection can take more, or is over. */
  ready(): Promise<void>;
  readonly gone: boolean;
}

export interface HubOptions {
  readonly broker: Broker;
  readonly kinds: readonly ChannelKind[];
  /** The log of kinds that have none of their own. */
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The channels that somebody follows in this process. */
export interface Hub {
  /** The kind and normal spelling of a channel; null when no room knows the name. */
  find(text: string): { readonly kind: ChannelKind; readonly channel: string } | null;
  /** The live channel, opened when it is the first time. Every call needs one `release`. */
  acquire(kind: ChannelKind, channel: string): Promise<LiveChannel>;
  release(channel: LiveChannel): void;
  readonly size: number;
  /** Channels followed here whose members see each other. */
  conversations(): readonly string[];
  stop(): Promise<void>;
}

const VERIFY_MS = 2_000;
/** Channels compared in one statement. */
const VERIFY_BATCH = 1_000;
/** A client that is behind the beat resubscribes (spec/api.md 6). */
const BEAT_MS = 25_000;
/** How often everybody on channels that can be closed to them is asked about again. */
const REOPEN_MS = 30_000;
/** A channel without followers is kept a little: people come back. */
const LINGER_MS = 5_000;

interface Entry {
  readonly channel: LiveChannel;
  readonly opened: Promise<void>;
  subscription: Promise<string>;
  users: number;
  linger: Stop;
}

/**
 * Opens and closes channels, and compares their positions with the log: what a message lost on the way, a process that died between
 * commit and hand-over or a broken link left out is found within `VERIFY_MS` and read from the log.
 */
export function createHub({ broker, kinds, log, clock, logger }: HubOptions): Hub {
  const entries = new Map<string, Entry>();
  const stops: Stop[] = [];

  function open(kind: ChannelKind, name: string): Entry {
    const channel = new LiveChannel({ name, kind, log: kind.log ?? log, clock, logger });
    const subscription = broker.subscribe(name, (message) => channel.receive(message));
    // First the messages, then the position: what happens in between arrives as a message.
    const opened = subscription.then(() => channel.open());
    const entry: Entry = { channel, opened, subscription, users: 0, linger: () => undefined };
    entries.set(name, entry);
    opened.catch(() => close(name, entry));
    return entry;
  }

  function close(name: string, entry: Entry): void {
    entry.linger();
    if (entries.get(name) === entry) entries.delete(name);
    entry.subscription
      .then(
        (id) => broker.unsubscribe(id),
        () => undefined, // it never began
      )
      .catch((error: unknown) => logger.debug({ err: error }, 'the broker could not end a subscription'));
  }

  async function verify(ofKind: ChannelKind): Promise<void> {
    const open = [...entries.values()]
      .map(({ channel }) => channel)
      .filter((channel) => channel.kind === ofKind && channel.isOpen);
    for (let from = 0; from < open.length; from += VERIFY_BATCH) {
      const some = open.slice(from, from + VERIFY_BATCH);
      const heads = some.map((channel) => channel.position.offset);
      const positions = await (ofKind.log ?? log).positions(some.map(({ name }) => name));
      await Promise.all(some.map((channel, i) => channel.compare(positions[i] as Position, heads[i] as number)));
    }
  }

  /** Whoever may no longer follow, however that came about, is found here at the latest. */
  async function reopen(kind: ChannelKind): Promise<void> {
    const following = [...entries.values()]
      .filter(({ channel }) => channel.kind === kind)
      .flatMap(({ channel }) => channel.all.map((follower) => ({ channel, follower })));
    for (let from = 0; from < following.length; from += VERIFY_BATCH) {
      const some = following.slice(from, from + VERIFY_BATCH);
      const asked = some.map(({ channel, follower }) => ({ channel: channel.name, caller: follower.viewer.caller }));
      const may = await kind.stillOpen?.(asked);
      for (const [i, { channel, follower }] of some.entries()) if (may?.[i] === false) channel.dismiss(follower);
    }
  }

  const verifyKind = (kind: ChannelKind) => () =>
    verify(kind).catch((error: unknown) => {
      logger.warn({ err: error, kind: kind.name }, 'positions of live channels could not be compared; tried again');
    });

  for (const kind of kinds) {
    stops.push(clock.every(kind.verifyEveryMs ?? VERIFY_MS, verifyKind(kind)));
    if (kind.stillOpen !== undefined) {
      stops.push(
        clock.every(REOPEN_MS, () =>
          reopen(kind).catch((error: unknown) => {
            logger.warn({ err: error, kind: kind.name }, 'who may follow could not be asked again; tried again');
          }),
        ),
      );
    }
  }
  stops.push(
    clock.every(BEAT_MS, () => {
      for (const { channel } of entries.values()) channel.beat();
    }),
  );
  broker.onGap(() => {
    for (const kind of kinds) void verifyKind(kind)();
  });

  return {
    find(text) {
      for (const kind of kinds) {
        const channel = kind.parse(text);
        if (channel !== null) return { kind, channel };
      }
      return null;
    },
    async acquire(kind, name) {
      const entry = entries.get(name) ?? open(kind, name);
      entry.linger();
      entry.users += 1;
      try {
        await entry.opened;
      } catch (error) {
        entry.users -= 1;
        throw error;
      }
      return entry.channel;
    },
    release(channel) {
      const entry = entries.get(channel.name);
      if (entry === undefined || entry.channel !== channel) return;
      entry.users -= 1;
      if (entry.users > 0) return;
      entry.linger = clock.after(LINGER_MS, () => {
        if (entry.users === 0) close(channel.name, entry);
      });
    },
    get size() {
      return entries.size;
    },
    conversations: () => [...entries].filter(([, { channel }]) => channel.kind.hasMembers).map(([name]) => name),
    async stop() {
      for (const stop of stops) stop();
      for (const [name, entry] of entries) close(name, entry);
    },
  };
}
