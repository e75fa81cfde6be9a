import type { Caller } from '../auth/caller.ts';
import type { Scope } from '../db/types.ts';

/** Whoever follows a channel, as a room judges them. */
export interface Viewer {
  readonly caller: Caller | null;
}

/** Something that happened on a channel and has its place there. */
export interface LiveEvent {
  /** Dense per channel, 1 first. */
  readonly offset: number;
  readonly type: string;
  /** ISO 8601 UTC with microseconds and offset. */
  readonly at: string;
  /** JSON text of an object. */
  readonly payload: string;
  /** Who did it, where a room needs to know; `identity.users.id`. */
  readonly actor: string | null;
}

/** How far a channel has come. Offsets of another epoch count in another history and mean nothing here. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Where events of a kind of channel are read from. Reads are made with the service's rights: who may see what was asked before. */
export interface EventLog {
  /** Positions of these channels, in their order; offset 0 for one that nothing happened on yet. */
  positions(channels: readonly string[]): Promise<readonly Position[]>;
  /** Events after an offset, in order, at most `limit`. Fewer or later ones than exist when history was forgotten. */
  read(channel: string, after: number, limit: number): Promise<readonly LiveEvent[]>;
}

/** Somebody who follows a channel. */
export interface Asked {
  readonly caller: Caller | null;
  readonly channel: string;
}

export type Verdict = 'ok' | 'AUTH_REQUIRED' | 'FORBIDDEN' | 'NOT_FOUND';

/**
 * What a room says about one kind of live channel (design 10): its names, who may follow, who may see what. Handed to the realtime
 * room by `server/app.ts`. A property test keeps `authorize` and `view` equal to row security.
 */
export interface ChannelKind {
  readonly name: string;
  /** The channel in its normal spelling (ids in lower case, W4), or null when the text names none of this kind. */
  parse(text: string): string | null;
  /** May this caller follow the channel now? Asked before the first frame and whenever the answer may have changed. */
  authorize(channel: string, caller: Caller | null): Promise<Verdict>;
  /**
   * Asked about many at once: regularly, and after events of `reopensOn`. Answers for each whether it may still follow. Default: what
   * `authorize` said holds as long as the token does.
   */
  stillOpen?(asked: readonly Asked[]): Promise<readonly boolean[]>;
  /** Events after which everybody who follows is asked again, before anything more is delivered. */
  readonly reopensOn?: ReadonlySet<string>;
  /** A channel of this kind has an address of its own, `/api/v1/ws/<path>/<id>`, where `authorize` is asked before the handshake. */
  readonly path?: { readonly prefix: string; channelOf(id: string): string };
  /**
   * Which of several forms of an event this viewer gets; equal keys get equal bytes, made once. Default: everybody gets the stored
   * payload.
   */
  audience?(event: LiveEvent, viewer: Viewer): string;
  /** The payload for an audience, as JSON text. Null withholds it: the offset is told, the content is not. */
  view?(event: LiveEvent, audience: string): string | null;
  /** Nobody but people who are signed in may follow; told before anything else of a request is judged. */
  readonly needsUser?: boolean;
  /** Members see who is online and who is typing. */
  readonly hasMembers: boolean;
  /** Also to be had as server-sent events. */
  readonly hasEventStream: boolean;
  /** Default: the history that triggers write (`live.events`). */
  readonly log?: EventLog;
  /** Milliseconds between looks at the log. Default 2,000: events normally come through the broker, and this finds what got lost. */
  readonly verifyEveryMs?: number;
  /** Channels whose state is told as a whole, at most once a second (survey results). */
  readonly digest?: {
    readonly type: string;
    readonly everyMs: number;
    /** The state as JSON text, read with the service's rights; null when there is nothing to tell. */
    read(scope: Scope, channel: string): Promise<string | null>;
  };
}

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

/** `parse` for channels named `<prefix><uuid>`. */
export function channelNamed(prefix: string): (text: string) => string | null {
  const pattern = new RegExp(`^${prefix}(${UUID})$`);
  return (text) => {
    const id = pattern.exec(text)?.[1];
    return id === undefined ? null : prefix + id.toLowerCase();
  };
}

/** The uuid at the end of a channel's normal spelling. */
export function idOf(channel: string): string {
  return channel.slice(channel.lastIndexOf(':') + 1);
}
