-- Indexes that were missing (W17) and indexes that only cost (W18).

-- 1. Foreign keys: without these, deleting a parent reads the whole child table.
create index if not exists core_shows_primary_poster_image_id_idx on core.shows (primary_poster_image_id)
  where primary_poster_image_id is not null;
create index if not exists core_shows_primary_backdrop_image_id_idx on core.shows (primary_backdrop_image_id)
  where primary_backdrop_image_id is not null;
create index if not exists core_shows_primary_logo_image_id_idx on core.shows (primary_logo_image_id)
  where primary_logo_image_id is not null;
create index if not exists core_season_images_show_id_idx on core.season_images (show_id);
create index if not exists reactions_user_id_idx on social.reactions (user_id);
create index if not exists dm_messages_sender_id_idx on social.dm_messages (sender_id);
create index if not exists dm_read_receipts_user_id_idx on social.dm_read_receipts (user_id);
create index if not exists dm_read_receipts_last_read_message_id_idx on social.dm_read_receipts (last_read_message_id);
create index if not exists survey_answers_survey_id_question_id_idx on surveys.answers (survey_id, question_id);
create index if not exists survey_answers_survey_id_response_id_idx on surveys.answers (survey_id, response_id);
create index if not exists game_responses_game_id_question_id_idx on games.responses (game_id, question_id);
create index if not exists game_responses_game_id_session_id_idx on games.responses (game_id, session_id);

-- 2. Orders. Lists people read sort by "und-x-icu", then id; cursors compare the same way.
create index if not exists core_shows_name_idx on core.shows (name collate "und-x-icu", id);
create index if not exists core_people_full_name_idx on core.people (full_name collate "und-x-icu", id);
create index if not exists core_show_cast_billing_idx on core.show_cast (show_id, billing_order, id);
create index if not exists core_episodes_air_date_idx on core.episodes (show_id, air_date);
create index if not exists core_episodes_tmdb_series_id_idx on core.episodes (tmdb_series_id) where tmdb_series_id is not null;
create index if not exists surveys_status_created_at_idx on surveys.surveys (status, created_at desc, id desc);
create index if not exists dm_conversations_last_message_at_idx on social.dm_conversations (last_message_at desc nulls last, id);

-- 3. Lookups of ingestion: stale shows first, what is pending in a stage.
create index if not exists core_sync_state_last_attempt_idx on core.sync_state (table_name, status, last_attempt_at);

-- 4. Redundant: each repeats a unique key or a prefix of another index on the same table.
drop index if exists core.core_seasons_show_id_season_number_idx;
drop index if exists core.seasons_show_id_idx;
drop index if exists core.core_episodes_show_season_idx;
drop index if exists core.episodes_season_id_idx;
drop index if exists core.core_sync_state_table_name_idx;
drop index if exists core.core_show_cast_show_id_idx;
drop index if exists core.core_episode_appearances_show_id_idx;
drop index if exists core.episode_cast_episode_id_idx;
drop index if exists core.cast_photos_person_source_idx;
drop index if exists core.core_cast_photos_person_id_idx;
drop index if exists core.idx_cast_photos_source_tmdb;
drop index if exists core.core_cast_fandom_person_id_idx;
drop index if exists core.idx_cast_tmdb_person_id;
drop index if exists core.idx_cast_tmdb_tmdb_id;
drop index if exists core.core_show_images_show_id_idx;
drop index if exists core.core_season_images_tmdb_series_season_idx;
drop index if exists core.show_watch_providers_show_id_idx;
drop index if exists surveys.survey_questions_survey_id_idx;
drop index if exists surveys.survey_options_question_id_idx;
drop index if exists surveys.survey_responses_survey_id_idx;
drop index if exists surveys.survey_answers_response_id_idx;
drop index if exists surveys.survey_answers_survey_id_idx;
drop index if exists surveys.survey_aggregates_survey_id_idx;
drop index if exists surveys.survey_aggregates_survey_id_question_id_idx;
drop index if exists games.game_questions_game_id_idx;
drop index if exists games.game_options_question_id_idx;
drop index if exists games.game_answer_keys_question_id_idx;
drop index if exists games.game_sessions_game_id_idx;
drop index if exists games.game_responses_session_id_idx;
drop index if exists games.game_responses_game_id_idx;
