-- The caller's own reactions to the posts of a page, in one call. A function, so that one statement serves strangers (who may not read
-- the table, and have none) and people alike. Owner's rights: it looks at the caller's rows and at nothing else.
create or replace function social.my_reactions(p_posts uuid[]) returns table (post_id uuid, reaction text)
  language sql stable security definer set search_path = '' as $$
  select r.post_id, r.reaction from social.reactions r
  where r.user_id = identity.uid() and r.post_id = any (p_posts[1:1000])
$$;
revoke execute on function social.my_reactions(uuid[]) from public;
grant execute on function social.my_reactions(uuid[]) to anon, authenticated, service_role;
