-- What a moderator sees of a reported message: nobody outside a conversation may read it, except for the message itself once one
-- of its members reported it.
create or replace function social.reported_message(p_message uuid) returns text
  language sql stable security definer set search_path = '' as $$
  select m.body from social.dm_messages m
  where m.id = p_message and exists (select 1 from social.reports r where r.message_id = p_message)
    and (identity.caller_role() not in ('anon', 'authenticated') or identity.is_admin())
$$;
revoke execute on function social.reported_message(uuid) from public, anon;
grant execute on function social.reported_message(uuid) to authenticated, service_role;
