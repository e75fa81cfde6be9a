-- One row of every kind in core and pipeline. {kind.name} stands for a fixed uuid.
insert into core.shows (id, name, imdb_id, tmdb_id) values
  ({show.plain}, 'Plain', 'tt0000001', 1),
  ({show.discussed}, 'Discussed', 'tt0000002', 2);
insert into core.seasons (id, show_id, season_number) values
  ({season.plain}, {show.plain}, 1),
  ({season.discussed}, {show.discussed}, 1);
insert into core.episodes (id, show_id, season_id, season_number, episode_number) values
  ({episode.plain}, {show.plain}, {season.plain}, 1, 1),
  ({episode.discussed}, {show.discussed}, {season.discussed}, 1, 1),
  ({episode.second}, {show.discussed}, {season.discussed}, 1, 2);
insert into core.people (id, full_name) values ({person.ann}, 'Ann'), ({person.ben}, 'Ben');
insert into core.show_cast (id, show_id, person_id) values ({cast.ann}, {show.plain}, {person.ann});
insert into core.episode_appearances (id, show_id, person_id) values ({appearance.ann}, {show.plain}, {person.ann});
insert into core.cast_memberships (id, show_id, person_id) values ({membership.ann}, {show.plain}, {person.ann});
insert into core.episode_cast (id, episode_id, cast_membership_id)
  values ({episode_cast.ann}, {episode.plain}, {membership.ann});
insert into core.cast_photos (id, person_id, source, source_image_id, url)
  values ({photo.ann}, {person.ann}, 'tmdb', '/ann.jpg', 'https://image.tmdb.org/ann.jpg');
insert into core.cast_fandom (id, person_id, source, source_url)
  values ({fandom.ann}, {person.ann}, 'fandom', 'https://example.fandom.com/wiki/Ann');
insert into core.cast_tmdb (id, person_id, tmdb_id) values ({profile.ann}, {person.ann}, 1);
insert into core.show_images (id, show_id, tmdb_id, source, kind, source_image_id, file_path, url)
  values ({image.poster}, {show.plain}, 1, 'tmdb', 'poster', '/p.jpg', '/p.jpg', 'https://image.tmdb.org/p.jpg');
insert into core.season_images (id, show_id, season_id, tmdb_series_id, season_number, file_path, width, height, aspect_ratio)
  values ({image.season}, {show.plain}, {season.plain}, 1, 1, '/s.jpg', 2, 3, 0.667);
insert into core.networks (id, name) values (1, 'Network'), (2, 'Unused');
insert into core.production_companies (id, name) values (1, 'Company');
insert into core.watch_providers (provider_id, provider_name) values (1, 'Provider'), (2, 'Unused');
insert into core.show_watch_providers (show_id, region, offer_type, provider_id) values ({show.plain}, 'US', 'flatrate', 1);
insert into core.sync_state (table_name, show_id, status, last_error) values ('seasons', {show.plain}, 'failed', 'secret');
insert into core.external_ids (id, show_id, scheme, value) values ({external.tvdb}, {show.plain}, 'tvdb', '1');
insert into core.alternative_names (id, show_id, name, source) values ({name.other}, {show.plain}, 'Einfach', 'tmdb');
insert into core.overrides (id, table_name, row_key, field, value, actor)
  values ({override.name}, 'shows', 'nothing', 'name', '"Plainer"', 'test');

insert into pipeline.runs (id, who, command) values ({run.one}, 'test', 'sync');
insert into pipeline.run_units (run_id, stage, subject, show_id) values ({run.one}, 'seasons', 'plain', {show.plain});
insert into pipeline.run_events (run_id, seq, kind) values ({run.one}, 1, 'started');
insert into pipeline.pending_events (run_id, kind) values ({run.one}, 'unit');
insert into pipeline.snapshots (upstream, id, hash, payload) values ('tmdb', 'tv/1', repeat('0', 64), '{}');
insert into pipeline.show_checks (show_id, source) values ({show.plain}, 'tmdb');
insert into pipeline.feed_cursors (source, feed) values ('tmdb', 'tv/changes');
insert into pipeline.run_shows (run_id, subject, show_id, outcome) values ({run.one}, 'plain', {show.plain}, 'done');
insert into pipeline.workers (id, host, pid, code_version, stages, concurrency) values (gen_random_uuid(), 'plain', 1, '1', '{cast}', 4);
insert into pipeline.request_pace (host, next_at) values ('api.example', now());
insert into pipeline.schedules (name, cron, served_to) values ('nightly', '0 3 * * *', now());
insert into pipeline.changes (table_name, row_key, op) values ('core.shows', 'plain', 'update');
insert into pipeline.reviews (kind, show_id, about) values ('tmdb_id', {show.plain}, 'tmdb_id');
insert into pipeline.adopted_migrations (version) values ('0001');

insert into core.merges (id, kind, source_id, target_id, source_name, target_name, actor)
  values ({merge.one}, 'show', {show.gone}, {show.plain}, 'Gone', 'Plain', 'test');
insert into core.merge_changes (merge_id, relation, op, key) values ({merge.one}, 'core.shows', 'delete', '{}');
insert into core.merge_rules (parent, relation, column_name, rule) values ('core.seeded', 'core.x', 'y', 'move');
