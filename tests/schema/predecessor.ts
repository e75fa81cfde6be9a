/**
 * What an adopted database can hold beyond the baseline's structure: code of the predecessor under names we replace or
 * drop, its policies and grants, and rows that contradict each other in ways it accepted. For tests only; the bodies are ours.
 */
export const PREDECESSOR_ROWS = `
create function core.merge_shows(source_show_id uuid, target_show_id uuid) returns void language sql security definer as 'select';
create function core._show_images_best_width(current_width integer, incoming_width integer) returns integer
  language sql immutable as 'select greatest(current_width, incoming_width)';
create function core.upsert_show_images_by_identity(rows jsonb) returns setof core.show_images
  language sql security definer as 'select * from core.show_images';
create function core.cast_tmdb_set_updated_at() returns trigger language plpgsql as 'begin new.updated_at = now(); return new; end';
create trigger cast_tmdb_updated_at before update on core.cast_tmdb for each row execute function core.cast_tmdb_set_updated_at();
create function core.set_updated_at() returns trigger language plpgsql as 'begin new.updated_at = now(); return new; end';
create trigger core_tmdb_networks_set_updated_at before update on core.networks for each row execute function core.set_updated_at();
create trigger core_shows_set_updated_at before update on core.shows for each row execute function core.set_updated_at();
create function core.propagate_show_name_to_seasons() returns trigger language plpgsql as 'begin return new; end';
create function social.get_or_create_direct_conversation(other_user_id uuid) returns uuid
  language sql security definer as 'select other_user_id';

alter table core.networks enable row level security;
create policy core_tmdb_networks_public_read on core.networks for select using (true);
create policy core_tmdb_networks_service_role on core.networks using (auth.role() = 'service_role');
alter table core.shows enable row level security;
create policy core_shows_public_read on core.shows for select to anon, authenticated using (true);
alter table social.dm_members enable row level security;
create policy "Members can view conversation memberships" on social.dm_members for select using (user_id = auth.uid());
grant usage on schema core to anon, authenticated, service_role;
grant all on all tables in schema core to service_role;
grant select on core.sync_state, core.shows to anon;
grant update on social.reactions to authenticated;

insert into core.shows (id, name, imdb_id) values
  ('00000000-0000-4000-8000-000000000001', 'Padded', ' TT900 '), ('00000000-0000-4000-8000-000000000002', 'Blank', ' ');
insert into core.people (id, full_name, external_ids) values
  ('00000000-0000-4000-8000-000000000003', 'Ann', '{"imdb": " nm9", "tmdb_id": 9}');
update core.people set external_ids = external_ids || '{"tmdb_id": "9"}';
insert into core.seasons (id, show_id, season_number) values
  ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000001', 1);
insert into core.episodes (id, show_id, season_id, season_number, episode_number) values
  ('00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000004', 7, 1);
insert into core.show_images (id, show_id, kind, source_image_id, url) values
  ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000002', 'poster', '/p', 'https://x/p');
update core.shows set primary_poster_image_id = '00000000-0000-4000-8000-000000000006' where name = 'Padded';
insert into core.cast_photos (person_id, source, url, hosted_key) values
  ('00000000-0000-4000-8000-000000000003', 'fandom', 'https://x/a.jpg?cb=1', null),
  ('00000000-0000-4000-8000-000000000003', 'fandom', 'https://x/a.jpg?cb=2', 'stored');
insert into surveys.surveys (show_id, season_id, title) values
  ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000004', 'Of another show');
insert into social.threads (id, episode_id, title, type) values
  ('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000005', 'A', 'general'),
  ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000005', 'B', 'general');
insert into social.posts (id, thread_id, body) values
  ('00000000-0000-4000-8000-000000000009', '00000000-0000-4000-8000-000000000007', 'first');
insert into social.posts (thread_id, parent_post_id, body) values
  ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000009', 'reply elsewhere');
`;
