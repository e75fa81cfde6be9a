-- Outside ids that can be looked up and cannot be doubled (W16): plain unique indexes, which `= $1` and `in (...)` can
-- use, and format checks, which keep blank and padded ids out. A duplicate that trimming uncovers stops the migration and
-- names the id: two shows with one id must be merged by a person.

update core.shows set imdb_id = nullif(lower(btrim(imdb_id)), '')
where imdb_id is distinct from nullif(lower(btrim(imdb_id)), '');
alter table core.shows drop constraint if exists shows_imdb_id_check;
alter table core.shows add constraint shows_imdb_id_check check (imdb_id ~ '^tt[0-9]+$');
alter table core.shows drop constraint if exists shows_tmdb_id_check;
alter table core.shows add constraint shows_tmdb_id_check check (tmdb_id > 0);
drop index if exists core.core_shows_imdb_id_unique;
create unique index core_shows_imdb_id_unique on core.shows (imdb_id);

update core.episodes set imdb_episode_id = nullif(lower(btrim(imdb_episode_id)), '')
where imdb_episode_id is distinct from nullif(lower(btrim(imdb_episode_id)), '');
alter table core.episodes drop constraint if exists episodes_imdb_episode_id_check;
alter table core.episodes add constraint episodes_imdb_episode_id_check check (imdb_episode_id ~ '^tt[0-9]+$');

-- People keep their ids in external_ids. The TMDb id was written under two keys; `tmdb` is the one.
update core.people set external_ids = external_ids || jsonb_build_object('tmdb', external_ids -> 'tmdb_id')
where external_ids ? 'tmdb_id' and not external_ids ? 'tmdb';
update core.people set external_ids = external_ids - 'tmdb_id' where external_ids -> 'tmdb_id' = external_ids -> 'tmdb';
update core.people set external_ids = case
    when btrim(external_ids ->> 'imdb') = '' then external_ids - 'imdb'
    else external_ids || jsonb_build_object('imdb', lower(btrim(external_ids ->> 'imdb'))) end
where external_ids ->> 'imdb' is distinct from nullif(lower(btrim(external_ids ->> 'imdb')), '');
update core.people set external_ids = case
    when btrim(external_ids ->> 'tmdb') = '' then external_ids - 'tmdb'
    else external_ids || jsonb_build_object('tmdb', btrim(external_ids ->> 'tmdb')) end
where external_ids ->> 'tmdb' is distinct from nullif(btrim(external_ids ->> 'tmdb'), '');

alter table core.people drop constraint if exists people_external_ids_check;
alter table core.people add constraint people_external_ids_check check (
  jsonb_typeof(external_ids) = 'object'
  and coalesce(external_ids ->> 'imdb' ~ '^nm[0-9]+$', true)
  and coalesce(external_ids ->> 'tmdb' ~ '^[1-9][0-9]*$', true));
drop index if exists core.core_people_imdb_unique;
create unique index core_people_imdb_unique on core.people ((external_ids ->> 'imdb'));
create unique index if not exists core_people_tmdb_unique on core.people ((external_ids ->> 'tmdb'));
