-- Direct messages that work (W1): grants, policies that do not read their own table, a race-free way to begin a conversation
-- that also repairs memberships (W12), nothing but text under the control of clients (W20).

-- 1. Structure.
alter table social.dm_conversations drop constraint if exists dm_conversations_direct_key_check;
alter table social.dm_conversations add constraint dm_conversations_direct_key_check
  check (direct_key ~ '^[0-9a-f-]{36}:[0-9a-f-]{36}$' and split_part(direct_key, ':', 1) collate "C" < split_part(direct_key, ':', 2)) not valid;
alter table social.dm_members drop constraint if exists dm_members_role_check;
alter table social.dm_members add constraint dm_members_role_check check (role in ('member', 'admin')) not valid;
alter table social.dm_messages drop constraint if exists dm_messages_body_check;
alter table social.dm_messages add constraint dm_messages_body_check
  check (btrim(body) <> '' and char_length(body) <= 10000) not valid;
create index if not exists dm_messages_conversation_id_created_at_id_idx
  on social.dm_messages (conversation_id, created_at desc, id desc);
drop index if exists social.idx_dm_messages_conversation_created;

-- 2. Membership. Owner's rights and its own function, so that no policy has to read the table it guards.

-- The caller's conversations. An array, so that a policy asks once per statement, not once per row.
create or replace function social.my_conversations() returns uuid[]
  language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(m.conversation_id), '{}') from social.dm_members m where m.user_id = identity.uid()
$$;

-- TR030 unless the caller is a member: whether the conversation exists is not told. The service role may see all.
create or replace function social.require_member(p_conversation uuid) returns void
  language plpgsql stable security definer set search_path = '' as $$
begin
  if identity.caller_role() in ('anon', 'authenticated') and not exists (
    select 1 from social.dm_members m where m.conversation_id = p_conversation and m.user_id = identity.uid()) then
    raise exception 'Conversation not found or you don''t have access' using errcode = 'TR030';
  end if;
end
$$;

-- 3. Messages. A message is text from its sender at the time it is sent.
create or replace function social.check_message() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if identity.caller_role() = 'authenticated' then
    perform identity.require_user();
  end if;
  perform social.require_member(new.conversation_id);
  if exists (
    select 1 from social.dm_conversations c join social.dm_members m on m.conversation_id = c.id
    where c.id = new.conversation_id and not c.is_group and m.user_id <> new.sender_id
      and social.is_blocked(new.sender_id, m.user_id)
  ) then
    raise exception 'You cannot write to this person' using errcode = 'TR034';
  end if;
  return new;
end
$$;
create or replace trigger social_dm_messages_check before insert on social.dm_messages
  for each row execute function social.check_message();

-- Conversations are listed by their last message. Owner's rights: members cannot write conversations.
create or replace function social.touch_conversation() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update social.dm_conversations c set last_message_at = new.created_at
  where c.id = new.conversation_id and (c.last_message_at is null or c.last_message_at < new.created_at);
  return null;
end
$$;
create or replace trigger social_dm_messages_touch_conversation after insert on social.dm_messages
  for each row execute function social.touch_conversation();

-- 4. What clients call.

-- The conversation of the caller and another person: found, or begun with both as members and empty receipts. Any number of
-- callers from both sides get the same id; a membership or receipt that is missing is put back.
-- TR001, TR031 with oneself, TR032 unknown person, TR034 blocked (only where none exists yet).
create or replace function social.get_or_create_direct_conversation(other_user_id uuid) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  pair text;
  conversation uuid;
begin
  if other_user_id = caller then
    raise exception 'Cannot create DM with yourself' using errcode = 'TR031';
  end if;
  if not exists (select 1 from identity.users u where u.id = other_user_id) then
    raise exception 'User not found' using errcode = 'TR032';
  end if;
  -- Smaller first, as text; for uuids that is their own order.
  pair := least(caller, other_user_id)::text || ':' || greatest(caller, other_user_id)::text;
  select c.id into conversation from social.dm_conversations c where c.direct_key = pair;
  if conversation is null then
    if social.is_blocked(caller, other_user_id) then
      raise exception 'You cannot write to this person' using errcode = 'TR034';
    end if;
    -- Waits for whoever is making the same one, then finds it.
    loop
      insert into social.dm_conversations (is_group, direct_key) values (false, pair)
      on conflict (direct_key) do nothing returning id into conversation;
      exit when conversation is not null;
      select c.id into conversation from social.dm_conversations c where c.direct_key = pair;
      exit when conversation is not null;
    end loop;
  end if;
  insert into social.dm_members (conversation_id, user_id)
  select conversation, p.id from unnest(array[least(caller, other_user_id), greatest(caller, other_user_id)]) as p (id)
  on conflict do nothing;
  insert into social.dm_read_receipts (conversation_id, user_id)
  select conversation, p.id from unnest(array[least(caller, other_user_id), greatest(caller, other_user_id)]) as p (id)
  on conflict do nothing;
  return conversation;
end
$$;

-- Notes how far the caller has read; never moves back, so that two devices cannot undo each other.
-- TR001, TR030 not a member, TR033 no such message in this conversation.
create or replace function social.mark_read(p_conversation uuid, p_message uuid) returns social.dm_read_receipts
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  message record;
  receipt social.dm_read_receipts;
begin
  perform social.require_member(p_conversation);
  select m.id, m.created_at into message from social.dm_messages m where m.id = p_message and m.conversation_id = p_conversation;
  if not found then
    raise exception 'Message not found in this conversation' using errcode = 'TR033';
  end if;
  insert into social.dm_read_receipts as r (conversation_id, user_id, last_read_message_id, last_read_at)
  values (p_conversation, caller, p_message, now())
  on conflict (conversation_id, user_id) do update set
    last_read_at = now(),
    last_read_message_id = case
      when (select (m.created_at, m.id) > (message.created_at, message.id) from social.dm_messages m where m.id = r.last_read_message_id)
      then r.last_read_message_id else excluded.last_read_message_id end
  returning r.* into receipt;
  return receipt;
end
$$;

-- 5. Rights.
revoke all on social.dm_conversations, social.dm_members, social.dm_messages, social.dm_read_receipts
  from public, anon, authenticated;
grant select on social.dm_conversations, social.dm_members, social.dm_messages, social.dm_read_receipts to authenticated;
grant insert (conversation_id, sender_id, body) on social.dm_messages to authenticated;
grant select, insert, update, delete on social.dm_conversations, social.dm_members, social.dm_messages, social.dm_read_receipts
  to service_role;
revoke execute on function
  social.my_conversations(), social.require_member(uuid), social.check_message(), social.touch_conversation(),
  social.get_or_create_direct_conversation(uuid), social.mark_read(uuid, uuid)
from public, anon, authenticated;
grant execute on function
  social.my_conversations(), social.get_or_create_direct_conversation(uuid), social.mark_read(uuid, uuid)
to authenticated, service_role;

drop policy if exists dm_conversations_select_member on social.dm_conversations;
create policy dm_conversations_select_member on social.dm_conversations for select to authenticated
  using (id = any ((select social.my_conversations())::uuid[]));
drop policy if exists dm_members_select_member on social.dm_members;
create policy dm_members_select_member on social.dm_members for select to authenticated
  using (conversation_id = any ((select social.my_conversations())::uuid[]));
drop policy if exists dm_messages_select_member on social.dm_messages;
create policy dm_messages_select_member on social.dm_messages for select to authenticated
  using (conversation_id = any ((select social.my_conversations())::uuid[]));
drop policy if exists dm_messages_insert_member on social.dm_messages;
create policy dm_messages_insert_member on social.dm_messages for insert to authenticated
  with check (sender_id = (select identity.uid()) and conversation_id = any ((select social.my_conversations())::uuid[]));
drop policy if exists dm_read_receipts_select_own on social.dm_read_receipts;
create policy dm_read_receipts_select_own on social.dm_read_receipts for select to authenticated
  using (user_id = (select identity.uid()));
