import { type ChannelLog, createChannelLog } from './channel-log.ts';
import { type ChannelName, normalName } from './channels.ts';
import type { Position, ServerFrame } from './frames.ts';
import { createPeople, NOBODY, type PeopleOfChannel } from './people.ts';
import type { ChannelHandlers, Refusal, Reload } from './types.ts';

/** One `subscribe` of the app. */
export interface Follower {
  readonly channel: string;
  readonly handlers: ChannelHandlers<ChannelName>;
  /** Was told to load; before that events mean nothing to it. */
  begun: boolean;
  over: boolean;
}

interface Followed {
  readonly log: ChannelLog;
  readonly people: PeopleOfChannel;
  readonly followers: Set<Follower>;
}

/** The channels an app follows, whatever link carries them. */
export interface FollowedChannels {
  readonly names: readonly string[];
  has(channel: string): boolean;
  position(channel: string): Position | undefined;
  /** @returns the follower, and whether its channel is new here */
  add(channel: string, handlers: ChannelHandlers<ChannelName>): { follower: Follower; isNew: boolean };
  /** @returns whether nobody follows the channel any more */
  remove(follower: Follower): boolean;
  /** Takes a frame about a channel. @param resume asks the server to go on from `position` */
  take(frame: ServerFrame, resume: (channel: string) => void): void;
  /** The link is gone: who is online is not known any more. */
  lost(): void;
  /** The server does not let us follow. */
  over(channel: string, refusal: Refusal): void;
}

export function createFollowedChannels(): FollowedChannels {
  const channels = new Map<string, Followed>();

  function tell(followed: Followed | undefined, what: (follower: Follower) => void): void {
    for (const follower of followed?.followers ?? []) if (!follower.over) isolated(() => what(follower));
  }

  function begin(follower: Follower, reload: Reload): void {
    follower.begun = true;
    follower.handlers.onReload(reload);
  }

  function open(channel: string): Followed {
    const followed: Followed = {
      log: createChannelLog(),
      people: createPeople((people) => tell(followed, ({ handlers }) => handlers.onPeople?.(people))),
      followers: new Set(),
    };
    channels.set(channel, followed);
    return followed;
  }

  /** Somebody who joins a channel that is followed already: from now on nothing is missed. */
  function joinLater(followed: Followed, follower: Follower): void {
    const { position } = followed.log;
    if (follower.over || follower.begun || position === undefined) return;
    isolated(() => begin(follower, { reason: 'start', position }));
    if (followed.people.current !== NOBODY) isolated(() => follower.handlers.onPeople?.(followed.people.current));
  }

  return {
    get names() {
      return [...channels.keys()];
    },
    has: (channel) => channels.has(channel),
    position: (channel) => channels.get(channel)?.log.position,
    add(name, handlers) {
      const channel = normalName(name);
      const follower: Follower = { channel, handlers, begun: false, over: false };
      const known = channels.get(channel);
      const followed = known ?? open(channel);
      followed.followers.add(follower);
      if (known !== undefined) queueMicrotask(() => joinLater(known, follower));
      return { follower, isNew: known === undefined };
    },
    remove(follower) {
      const followed = channels.get(follower.channel);
      follower.over = true;
      if (!followed?.followers.delete(follower) || followed.followers.size > 0) return false;
      channels.delete(follower.channel);
      followed.people.clear();
      return true;
    },
    take(frame, resume) {
      if (frame.kind === 'authenticated' || frame.kind === 'error') return;
      const { channel } = frame;
      const followed = channels.get(channel);
      if (followed === undefined) return;
      const { log, people } = followed;
      switch (frame.kind) {
        case 'subscribed': {
          const told = log.subscribed(frame.position, frame.recovered);
          if (told === 'resume') return resume(channel);
          people.clear();
          const { position } = frame;
          tell(followed, (follower) => {
            if (!follower.begun) begin(follower, { reason: 'start', position: log.position ?? position });
            else if (told === 'reload') begin(follower, { reason: 'lost', position });
          });
          return;
        }
        case 'event': {
          const told = log.event(frame.event.offset);
          if (told === 'resume') resume(channel);
          if (told !== 'deliver') return;
          tell(followed, (follower) => {
            if (follower.begun) follower.handlers.onEvent(frame.event as never);
          });
          return;
        }
        case 'position':
          if (log.beat(frame.position) === 'resume') resume(channel);
          return;
        case 'unsubscribed':
          // Not asked for: the server could not go on.
          return resume(channel);
        case 'passing':
          return people.take(frame.passing);
      }
    },
    lost() {
      for (const { people } of channels.values()) people.clear();
    },
    over(channel, refusal) {
      const followed = channels.get(channel);
      channels.delete(channel);
      followed?.people.clear();
      for (const follower of followed?.followers ?? []) {
        if (follower.over) continue;
        follower.over = true;
        isolated(() => follower.handlers.onOver?.(refusal));
      }
    },
  };
}

/** A handler's failure is its own, and must be seen: as with an `EventTarget` it becomes an uncaught error. */
export function isolated(work: () => void): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
