-- Who may do what. Everything starts from nothing: grants are taken back, then given; policies are dropped, then created.
-- Repairs W5 (functions callable by everybody), W14 (error texts public), and of W26 the missing row security.
-- DM tables stay closed to clients: their policies recursed into themselves (W1), and return rewritten.

-- 1. Functions: nobody may call one unless told so below. The second statement covers functions made later, in any schema,
--    by the role that runs the migrations; a per-schema default could not take back what PUBLIC has by default.
revoke execute on all functions in schema core, surveys, social, games, pipeline from public, anon, authenticated;
alter default privileges revoke execute on functions from public;
grant execute on all functions in schema core, surveys, social, games, pipeline to service_role;
grant execute on function
  core.fold_text(text), core.trigrams(text), core.prefix_trigrams(text),
  core.search_shows(text, integer, integer), core.search_people(text, integer, integer)
to anon, authenticated;

-- 2. Tables and views.
revoke all on all tables in schema core, surveys, social, games, pipeline from public, anon, authenticated, service_role;
revoke all on schema pipeline from public, anon, authenticated;
grant usage on schema core, surveys, social, games to anon, authenticated, service_role;
grant usage on schema pipeline to service_role;
grant select, insert, update, delete on all tables in schema core, surveys, social, games, pipeline to service_role;
revoke insert, update, delete on
  core.imdb_series, core.tmdb_series, core.v_cast_photos, core.v_episode_appearances, core.v_show_images,
  core.v_show_images_served, core.v_show_seasons
from service_role;
revoke update on pipeline.snapshots, pipeline.run_events from service_role;
alter default privileges in schema core, surveys, social, games, pipeline
  grant select, insert, update, delete on tables to service_role;
alter default privileges in schema core, surveys, social, games, pipeline grant execute on functions to service_role;

grant select on
  core.shows, core.seasons, core.episodes, core.people, core.show_cast, core.episode_appearances, core.cast_memberships,
  core.episode_cast, core.show_images, core.season_images, core.networks, core.production_companies, core.watch_providers,
  core.show_watch_providers, core.external_ids, core.alternative_names, core.show_slugs,
  core.imdb_series, core.tmdb_series, core.v_episode_appearances, core.v_show_images, core.v_show_images_served,
  core.v_show_seasons,
  surveys.surveys, surveys.questions, surveys.options, surveys.aggregates,
  social.threads, social.posts, social.reactions,
  games.games, games.questions, games.options, games.stats
to anon, authenticated;

-- The state of ingestion is public, what went wrong is not (last_error, reason).
grant select (table_name, show_id, status, last_success_at, last_seen_most_recent_episode, attempts, last_attempt_at,
  created_at, updated_at) on core.sync_state to anon, authenticated;

grant select on core.cast_tmdb to authenticated;
grant select, insert, update, delete on surveys.responses, surveys.answers, games.sessions, games.responses to authenticated;
grant insert, update, delete on social.posts to authenticated;
grant insert, update on social.threads to authenticated;
grant insert, delete on social.reactions to authenticated;

-- 3. Row security on every table; a table without a policy is for the service role alone.
do $$
declare
  target record;
begin
  for target in
    select c.oid::regclass::text as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('core', 'surveys', 'social', 'games', 'pipeline') and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', target.name);
  end loop;
end
$$;

-- Views answer with the caller's rights, so that none can show more than its tables do.
alter view core.imdb_series set (security_invoker = true);
alter view core.tmdb_series set (security_invoker = true);
alter view core.v_cast_photos set (security_invoker = true);
alter view core.v_episode_appearances set (security_invoker = true);
alter view core.v_show_images set (security_invoker = true);
alter view core.v_show_images_served set (security_invoker = true);
alter view core.v_show_seasons set (security_invoker = true);

-- 4. Policies of the predecessor that go: redundant ones (the service role bypasses row security), and those of W1.
drop policy if exists core_tmdb_networks_public_read on core.networks;
drop policy if exists core_tmdb_networks_service_role on core.networks;
drop policy if exists core_tmdb_production_companies_public_read on core.production_companies;
drop policy if exists core_tmdb_production_companies_service_role on core.production_companies;
drop policy if exists core_tmdb_watch_providers_public_read on core.watch_providers;
drop policy if exists core_tmdb_watch_providers_service_role on core.watch_providers;
drop policy if exists core_show_watch_providers_service_role on core.show_watch_providers;
drop policy if exists "Members can update conversation timestamp" on social.dm_conversations;
drop policy if exists "Members can view their conversations" on social.dm_conversations;
drop policy if exists "Members can view conversation memberships" on social.dm_members;
drop policy if exists "Members can send messages" on social.dm_messages;
drop policy if exists "Members can view conversation messages" on social.dm_messages;
drop policy if exists "Users can insert their read receipts" on social.dm_read_receipts;
drop policy if exists "Users can update their read receipts" on social.dm_read_receipts;
drop policy if exists "Users can view their read receipts" on social.dm_read_receipts;

-- 5. Public reading.
do $$
declare
  target text;
  policy text;
begin
  foreach target in array array[
    'core.shows', 'core.seasons', 'core.episodes', 'core.people', 'core.show_cast', 'core.episode_appearances',
    'core.cast_memberships', 'core.episode_cast', 'core.show_images', 'core.season_images', 'core.networks',
    'core.production_companies', 'core.watch_providers', 'core.show_watch_providers', 'core.sync_state',
    'core.external_ids', 'core.alternative_names', 'core.show_slugs',
    'surveys.surveys', 'surveys.questions', 'surveys.options', 'surveys.aggregates',
    'games.games', 'games.questions', 'games.options', 'games.stats'
  ] loop
    -- `surveys.aggregates` is a view from 0065 on.
    continue when (select c.relkind from pg_catalog.pg_class c where c.oid = target::regclass) <> 'r';
    policy := replace(target, '.', '_') || '_public_read';
    execute format('drop policy if exists %I on %s', policy, target);
    execute format('create policy %I on %s for select to anon, authenticated using (true)', policy, target);
  end loop;
end
$$;

drop policy if exists threads_public_read on social.threads;
create policy threads_public_read on social.threads for select to anon, authenticated using (true);
drop policy if exists posts_public_read on social.posts;
create policy posts_public_read on social.posts for select to anon, authenticated using (true);
drop policy if exists reactions_public_read on social.reactions;
create policy reactions_public_read on social.reactions for select to anon, authenticated using (true);
drop policy if exists core_cast_tmdb_signed_in_read on core.cast_tmdb;
create policy core_cast_tmdb_signed_in_read on core.cast_tmdb for select to authenticated using (true);

-- 6. Own rows.
drop policy if exists threads_insert_own on social.threads;
create policy threads_insert_own on social.threads for insert to authenticated with check (created_by = auth.uid());
drop policy if exists threads_update_own on social.threads;
create policy threads_update_own on social.threads for update to authenticated
  using (created_by = auth.uid()) with check (created_by = auth.uid());

drop policy if exists posts_insert_own on social.posts;
create policy posts_insert_own on social.posts for insert to authenticated
  with check (user_id = auth.uid()
    and not exists (select 1 from social.threads t where t.id = posts.thread_id and t.is_locked));
drop policy if exists posts_update_own on social.posts;
create policy posts_update_own on social.posts for update to authenticated
  using (user_id = auth.uid()) with check (user_id = auth.uid());
drop policy if exists posts_delete_own on social.posts;
create policy posts_delete_own on social.posts for delete to authenticated using (user_id = auth.uid());

drop policy if exists reactions_insert_own on social.reactions;
create policy reactions_insert_own on social.reactions for insert to authenticated with check (user_id = auth.uid());
drop policy if exists reactions_delete_own on social.reactions;
create policy reactions_delete_own on social.reactions for delete to authenticated using (user_id = auth.uid());

do $$
declare
  owned record;
  verb text;
begin
  for owned in
    select * from (values
      ('surveys.responses', 'survey_responses', '(user_id = auth.uid())'),
      ('games.sessions', 'game_sessions', '(user_id = auth.uid())'),
      ('surveys.answers', 'survey_answers',
        '(exists (select 1 from surveys.responses r where r.id = answers.response_id and r.user_id = auth.uid()))'),
      ('games.responses', 'game_responses',
        '(exists (select 1 from games.sessions s where s.id = responses.session_id and s.user_id = auth.uid()))')
    ) as t (name, prefix, own)
  loop
    foreach verb in array array['select', 'insert', 'update', 'delete'] loop
      execute format('drop policy if exists %I on %s', owned.prefix || '_' || verb || '_own', owned.name);
      execute format('create policy %I on %s for %s to authenticated %s %s',
        owned.prefix || '_' || verb || '_own', owned.name, verb,
        case when verb <> 'insert' then 'using ' || owned.own else '' end,
        case when verb in ('insert', 'update') then 'with check ' || owned.own else '' end);
    end loop;
  end loop;
end
$$;
