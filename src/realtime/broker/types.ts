import type { LiveEvent } from '../../platform/live/channels.ts';

/** What travels between processes about one channel. */
export type Message =
  | {
      /** Numbered events in their order, without gaps among them. Those who miss some read the log. */
      readonly kind: 'events';
      readonly epoch: string;
      readonly events: readonly LiveEvent[];
    }
  | {
      /** Without a place in the history; lost when somebody is away. */
      readonly kind: 'passing';
      readonly type: string;
      readonly payload: Readonly<Record<string, unknown>>;
    };

export type Listener = (message: Message) => void;

/**
 * Carries messages between the processes that serve a channel, and keeps what is true only for a while. Delivery is at most once:
 * who follows a channel compares its position with the log's (`hub.ts`), so nothing stored is lost with a message.
 */
export interface Broker {
  /** Starts the sweeper and the link. */
  connect(): Promise<void>;
  /** Stops both; subscriptions end. */
  disconnect(): Promise<void>;
  /** Resolves when messages published from now on arrive. `sub_1` first. A listener that throws stops no other. */
  subscribe(channel: string, listener: Listener): Promise<string>;
  unsubscribe(id: string): Promise<void>;
  /** Resolves when it was handed over; rejects when it certainly was not. */
  publish(channel: string, message: Message): Promise<void>;
  /** Called after messages may have been lost: a link that was down is up again. */
  onGap(listener: () => void): void;

  /** A value that is forgotten after `ttlMs`. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Null when missing or forgotten. */
  get(key: string): Promise<string | null>;
  delete(key: string): Promise<void>;
  /** Keys that begin with a prefix, in order; written `prefix*`. */
  keys(pattern: string): Promise<string[]>;

  /**
   * Notes one of a person's connections in a set for `ttlMs`, or renews it.
   * @returns whether the person is new in the set: it had none of their connections
   */
  enter(set: string, person: string, connection: string, ttlMs: number): Promise<boolean>;
  /** @returns whether that was the person's last connection in the set */
  leave(set: string, person: string, connection: string): Promise<boolean>;
  /** Everybody in a set, in order. */
  people(set: string): Promise<string[]>;
  /** Takes out who was not renewed. @returns whoever had no connection left; each is told to one caller only */
  expire(set: string): Promise<string[]>;
}
