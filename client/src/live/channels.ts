/** What happens in the discussions of an episode: for everybody. */
export type DiscussionChannel = `discussions:episode:${string}`;
/** A conversation, for its members: messages, receipts, who is there and who is typing. Only over a socket. */
export type ConversationChannel = `dms:conversation:${string}`;
/** A survey's results, at most once a second, and changes of its state. */
export type SurveyChannel = `surveys:survey:${string}`;
/** What an import or sync does, for administrators. */
export type RunChannel = `runs:${string}`;

export type ChannelName = DiscussionChannel | ConversationChannel | SurveyChannel | RunChannel;
/** Channels that event streams carry. */
export type StreamChannelName = Exclude<ChannelName, ConversationChannel>;

/** Names of channels, of the ids that the API gives out. */
export const channelOf = {
  discussions: (episodeId: string): DiscussionChannel => `discussions:episode:${episodeId}`,
  conversation: (conversationId: string): ConversationChannel => `dms:conversation:${conversationId}`,
  survey: (surveyId: string): SurveyChannel => `surveys:survey:${surveyId}`,
  run: (runId: string): RunChannel => `runs:${runId}`,
} as const;

const MAX_NAME = 200;

/** The spelling the server answers with: ids in lower case. Throws `RangeError` for what cannot be a name. */
export function normalName(name: string): string {
  if (name.length === 0 || name.length > MAX_NAME) {
    throw new RangeError(`a channel's name has 1 to ${MAX_NAME} characters`);
  }
  const id = name.lastIndexOf(':') + 1;
  return name.slice(0, id) + name.slice(id).toLowerCase();
}
