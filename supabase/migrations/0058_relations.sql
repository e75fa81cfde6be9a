-- Relations the database did not know (W21), as composite foreign keys under the names of the plain ones they replace.
-- Each part first puts contradictory rows of an adopted database right: the narrower row decides, a pointer that cannot
-- be right is emptied, a cached result that belongs nowhere goes. Parents moving (a merge) take their children along.

-- What the composite keys refer to.
create unique index if not exists seasons_show_id_id_key on core.seasons (show_id, id);
create unique index if not exists seasons_id_show_id_season_number_key on core.seasons (id, show_id, season_number);
create unique index if not exists episodes_season_id_id_key on core.episodes (season_id, id);
create unique index if not exists show_images_id_show_id_key on core.show_images (id, show_id);
create unique index if not exists posts_thread_id_id_key on social.posts (thread_id, id);
create unique index if not exists dm_messages_conversation_id_id_key on social.dm_messages (conversation_id, id);

-- An episode, a poster and an old-style credit belong to the show and number of their season.
update core.episodes e set show_id = s.show_id, season_number = s.season_number
from core.seasons s
where s.id = e.season_id and (e.show_id, e.season_number) is distinct from (s.show_id, s.season_number);
alter table core.episodes drop constraint if exists episodes_season_id_fkey;
alter table core.episodes add constraint episodes_season_id_fkey foreign key (season_id, show_id, season_number)
  references core.seasons (id, show_id, season_number) on update cascade on delete cascade;

update core.season_images i set show_id = s.show_id, season_number = s.season_number
from core.seasons s
where s.id = i.season_id and (i.show_id, i.season_number) is distinct from (s.show_id, s.season_number);
alter table core.season_images drop constraint if exists season_images_season_id_fkey;
alter table core.season_images add constraint season_images_season_id_fkey foreign key (season_id, show_id, season_number)
  references core.seasons (id, show_id, season_number) on update cascade on delete cascade;

update core.cast_memberships m set show_id = s.show_id
from core.seasons s
where s.id = m.season_id and m.show_id <> s.show_id;
alter table core.cast_memberships drop constraint if exists cast_memberships_season_id_fkey;
alter table core.cast_memberships add constraint cast_memberships_season_id_fkey foreign key (show_id, season_id)
  references core.seasons (show_id, id) on update cascade on delete cascade;

-- A show's primary image is one of its own.
update core.shows s set
  primary_poster_image_id = (select i.id from core.show_images i where i.id = s.primary_poster_image_id and i.show_id = s.id),
  primary_backdrop_image_id = (select i.id from core.show_images i where i.id = s.primary_backdrop_image_id and i.show_id = s.id),
  primary_logo_image_id = (select i.id from core.show_images i where i.id = s.primary_logo_image_id and i.show_id = s.id)
where exists (
  select 1 from core.show_images i
  where i.id in (s.primary_poster_image_id, s.primary_backdrop_image_id, s.primary_logo_image_id) and i.show_id <> s.id);
alter table core.shows drop constraint if exists shows_primary_poster_image_id_fkey;
alter table core.shows add constraint shows_primary_poster_image_id_fkey foreign key (primary_poster_image_id, id)
  references core.show_images (id, show_id) on delete set null (primary_poster_image_id);
alter table core.shows drop constraint if exists shows_primary_backdrop_image_id_fkey;
alter table core.shows add constraint shows_primary_backdrop_image_id_fkey foreign key (primary_backdrop_image_id, id)
  references core.show_images (id, show_id) on delete set null (primary_backdrop_image_id);
alter table core.shows drop constraint if exists shows_primary_logo_image_id_fkey;
alter table core.shows add constraint shows_primary_logo_image_id_fkey foreign key (primary_logo_image_id, id)
  references core.show_images (id, show_id) on delete set null (primary_logo_image_id);

-- A survey or game about a season or episode is about one of its own show. A season that goes takes the episode link
-- along, which the check "an episode requires a season" demands (W11).
create or replace function core.forget_episode_without_season() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.episode_id := null;
  return new;
end
$$;
create or replace trigger surveys_surveys_forget_episode before update of season_id on surveys.surveys
  for each row when (old.season_id is not null and new.season_id is null)
  execute function core.forget_episode_without_season();
create or replace trigger games_games_forget_episode before update of season_id on games.games
  for each row when (old.season_id is not null and new.season_id is null)
  execute function core.forget_episode_without_season();

update surveys.surveys v set season_id = null, episode_id = null
from core.seasons s where s.id = v.season_id and s.show_id <> v.show_id;
update surveys.surveys v set episode_id = null
from core.episodes e where e.id = v.episode_id and e.season_id <> v.season_id;
alter table surveys.surveys drop constraint if exists surveys_season_id_fkey;
alter table surveys.surveys add constraint surveys_season_id_fkey foreign key (show_id, season_id)
  references core.seasons (show_id, id) on update cascade on delete set null (season_id);
alter table surveys.surveys drop constraint if exists surveys_episode_id_fkey;
alter table surveys.surveys add constraint surveys_episode_id_fkey foreign key (season_id, episode_id)
  references core.episodes (season_id, id) on update cascade on delete set null (episode_id);

update games.games g set season_id = null, episode_id = null
from core.seasons s where s.id = g.season_id and s.show_id <> g.show_id;
update games.games g set episode_id = null
from core.episodes e where e.id = g.episode_id and e.season_id <> g.season_id;
alter table games.games drop constraint if exists games_season_id_fkey;
alter table games.games add constraint games_season_id_fkey foreign key (show_id, season_id)
  references core.seasons (show_id, id) on update cascade on delete set null (season_id);
alter table games.games drop constraint if exists games_episode_id_fkey;
alter table games.games add constraint games_episode_id_fkey foreign key (season_id, episode_id)
  references core.episodes (season_id, id) on update cascade on delete set null (episode_id);

-- A result belongs to a question of its survey or game.
-- (`surveys.aggregates` is a view from 0065 on.)
do $$
begin
  if (select c.relkind from pg_catalog.pg_class c where c.oid = 'surveys.aggregates'::regclass) = 'r' then
    delete from surveys.aggregates a using surveys.questions q where q.id = a.question_id and q.survey_id <> a.survey_id;
    alter table surveys.aggregates drop constraint if exists aggregates_question_id_fkey;
    alter table surveys.aggregates add constraint aggregates_question_id_fkey foreign key (survey_id, question_id)
      references surveys.questions (survey_id, id) on delete cascade;
  end if;
end
$$;
delete from games.stats t using games.questions q where q.id = t.question_id and q.game_id <> t.game_id;
alter table games.stats drop constraint if exists stats_question_id_fkey;
alter table games.stats add constraint stats_question_id_fkey foreign key (game_id, question_id)
  references games.questions (game_id, id) on delete cascade;

-- A reply answers another post of its own thread.
update social.posts p set parent_post_id = null
from social.posts q where q.id = p.parent_post_id and (q.thread_id <> p.thread_id or q.id = p.id);
alter table social.posts drop constraint if exists posts_parent_post_id_fkey;
alter table social.posts add constraint posts_parent_post_id_fkey foreign key (thread_id, parent_post_id)
  references social.posts (thread_id, id) on delete cascade;
alter table social.posts drop constraint if exists posts_parent_is_another_check;
alter table social.posts add constraint posts_parent_is_another_check check (parent_post_id <> id);

-- A receipt is a member's, about a message of that conversation.
delete from social.dm_read_receipts r
where not exists (
  select 1 from social.dm_members m where m.conversation_id = r.conversation_id and m.user_id = r.user_id);
update social.dm_read_receipts r set last_read_message_id = null
from social.dm_messages m where m.id = r.last_read_message_id and m.conversation_id <> r.conversation_id;
alter table social.dm_read_receipts drop constraint if exists dm_read_receipts_member_fkey;
alter table social.dm_read_receipts add constraint dm_read_receipts_member_fkey foreign key (conversation_id, user_id)
  references social.dm_members (conversation_id, user_id) on delete cascade;
alter table social.dm_read_receipts drop constraint if exists dm_read_receipts_last_read_message_id_fkey;
alter table social.dm_read_receipts add constraint dm_read_receipts_last_read_message_id_fkey
  foreign key (conversation_id, last_read_message_id)
  references social.dm_messages (conversation_id, id) on delete set null (last_read_message_id);
