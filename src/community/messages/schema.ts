import Type from 'typebox';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { TimePageQuery } from '../discussions/schema.ts';

const messageMembers = {
  id: Uuid(),
  conversation_id: Uuid(),
  sender_id: Nullable(Uuid()),
  body: Type.String(),
  created_at: Timestamp(),
};
export const Message = Type.Object(messageMembers, { additionalProperties: false });

const { conversation_id: _own, ...previewMembers } = messageMembers;

export const Conversation = Type.Object(
  {
    id: Uuid(),
    is_group: Type.Boolean(),
    created_at: Timestamp(),
    last_message_at: Nullable(Timestamp()),
    members: Type.Array(
      Type.Object(
        {
          user_id: Uuid(),
          role: Type.String(),
          joined_at: Timestamp(),
          handle: Nullable(Type.String()),
          display_name: Nullable(Type.String()),
          avatar_url: Nullable(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
    last_message: Nullable(Type.Object(previewMembers, { additionalProperties: false })),
    unread: Type.Integer({ description: 'Messages of others after the last one the caller read' }),
  },
  { additionalProperties: false },
);

export const Receipt = Type.Object(
  {
    conversation_id: Uuid(),
    user_id: Uuid(),
    last_read_message_id: Nullable(Uuid()),
    last_read_at: Nullable(Timestamp()),
  },
  { additionalProperties: false },
);

export const Unread = Type.Object(
  { messages: Type.Integer(), conversations: Type.Integer() },
  { additionalProperties: false },
);

export const ConversationParams = Type.Object({ conversation_id: Uuid() });
export const NewConversation = Type.Object({ other_user_id: Uuid() });
export const NewMessage = Type.Object({
  body: Type.String({ minLength: 1, maxLength: 10_000, pattern: '\\S', description: 'Up to 10,000 characters' }),
});
/** Under either name: the receipt's own, and the short one. */
export const ReadUntil = Type.Object({
  message_id: Type.Optional(Uuid()),
  last_read_message_id: Type.Optional(Uuid()),
});
export const MessagesQuery = Type.Object({
  ...TimePageQuery.properties,
  order: Type.Union([Type.Literal('asc'), Type.Literal('desc')], {
    default: 'asc',
    description: 'Oldest first, or newest first to scroll back; the cursor goes on in the same direction',
  }),
});

export const Block = Type.Object(
  {
    user_id: Uuid(),
    handle: Nullable(Type.String()),
    display_name: Nullable(Type.String()),
    avatar_url: Nullable(Type.String()),
    created_at: Timestamp(),
  },
  { additionalProperties: false },
);
export const BlockParams = Type.Object({ user_id: Uuid() });
export const BlockState = Type.Object({ user_id: Uuid(), blocked: Type.Boolean() }, { additionalProperties: false });
