import type { Result } from '../operations.ts';
import type { ChannelName, ConversationChannel, DiscussionChannel, RunChannel, SurveyChannel } from './channels.ts';

/** Something that happened on a channel and has its place there. */
interface Stored<Type extends string, Payload> {
  readonly type: Type;
  /** When, ISO 8601 UTC with microseconds. */
  readonly ts: string;
  readonly payload: Payload;
  readonly channel: string;
  /** Dense per channel: the next event has the next one. */
  readonly offset: number;
}

/** Its content is not (or no longer) for you; its place is told, so that nothing seems lost. */
export type Withheld = Stored<'withheld', Readonly<Record<string, never>>>;

/** What was taken back since, or belonged to a deleted account, is null in events that are told later. */
export interface ThreadPayload {
  readonly thread_id: string;
  readonly episode_id: string;
  readonly title: string | null;
  /** As `type` of `listThreads`. */
  readonly type: string;
  readonly created_by: string | null;
  readonly is_locked: boolean;
}

export interface PostPayload {
  readonly post_id: string;
  readonly thread_id: string;
  readonly parent_post_id: string | null;
  readonly user_id: string | null;
  readonly body: string | null;
  readonly created_at: string;
}

export interface ReactionPayload {
  readonly post_id: string;
  /** Only told to the person themselves. */
  readonly user_id: string | null;
  readonly reaction: string;
  readonly action: 'added' | 'removed';
}

export type DiscussionEvent =
  | Stored<'thread_created' | 'thread_updated' | 'thread_restored', ThreadPayload>
  | Stored<'thread_removed', Pick<ThreadPayload, 'thread_id' | 'episode_id'>>
  | Stored<'post_created', PostPayload>
  | Stored<'post_updated' | 'post_restored', PostPayload & { readonly edited_at: string | null }>
  | Stored<'post_deleted', Pick<PostPayload, 'post_id' | 'thread_id'>>
  | Stored<'reaction_toggled', ReactionPayload>
  | Withheld;

export interface MessagePayload {
  readonly message_id: string;
  readonly conversation_id: string;
  readonly sender_id: string | null;
  readonly body: string | null;
  readonly created_at: string;
}

export interface MemberPayload {
  readonly conversation_id: string;
  readonly user_id: string | null;
}

export type ConversationEvent =
  | Stored<'dm_message_created', MessagePayload>
  | Stored<'dm_message_deleted', { readonly message_id: string; readonly conversation_id: string }>
  | Stored<'dm_read_updated', MemberPayload & { readonly last_read_message_id: string }>
  | Stored<'dm_member_joined' | 'dm_member_left', MemberPayload>
  /** A block began or ended; whom it shuts out hears no more. */
  | Stored<'dm_access_changed', Pick<MemberPayload, 'conversation_id'>>
  | Withheld;

type SurveyResults = Result<'getSurveyResults'>;

/** Only the id while the survey is a draft (again). */
export interface SurveyPayload {
  readonly survey_id: string;
  readonly title?: string;
  readonly status?: string;
  readonly starts_at?: string | null;
  readonly ends_at?: string | null;
}

export type SurveyEvent =
  | Stored<'survey_updated', SurveyPayload>
  /** All results, as `getSurveyResults` answers; only the id once the survey is a draft again. */
  | Stored<'results_updated', { readonly survey_id: string } & Partial<SurveyResults>>
  | Withheld;

export interface RunPayload {
  readonly run_id: string;
  /** Equal to the event's offset. */
  readonly seq: number;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type RunEvent = Stored<'run_event', RunPayload> | Withheld;

/** The events of a channel. A newer server may send further types: leave them alone. */
export type EventOf<C extends ChannelName> = C extends DiscussionChannel
  ? DiscussionEvent
  : C extends ConversationChannel
    ? ConversationEvent
    : C extends SurveyChannel
      ? SurveyEvent
      : C extends RunChannel
        ? RunEvent
        : never;

export type LiveEvent = EventOf<ChannelName>;

/** Without a place in the history: true for a while, and missed when one is away. */
export type PassingFrame =
  | {
      readonly type: 'typing';
      readonly payload: { readonly conversation_id: string; readonly user_id: string; readonly is_typing: boolean };
    }
  | { readonly type: 'presence'; readonly payload: { readonly user_id: string; readonly is_online: boolean } };
