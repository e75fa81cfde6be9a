export type { EndReason } from './backoff.ts';
export {
  type ChannelName,
  type ConversationChannel,
  channelOf,
  type DiscussionChannel,
  type RunChannel,
  type StreamChannelName,
  type SurveyChannel,
} from './channels.ts';
export type {
  ConversationEvent,
  DiscussionEvent,
  EventOf,
  LiveEvent,
  MemberPayload,
  MessagePayload,
  PostPayload,
  ReactionPayload,
  RunEvent,
  RunPayload,
  SurveyEvent,
  SurveyPayload,
  ThreadPayload,
  Withheld,
} from './events.ts';
export { type FollowHandlers, follow } from './follow.ts';
export type { Position } from './frames.ts';
export type { People } from './people.ts';
export { createLive, type Live, type SocketOptions, type SocketSubscription } from './socket.ts';
export type { WebSocketConstructor, WebSocketLike } from './socket-session.ts';
export { createLiveStream, type LiveStream, type StreamOptions } from './stream.ts';
export type {
  ChannelHandlers,
  LiveOptions,
  LiveProblem,
  LiveStatus,
  LiveTiming,
  Refusal,
  Reload,
  Subscription,
} from './types.ts';
