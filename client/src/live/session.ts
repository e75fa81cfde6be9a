import type { End } from './backoff.ts';
import type { ServerFrame } from './frames.ts';
import type { LiveTiming } from './types.ts';

/** What a link tells whoever keeps it. */
export interface SessionHooks {
  readonly timing: LiveTiming;
  opened(): void;
  frame(frame: ServerFrame): void;
  /** Told once, unless the session was ended from here. */
  ended(end: End): void;
}

/** One link to the server: a socket, or a stream. Ends once and is not used again. */
export interface Session {
  /** Follows a channel that is new here. */
  ask(channel: string): void;
  /** Goes on from where the channel was delivered. */
  resume(channel: string): void;
  /** Asks again a little later: the server could not answer now. Undefined: everything that was not answered. */
  askLater(channel: string | undefined): void;
  /** The server answered for this channel, whatever it said. */
  answered(channel: string): void;
  /** Nobody follows the channel any more. */
  leave(channel: string): void;
  /** Whether the server has yet to answer for this channel. */
  awaits(channel: string): boolean;
  /** Whether it answered for every channel. */
  readonly isSettled: boolean;
  /** Looks whether the link is alive, and ends it when it is not. */
  check(): void;
  /** Shows a fresh token; false: this kind of link cannot, make another one. */
  renew(token: string): boolean;
  /** Ends it without a word to the hooks. */
  end(): void;
}
