import type { TokenSource } from '../client.ts';
import type { BackoffTiming, EndReason } from './backoff.ts';
import type { ChannelName } from './channels.ts';
import type { EventOf } from './events.ts';
import type { Position } from './frames.ts';
import type { People } from './people.ts';

/** Load the state now: whatever happens after this moment arrives as events, each once and in order. */
export interface Reload {
  /** `start`: this follower has just begun. `lost`: what happened since the last event cannot be had. */
  readonly reason: 'start' | 'lost';
  readonly position: Position;
}

/** The server does not let us follow: `AUTH_REQUIRED`, `FORBIDDEN`, `NOT_FOUND`, `TOO_MANY_CHANNELS`, ... */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What a follower of a channel is told. A handler that throws is reported like a listener's error and stops nothing. */
export interface ChannelHandlers<C extends ChannelName> {
  /** The next event. Never twice, never out of order, none left out since the last `onReload`. */
  onEvent(event: EventOf<C>): void;
  /** Called before the first event, and whenever the history has a gap that cannot be filled. */
  onReload(reload: Reload): void;
  /** Who is online and typing (conversations), after each change. */
  onPeople?(people: People): void;
  /** The channel is over for this client; nothing more will be told. */
  onOver?(refusal: Refusal): void;
}

export interface Subscription {
  readonly channel: string;
  /** The last event that was delivered; undefined before `onReload`. */
  readonly position: Position | undefined;
  unsubscribe(): void;
}

export type LiveStatus =
  /** Nothing is followed. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  /** Every channel is followed without a gap, or was told to reload. */
  | { readonly state: 'open' }
  /** The link was lost and is being made again; everything goes on from where it was. */
  | {
      readonly state: 'resuming';
      readonly reason: EndReason;
      /** The close code, or the status of the answer, where there was one. */
      readonly code: number | undefined;
      /** Tries since a link held. */
      readonly attempt: number;
      readonly retryInMs: number;
    }
  | { readonly state: 'closed'; readonly reason: 'closed' | 'not_allowed' };

/** Something the app may want to log; the client goes on by itself. */
export interface LiveProblem extends Refusal {
  readonly channel?: string | undefined;
  readonly cause?: unknown;
}

export interface LiveTiming extends BackoffTiming {
  /** Between two heartbeats and looks at the link. */
  readonly heartbeatMs: number;
  /** Silence after which the link is questioned; the server's beat comes every 25 seconds. */
  readonly silenceMs: number;
  /** Longest wait for a connection or an answer. */
  readonly answerMs: number;
  /** A token is renewed this long before it expires. */
  readonly renewMs: number;
}

export const LIVE_TIMING: LiveTiming = {
  heartbeatMs: 20_000,
  silenceMs: 40_000,
  answerMs: 15_000,
  renewMs: 60_000,
  baseMs: 250,
  maxMs: 30_000,
  slowMs: 10_000,
  stableMs: 5_000,
};

export interface LiveOptions {
  /** Where the server is, e.g. `https://api.example.org`. */
  readonly baseUrl: string;
  /**
   * A bearer token, or a function that gives the current one (null: nobody). It is asked with `refresh: true` before a token expires and
   * after one was refused. For another person make another client.
   */
  readonly token?: string | TokenSource;
  readonly onStatus?: (status: LiveStatus) => void;
  readonly onProblem?: (problem: LiveProblem) => void;
  readonly timing?: Partial<LiveTiming>;
}

/** What sockets and event streams have in common. */
export interface LiveBase<Channels extends ChannelName, Made extends Subscription> {
  /** Follows a channel, which opens the link when it is the first. Any number of followers share a channel. */
  subscribe<C extends Channels>(channel: C, handlers: ChannelHandlers<C>): Made;
  readonly status: LiveStatus;
  /** Looks at once whether the link is alive, or tries again at once: call it when an app comes back to the foreground. */
  check(): void;
  /** Makes a new link with a fresh token; everything goes on from where it was. */
  reconnect(): void;
  /** Ends everything, for good. */
  close(): void;
}
