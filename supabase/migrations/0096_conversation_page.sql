-- The page of conversations in the order people see them (spec/api.md X6): the last message first, those without one by their own age;
-- with roles of members, one conversation alone, and rows to skip. Takes the place of the function of 0083, whose order among
-- conversations without a message was that of their ids.
drop function if exists social.conversation_page(integer, timestamptz, uuid);

-- A page of the caller's conversations, or one of them (`p_only`). The next page begins after `p_before`, `p_before_created` and
-- `p_before_id`: last_message_at ('-infinity' for none), created_at and id of the last row. At most 101 rows.
create or replace function social.conversation_page(
  p_limit integer default 20, p_offset integer default 0, p_before timestamptz default null, p_before_created timestamptz default null,
  p_before_id uuid default null, p_only uuid default null
) returns table (
  id uuid, is_group boolean, created_at timestamptz, last_message_at timestamptz, members jsonb, last_message jsonb, unread bigint
)
  language sql stable security definer set search_path = '' as $$
  with page as (
    select c.id, c.is_group, c.created_at, c.last_message_at, coalesce(c.last_message_at, '-infinity') as place,
      me.user_id, coalesce(seen.created_at, r.last_read_at, '-infinity') as read_until,
      coalesce(seen.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as read_until_id
    from social.dm_members me
    -- One by one (offset 0): for somebody with a hundred conversations the planner would read the whole table.
    join lateral (select c.* from social.dm_conversations c where c.id = me.conversation_id offset 0) c on true
    left join social.dm_read_receipts r on r.conversation_id = me.conversation_id and r.user_id = me.user_id
    -- Unread is what came after the message that was read, whenever that was said; its time stands in once it is gone.
    left join social.dm_messages seen on seen.id = r.last_read_message_id
    where me.user_id = identity.uid() and (p_only is null or me.conversation_id = p_only)
      and (p_before is null
        or (coalesce(c.last_message_at, '-infinity'), c.created_at, c.id) < (p_before, p_before_created, p_before_id))
    order by coalesce(c.last_message_at, '-infinity') desc, c.created_at desc, c.id desc
    limit least(greatest(p_limit, 0), 101) offset greatest(p_offset, 0)
  )
  select p.id, p.is_group, p.created_at, p.last_message_at,
    (select jsonb_agg(jsonb_build_object('user_id', m.user_id, 'role', m.role, 'joined_at', m.joined_at, 'handle', f.handle,
        'display_name', f.display_name, 'avatar_url', f.avatar_url) order by m.joined_at, m.user_id)
     from social.dm_members m left join social.profiles f on f.user_id = m.user_id where m.conversation_id = p.id),
    (select jsonb_build_object('id', m.id, 'sender_id', m.sender_id, 'body', m.body, 'created_at', m.created_at)
     from social.dm_messages m where m.conversation_id = p.id order by m.created_at desc, m.id desc limit 1),
    (select count(*) from social.dm_messages m
     where m.conversation_id = p.id and (m.created_at, m.id) > (p.read_until, p.read_until_id) and m.sender_id is distinct from p.user_id)
  from page p order by p.place desc, p.created_at desc, p.id desc
$$;
revoke execute on function social.conversation_page(integer, integer, timestamptz, timestamptz, uuid, uuid) from public, anon, authenticated;
grant execute on function social.conversation_page(integer, integer, timestamptz, timestamptz, uuid, uuid) to authenticated, service_role;

-- Unread messages over all conversations of the caller, and in how many of them.
create or replace function social.unread_total(out messages bigint, out conversations bigint)
  language sql stable security definer set search_path = '' as $$
  select coalesce(sum(n.count), 0), count(*) filter (where n.count > 0)
  from social.dm_members me
  left join social.dm_read_receipts r on r.conversation_id = me.conversation_id and r.user_id = me.user_id
  left join social.dm_messages seen on seen.id = r.last_read_message_id
  cross join lateral (
    select count(*) from social.dm_messages m
    where m.conversation_id = me.conversation_id and m.sender_id is distinct from me.user_id
      and (m.created_at, m.id) > (coalesce(seen.created_at, r.last_read_at, '-infinity'), coalesce(seen.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  ) n
  where me.user_id = identity.uid()
$$;
revoke execute on function social.unread_total() from public, anon, authenticated;
grant execute on function social.unread_total() to authenticated, service_role;
