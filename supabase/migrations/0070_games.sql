-- Games under the rules of surveys: drafts hidden (W8), one play-through per person, only while the game is open, answers
-- that fit their questions, nothing changed after submitting (W7, W36). Answer keys stay with the service role.

-- 1. Structure. A user may have one play-through that is not abandoned. Changes rows of an adopted database: a submitted one
-- wins, then the oldest; the others count as abandoned.
update games.sessions s set status = 'abandoned'
from (
  select id, row_number() over (partition by game_id, user_id order by status <> 'submitted', started_at, id) as place
  from games.sessions where status <> 'abandoned') r
where r.id = s.id and r.place > 1;
create unique index if not exists game_sessions_one_per_user_key on games.sessions (game_id, user_id) where status <> 'abandoned';

alter table games.games drop constraint if exists games_show_id_fkey;
alter table games.games add constraint games_show_id_fkey foreign key (show_id) references core.shows (id);
alter table games.games drop constraint if exists games_title_check;
alter table games.games add constraint games_title_check check (btrim(title) <> '' and char_length(title) <= 300) not valid;
alter table games.questions drop constraint if exists questions_prompt_check;
alter table games.questions add constraint questions_prompt_check
  check (btrim(prompt) <> '' and char_length(prompt) <= 2000) not valid;
alter table games.options drop constraint if exists options_label_check;
alter table games.options add constraint options_label_check
  check (btrim(label) <> '' and char_length(label) <= 500 and char_length(value) <= 200) not valid;

-- 2. Rules on the rows, for every writer. Owner's rights: a draft has to be found to be refused as one.
create or replace function games.require_open(p_game uuid) returns void
  language plpgsql stable security definer set search_path = '' as $$
declare
  game record;
begin
  select g.status, g.starts_at, g.ends_at into game from games.games g where g.id = p_game;
  if not found then
    raise exception 'Game not found' using errcode = 'TR040';
  end if;
  if game.status <> 'published' or game.starts_at > now() or game.ends_at <= now() then
    raise exception 'Game is not open' using errcode = 'TR041';
  end if;
end
$$;

create or replace function games.check_session() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform games.require_open(new.game_id);
    new.status := 'in_progress';
    new.created_at := now();
    new.started_at := now();
    new.submitted_at := null;
    return new;
  end if;
  if (old.id, old.game_id, old.user_id, old.started_at, old.created_at)
      is distinct from (new.id, new.game_id, new.user_id, new.started_at, new.created_at)
    or (old.status <> 'in_progress' and (old.status, old.submitted_at) is distinct from (new.status, new.submitted_at)) then
    raise exception 'A submitted play-through cannot be changed' using errcode = 'TR042';
  end if;
  if old.status = 'in_progress' then
    new.submitted_at := case when new.status = 'submitted' then now() end;
    if new.status = 'submitted' then
      perform games.require_open(new.game_id);
    end if;
  end if;
  return new;
end
$$;
create or replace trigger games_sessions_check before insert or update on games.sessions
  for each row execute function games.check_session();

create or replace function games.check_response() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  question record;
  options jsonb;
  state text;
  why text;
begin
  if tg_op = 'UPDATE' and (old.id, old.game_id, old.session_id, old.question_id)
      is distinct from (new.id, new.game_id, new.session_id, new.question_id) then
    raise exception 'An answer stays with its question' using errcode = 'TR042';
  end if;
  perform games.require_open(new.game_id);
  -- Against a submit at the same time: whoever comes second waits and then sees.
  select s.status into state from games.sessions s where s.id = new.session_id and s.game_id = new.game_id for share;
  if not found then
    raise exception 'Play-through not found' using errcode = 'TR043';
  end if;
  if state <> 'in_progress' then
    raise exception 'A submitted play-through cannot be changed' using errcode = 'TR042';
  end if;
  select q.question_order, q.question_type, q.config into question
  from games.questions q where q.id = new.question_id and q.game_id = new.game_id;
  if not found then
    raise exception 'Question % is not part of this game', new.question_id using errcode = 'TR014';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'value', o.value, 'label', o.label) order by o.option_order), '[]')
  into options from games.options o where o.question_id = new.question_id;
  begin
    new.answer := surveys.canonical_answer(question.question_type, question.config, options, new.answer);
  exception when sqlstate 'TR013' then
    get stacked diagnostics why = message_text;
    raise exception 'Question % (%) %', question.question_order, new.question_id, why using errcode = 'TR013';
  end;
  new.created_at := case when tg_op = 'INSERT' then now() else old.created_at end;
  return new;
end
$$;
create or replace trigger games_responses_check before insert or update on games.responses
  for each row execute function games.check_response();

-- 3. What clients call. Owner's rights: nobody else may write sessions and responses.

-- The caller's play-through of a game: begun, or the one in progress. TR001, TR012 already submitted, TR040, TR041.
create or replace function games.start_session(p_game uuid) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  session record;
begin
  perform games.require_open(p_game);
  loop
    insert into games.sessions (game_id, user_id) values (p_game, caller) on conflict do nothing returning id, status into session;
    exit when session.id is not null;
    select s.id, s.status into session from games.sessions s
    where s.game_id = p_game and s.user_id = caller and s.status <> 'abandoned';
    exit when session.id is not null;
  end loop;
  if session.status = 'submitted' then
    raise exception 'You have already played this game' using errcode = 'TR012';
  end if;
  return session.id;
end
$$;

-- The game of the caller's own session, or TR043.
create or replace function games.require_session(p_session uuid) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  game uuid;
begin
  select s.game_id into game from games.sessions s where s.id = p_session and s.user_id = caller;
  if not found then
    raise exception 'Play-through not found' using errcode = 'TR043';
  end if;
  return game;
end
$$;

-- Answers one question, or answers it again while the play-through is in progress. Returns the answer as stored.
-- TR001, TR013, TR014, TR041, TR042 submitted already, TR043 not the caller's.
create or replace function games.save_answer(p_session uuid, p_question uuid, p_answer jsonb) returns jsonb
  language sql security definer set search_path = '' as $$
  insert into games.responses as r (game_id, session_id, question_id, answer)
  values (games.require_session(p_session), p_session, p_question, p_answer)
  on conflict (session_id, question_id) do update set answer = excluded.answer
  returning r.answer
$$;

-- Ends the play-through; from now on nothing changes. Again: nothing. TR001, TR041, TR042 abandoned, TR043.
create or replace function games.submit_session(p_session uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  perform games.require_session(p_session);
  update games.sessions s set status = 'submitted' where s.id = p_session and s.status <> 'submitted';
end
$$;

-- Gives up a play-through, so that another can begin. TR001, TR042 submitted already, TR043.
create or replace function games.abandon_session(p_session uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  perform games.require_session(p_session);
  update games.sessions s set status = 'abandoned' where s.id = p_session and s.status <> 'abandoned';
end
$$;

-- 4. Rights.
revoke all on games.sessions, games.responses from public, anon, authenticated;
grant select on games.sessions, games.responses to authenticated;
revoke execute on function
  games.require_open(uuid), games.check_session(), games.check_response(), games.start_session(uuid), games.require_session(uuid),
  games.save_answer(uuid, uuid, jsonb), games.submit_session(uuid), games.abandon_session(uuid)
from public, anon, authenticated;
grant execute on function
  games.start_session(uuid), games.save_answer(uuid, uuid, jsonb), games.submit_session(uuid), games.abandon_session(uuid)
to authenticated;

drop policy if exists games_games_public_read on games.games;
create policy games_games_public_read on games.games for select to anon, authenticated using (status <> 'draft');
drop policy if exists games_games_admin_read on games.games;
create policy games_games_admin_read on games.games for select to authenticated using ((select identity.is_admin()));
drop policy if exists games_questions_public_read on games.questions;
create policy games_questions_public_read on games.questions for select to anon, authenticated
  using (exists (select 1 from games.games g where g.id = questions.game_id));
drop policy if exists games_options_public_read on games.options;
create policy games_options_public_read on games.options for select to anon, authenticated
  using (exists (select 1 from games.questions q where q.id = options.question_id));
drop policy if exists games_stats_public_read on games.stats;
create policy games_stats_public_read on games.stats for select to anon, authenticated
  using (exists (select 1 from games.games g where g.id = stats.game_id));

do $$
declare
  verb text;
begin
  foreach verb in array array['select', 'insert', 'update', 'delete'] loop
    execute format('drop policy if exists %I on games.sessions', 'game_sessions_' || verb || '_own');
    execute format('drop policy if exists %I on games.responses', 'game_responses_' || verb || '_own');
  end loop;
end
$$;
create policy game_sessions_select_own on games.sessions for select to authenticated using (user_id = (select identity.uid()));
create policy game_responses_select_own on games.responses for select to authenticated
  using (exists (select 1 from games.sessions s where s.id = responses.session_id and s.user_id = (select identity.uid())));
