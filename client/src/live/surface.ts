import type { ChannelName } from './channels.ts';
import type { FollowedChannels, Follower } from './followed.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';
import type { LiveBase, Subscription } from './types.ts';

/** What an app holds of one `subscribe`. @param left called when it ends it */
export function subscriptionOf(
  follower: Follower,
  followed: FollowedChannels,
  link: Link<Session>,
  left: () => void = () => undefined,
): Subscription {
  const { channel } = follower;
  return {
    channel,
    get position() {
      return follower.over ? undefined : followed.position(channel);
    },
    unsubscribe() {
      left();
      if (followed.remove(follower)) link.left(channel);
    },
  };
}

/** What an app holds of a client. */
export function surfaceOf<Channels extends ChannelName, Made extends Subscription>(
  link: Link<Session>,
  subscribe: LiveBase<Channels, Made>['subscribe'],
): LiveBase<Channels, Made> {
  return {
    subscribe,
    get status() {
      return link.status;
    },
    check: link.check,
    reconnect: link.reconnect,
    close: link.close,
  };
}
