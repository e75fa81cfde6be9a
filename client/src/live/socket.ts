import type { ChannelName } from './channels.ts';
import { createFollowedChannels } from './followed.ts';
import { createLink } from './link.ts';
import { openSocket, type WebSocketConstructor } from './socket-session.ts';
import { subscriptionOf, surfaceOf } from './surface.ts';
import type { LiveBase, LiveOptions, Subscription } from './types.ts';
import { createTypingSignal } from './typing.ts';

export interface SocketOptions extends LiveOptions {
  /** Default: the global `WebSocket`. */
  readonly WebSocket?: WebSocketConstructor;
}

export interface SocketSubscription extends Subscription {
  /** Call it at each key with `true`, and with `false` when the text was sent or cleared; others see it in conversations. */
  typing(isTyping: boolean): void;
}

/** Live channels over one WebSocket. */
export type Live = LiveBase<ChannelName, SocketSubscription>;

/**
 * Follows live channels over one socket, which is opened with the first `subscribe` and made again whenever it is lost. Each channel goes on
 * from the last event that was delivered; what cannot be had again is told by `onReload`.
 */
export function createLive(options: SocketOptions): Live {
  const WebSocket = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor | undefined);
  if (WebSocket === undefined) {
    throw new TypeError('there is no global WebSocket here: pass one in `WebSocket`, or use createLiveStream');
  }
  const url = `${options.baseUrl.replace(/\/+$/, '').replace(/^http/, 'ws')}/api/v1/ws`;
  const followed = createFollowedChannels();
  const { position } = followed;
  const link = createLink(options, followed, (token, hooks) =>
    openSocket({ WebSocket, url, token, channels: () => followed.names, position, hooks }),
  );

  return surfaceOf(link, (name, handlers) => {
    const { follower, isNew } = followed.add(name, handlers as never);
    const { channel } = follower;
    const signal = createTypingSignal((type) => {
      // The server knows of no typing on a channel that it has not opened (again).
      if (link.session?.awaits(channel) === false) link.session.send(type, { channel });
    });
    if (isNew) link.joined(channel);
    return Object.assign(subscriptionOf(follower, followed, link, signal.reset), {
      typing(isTyping: boolean) {
        if (!follower.over) signal.typing(isTyping);
      },
    });
  });
}
