import type { Caller } from '../platform/auth/caller.ts';

/** A committed event with its place in its channel. */
export interface LiveEvent {
  readonly channel: string;
  /** Dense per channel and epoch, 1 first. */
  readonly offset: number;
  readonly epoch: string;
  /** Frame type, e.g. `post_created`. */
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it was written, ISO 8601 with microseconds and offset. */
  readonly at: string;
  /** Who may see it: a name its room's `ChannelKind` understands, e.g. `all`. */
  readonly audience: string;
}

export interface ChannelPosition {
  readonly channel: string;
  /** Changes when offsets start anew (restored database, history lost): offsets of another epoch say nothing. */
  readonly epoch: string;
  /** Offset of the last event; 0 when there was none. */
  readonly offset: number;
}

/** What a client may continue from. `events` is all that follows `after`, at most `limit`; null when history no longer reaches back. */
export interface Replay {
  readonly position: ChannelPosition;
  readonly events: readonly LiveEvent[] | null;
}

/** The durable log of events, `live.*` in the database. Reads as the service: who may listen was decided before. */
export interface EventLog {
  position(channel: string): Promise<ChannelPosition>;
  /** Events after an offset, oldest first. Null events: other epoch, offset from the future, or older than the history. */
  replay(channel: string, after: { epoch: string; offset: number }, limit: number): Promise<Replay>;
}

/** Carries messages between processes; losing one is allowed (the log fills gaps), delivering to another topic is not. */
export interface Broker {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** @returns an id, `sub_1` first */
  subscribe(topic: string, listener: (message: string) => void): Promise<string>;
  unsubscribe(id: string): Promise<void>;
  publish(topic: string, message: string): Promise<void>;
  /** Short-lived values: presence, typing. Missing or expired is null. */
  setEphemeral(key: string, value: string, ttlMs: number): Promise<void>;
  getEphemeral(key: string): Promise<string | null>;
  deleteEphemeral(key: string): Promise<void>;
  /** Keys that begin with `prefix`. */
  ephemeralKeys(prefix: string): Promise<string[]>;
  /** Called after a lost link is back: messages may be missing, so every channel must be compared with the log. */
  onResync(listener: () => void): void;
  /** Whether messages reach this process at the moment. */
  readonly healthy: boolean;
}

export type Admission =
  | { readonly ok: true /** Audiences of this listener on this channel. */; readonly audiences: ReadonlySet<string> }
  | { readonly ok: false; readonly code: 'AUTH_REQUIRED' | 'FORBIDDEN' | 'NOT_FOUND' };

/** One kind of channel, written by the room that owns its data (`channels.ts`) and handed to the gateway by `server/app.ts`. */
export interface ChannelKind {
  /** Prefix of the channel's name up to its id, e.g. `discussions:episode:`. */
  readonly prefix: string;
  /** Whether listeners need a user; a bad token on a public channel is nobody (W2). */
  readonly isPublic: boolean;
  /** Typing and presence belong to conversations. */
  readonly presence: boolean;
  readonly typing: boolean;
  /** Decides who may listen and what they may see; asked at subscribe and again when access may have changed. Null: nobody. */
  admit(id: string, caller: Caller | null): Promise<Admission>;
}
