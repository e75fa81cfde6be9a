import type { StreamChannelName } from './channels.ts';
import { createFollowedChannels } from './followed.ts';
import { createLink } from './link.ts';
import { openStream } from './stream-session.ts';
import { subscriptionOf, surfaceOf } from './surface.ts';
import type { LiveBase, LiveOptions, Subscription } from './types.ts';

export interface StreamOptions extends LiveOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** Live channels over server-sent events. */
export type LiveStream = LiveBase<StreamChannelName, Subscription>;

/** Channels of one stream. */
const MAX_CHANNELS = 20;
const TOO_MANY = { code: 'TOO_MANY_CHANNELS', message: `At most ${MAX_CHANNELS} channels on a stream` } as const;

/**
 * As `createLive`, over an event stream that is read with `fetch`: for places without WebSockets. Conversations are only to be had on a
 * socket, and following another channel opens another stream.
 */
export function createLiveStream(options: StreamOptions): LiveStream {
  const url = `${options.baseUrl.replace(/\/+$/, '')}/api/v1/events`;
  const request = options.fetch ?? fetch;
  const followed = createFollowedChannels();
  const { position } = followed;
  const link = createLink(options, followed, (token, hooks) =>
    openStream({ fetch: request, url, token, channels: () => followed.names, position, hooks }),
  );

  return surfaceOf(link, (name, handlers) => {
    const { follower, isNew } = followed.add(name, handlers as never);
    const { channel } = follower;
    if (isNew && followed.names.length > MAX_CHANNELS) queueMicrotask(() => followed.over(channel, TOO_MANY));
    else if (isNew) link.joined(channel);
    return subscriptionOf(follower, followed, link);
  });
}
