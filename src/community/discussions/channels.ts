import { type ChannelKind, channelNamed } from '../../platform/live/channels.ts';

const PREFIX = 'discussions:episode:';
const SELF = 'self';
const OTHERS = 'others';

/**
 * `discussions:episode:<episode>`: threads, posts and reactions of an episode, for everybody (W1). Row security shows all of it, too, but
 * for who reacted, which is only shown to themselves (docs/db/decisions.md, W28). What is taken back is taken back in the history by the
 * triggers that tell it.
 */
export const discussionsChannel: ChannelKind = {
  name: 'discussions',
  parse: channelNamed(PREFIX),
  authorize: async () => 'ok',
  path: { prefix: 'discussions/episodes', channelOf: (id) => PREFIX + id },
  audience(event, { caller }) {
    if (event.type !== 'reaction_toggled') return OTHERS;
    return caller?.kind === 'user' && caller.userId === event.actor ? SELF : OTHERS;
  },
  view(event, audience) {
    if (event.type !== 'reaction_toggled' || audience === SELF) return event.payload;
    return JSON.stringify({ ...(JSON.parse(event.payload) as object), user_id: null });
  },
  hasMembers: false,
  hasEventStream: true,
};
