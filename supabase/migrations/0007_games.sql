-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: quizzes, polls, predictions and rankings with their play sessions.
create schema games;

-- Quiz, poll, prediction or ranking attached to a show, season or episode.
create table games.games (
  id          uuid not null default gen_random_uuid(),
  show_id     uuid not null,
  season_id   uuid,
  episode_id  uuid,
  game_type   text not null,
  title       text not null,
  description text,
  status      text not null default 'draft',
  starts_at   timestamptz,
  ends_at     timestamptz,
  config      jsonb not null default '{}',
  created_at  timestamptz not null default now(),
  constraint games_pkey primary key (id),
  constraint games_ends_after_starts check ((ends_at is null) or (starts_at is null) or (ends_at >= starts_at)),
  constraint games_episode_requires_season check ((episode_id is null) or (season_id is not null)),
  constraint games_game_type_check check (game_type in ('quiz', 'poll', 'prediction', 'ranking')),
  constraint games_status_check check (status in ('draft', 'published', 'archived')),
  constraint games_episode_id_fkey foreign key (episode_id) references core.episodes (id) on delete set null,
  constraint games_season_id_fkey foreign key (season_id) references core.seasons (id) on delete set null,
  constraint games_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index games_episode_id_idx on games.games (episode_id);
create index games_season_id_idx on games.games (season_id);
create index games_show_id_idx on games.games (show_id);

-- Ordered question of a game.
create table games.questions (
  id             uuid not null default gen_random_uuid(),
  game_id        uuid not null,
  question_order integer not null,
  prompt         text not null,
  question_type  text not null,
  config         jsonb not null default '{}',
  created_at     timestamptz not null default now(),
  constraint questions_pkey primary key (id),
  constraint game_questions_game_id_id_unique unique (game_id, id),
  constraint game_questions_game_id_order_unique unique (game_id, question_order),
  constraint questions_question_order_check check (question_order > 0),
  constraint questions_question_type_check check (question_type in ('single_choice', 'multiple_choice', 'ranking', 'free_text', 'numeric')),
  constraint questions_game_id_fkey foreign key (game_id) references games.games (id) on delete cascade
);
create index game_questions_game_id_idx on games.questions (game_id);

-- Selectable option of a game question.
create table games.options (
  id           uuid not null default gen_random_uuid(),
  question_id  uuid not null,
  option_order integer not null,
  label        text not null,
  value        text,
  created_at   timestamptz not null default now(),
  constraint options_pkey primary key (id),
  constraint game_options_question_id_order_unique unique (question_id, option_order),
  constraint options_option_order_check check (option_order > 0),
  constraint options_question_id_fkey foreign key (question_id) references games.questions (id) on delete cascade
);
create index game_options_question_id_idx on games.options (question_id);

-- Correct answer of a game question; not readable by clients.
create table games.answer_keys (
  id          uuid not null default gen_random_uuid(),
  question_id uuid not null,
  answer      jsonb not null,
  explanation text,
  created_at  timestamptz not null default now(),
  constraint answer_keys_pkey primary key (id),
  constraint game_answer_keys_question_id_unique unique (question_id),
  constraint answer_keys_question_id_fkey foreign key (question_id) references games.questions (id) on delete cascade
);
create index game_answer_keys_question_id_idx on games.answer_keys (question_id);

-- One play-through of a game by a user.
create table games.sessions (
  id           uuid not null default gen_random_uuid(),
  game_id      uuid not null,
  user_id      uuid not null default auth.uid(),
  status       text not null default 'in_progress',
  started_at   timestamptz not null default now(),
  submitted_at timestamptz,
  metadata     jsonb not null default '{}',
  created_at   timestamptz not null default now(),
  constraint sessions_pkey primary key (id),
  constraint game_sessions_game_id_id_unique unique (game_id, id),
  constraint game_sessions_submitted_after_started check ((submitted_at is null) or (submitted_at >= started_at)),
  constraint sessions_status_check check (status in ('in_progress', 'submitted', 'abandoned')),
  constraint sessions_game_id_fkey foreign key (game_id) references games.games (id) on delete cascade,
  constraint sessions_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);
create index game_sessions_game_id_idx on games.sessions (game_id);
create index game_sessions_user_id_idx on games.sessions (user_id);

-- Answer of one play session to one question.
create table games.responses (
  id          uuid not null default gen_random_uuid(),
  game_id     uuid not null,
  session_id  uuid not null,
  question_id uuid not null,
  answer      jsonb not null,
  created_at  timestamptz not null default now(),
  constraint responses_pkey primary key (id),
  constraint game_responses_session_id_question_id_unique unique (session_id, question_id),
  constraint game_responses_game_id_question_id_fkey foreign key (game_id, question_id) references games.questions (game_id, id) on delete cascade,
  constraint game_responses_game_id_session_id_fkey foreign key (game_id, session_id) references games.sessions (game_id, id) on delete cascade,
  constraint responses_game_id_fkey foreign key (game_id) references games.games (id) on delete cascade
);
create index game_responses_game_id_idx on games.responses (game_id);
create index game_responses_question_id_idx on games.responses (question_id);
create index game_responses_session_id_idx on games.responses (session_id);

-- Computed statistics of a game or of one of its questions.
create table games.stats (
  id          uuid not null default gen_random_uuid(),
  game_id     uuid not null,
  question_id uuid,
  stats       jsonb not null,
  computed_at timestamptz not null default now(),
  constraint stats_pkey primary key (id),
  constraint stats_game_id_fkey foreign key (game_id) references games.games (id) on delete cascade,
  constraint stats_question_id_fkey foreign key (question_id) references games.questions (id) on delete cascade
);
create index game_stats_game_id_idx on games.stats (game_id);
create unique index game_stats_game_id_no_question_unique_idx on games.stats (game_id)
  where question_id is null;
create unique index game_stats_game_id_question_unique_idx on games.stats (game_id, question_id)
  where question_id is not null;
create index game_stats_question_id_idx on games.stats (question_id);
