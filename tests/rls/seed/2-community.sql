-- People: Ada and Bob, Carl whom Ada blocks, Grace who is an administrator. Then what they own, one row of every kind.
insert into identity.users (id, email) values
  ({user.ada}, 'ada@example.org'), ({user.bob}, 'bob@example.org'), ({user.carl}, 'carl@example.org'), ({user.grace}, null);
insert into identity.accounts (issuer, subject, user_id) values ('https://issuer.example', 'ada', {user.ada});
insert into identity.admins (user_id, granted_by) values ({user.grace}, 'seed');
insert into identity.deleted_users (id) values ({user.gone});
insert into identity.audit_log (actor, action, target_type, target_id) values ('seed', 'seed.done', 'user', 'ada');

insert into social.profiles (user_id, handle) values ({user.ada}, 'ada'), ({user.bob}, 'bob');
insert into social.blocks (blocker_id, blocked_id) values ({user.ada}, {user.carl}), ({user.bob}, {user.carl});

insert into social.threads (id, episode_id, title, type, created_by) values
  ({thread.ada}, {episode.discussed}, 'By Ada', 'general', {user.ada}),
  ({thread.locked}, {episode.discussed}, 'By Ada, locked', 'general', {user.ada}),
  ({thread.bob}, {episode.discussed}, 'By Bob', 'general', {user.bob}),
  ({thread.removed}, {episode.discussed}, 'By Bob, removed', 'general', {user.bob}),
  ({thread.nobody}, {episode.discussed}, 'Author gone', 'general', null);
insert into social.posts (id, thread_id, user_id, body) values
  ({post.ada}, {thread.ada}, {user.ada}, 'By Ada'),
  ({post.taken_back}, {thread.ada}, {user.ada}, 'Said too much'),
  ({post.bob}, {thread.ada}, {user.bob}, 'By Bob'),
  ({post.carl}, {thread.ada}, {user.carl}, 'By Carl'),
  ({post.nobody}, {thread.ada}, null, 'Author gone'),
  ({post.locked}, {thread.locked}, {user.ada}, 'By Ada, now locked'),
  ({post.removed}, {thread.removed}, {user.bob}, 'By Bob, now removed');
update social.posts set body = '[deleted]', deleted_at = now() where id = {post.taken_back};
update social.posts set body = 'By Bob, edited' where id = {post.bob};
update social.threads set is_locked = true where id = {thread.locked};
update social.threads set deleted_at = now() where id = {thread.removed};
insert into social.reactions (post_id, user_id, reaction) values
  ({post.bob}, {user.ada}, 'heart'), ({post.ada}, {user.bob}, 'heart');

insert into social.dm_conversations (id) values
  ({conversation.ada_bob}), ({conversation.ada_carl}), ({conversation.bob_carl});
insert into social.dm_members (conversation_id, user_id) values
  ({conversation.ada_bob}, {user.ada}), ({conversation.ada_bob}, {user.bob}),
  ({conversation.ada_carl}, {user.ada}), ({conversation.ada_carl}, {user.carl}),
  ({conversation.bob_carl}, {user.bob}), ({conversation.bob_carl}, {user.carl});
-- Bob blocked Carl after they had talked; the seed is past the rule that would stop him now.
alter table social.dm_messages disable trigger social_dm_messages_check;
insert into social.dm_messages (id, conversation_id, sender_id, body) values
  ({message.ada}, {conversation.ada_bob}, {user.ada}, 'Hello Bob'),
  ({message.bob}, {conversation.ada_bob}, {user.bob}, 'Hello Ada'),
  ({message.elsewhere}, {conversation.bob_carl}, {user.bob}, 'Hello Carl');
alter table social.dm_messages enable trigger social_dm_messages_check;
insert into social.dm_read_receipts (conversation_id, user_id, last_read_at) values
  ({conversation.ada_bob}, {user.ada}, '-infinity'), ({conversation.ada_bob}, {user.bob}, now()),
  ({conversation.bob_carl}, {user.bob}, now());
insert into social.reports (id, reporter_id, post_id, reason) values
  ({report.ada}, {user.ada}, {post.bob}, 'spam'), ({report.bob}, {user.bob}, {post.ada}, 'spam');

insert into surveys.surveys (id, show_id, title, status) values
  ({survey.published}, {show.discussed}, 'Published', 'published'),
  ({survey.signed_in}, {show.discussed}, 'For signed-in people', 'published'),
  ({survey.draft}, {show.discussed}, 'Draft', 'draft'),
  ({survey.archived}, {show.discussed}, 'Archived', 'archived');
update surveys.surveys set requires_sign_in = true where id = {survey.signed_in};
insert into surveys.questions (id, survey_id, question_order, prompt, question_type) values
  ({question.published}, {survey.published}, 1, 'Who?', 'single_choice'),
  ({question.signed_in}, {survey.signed_in}, 1, 'Who?', 'free_text'),
  ({question.draft}, {survey.draft}, 1, 'Who?', 'single_choice');
insert into surveys.options (id, question_id, option_order, label) values
  ({option.published}, {question.published}, 1, 'Me'), ({option.draft}, {question.draft}, 1, 'Me');
insert into surveys.responses (id, survey_id, user_id, anonymous_key) values
  ({response.bob}, {survey.published}, {user.bob}, null),
  ({response.ada}, {survey.signed_in}, {user.ada}, null),
  ({response.anonymous}, {survey.published}, null, 'a key of sixteen and more');
insert into surveys.answers (id, survey_id, response_id, question_id, answer) values
  ({answer.bob}, {survey.published}, {response.bob}, {question.published}, '"Me"'),
  ({answer.ada}, {survey.signed_in}, {response.ada}, {question.signed_in}, '"Somebody"'),
  ({answer.anonymous}, {survey.published}, {response.anonymous}, {question.published}, '"Me"');
insert into surveys.superseded_responses (id, survey_id, user_id, response, answers) values
  ({superseded.ada}, {survey.published}, {user.ada}, '{}', '[]'), ({superseded.bob}, {survey.published}, {user.bob}, '{}', '[]');
insert into surveys.address_counts (survey_id, address_hash, day) values ({survey.published}, repeat('a', 32), current_date);
-- As when a survey with answers goes back to draft.
insert into surveys.tallies (survey_id, question_id, kind, bucket, shard) values
  ({survey.published}, {question.published}, 'value', 'Nobody', 0), ({survey.draft}, {question.draft}, 'value', 'Nobody', 0);
insert into surveys.response_tallies (survey_id, shard) values ({survey.draft}, 0), ({survey.archived}, 0);
update surveys.surveys set status = 'published' where id = {survey.draft};
update surveys.surveys set status = 'draft' where id = {survey.draft};
insert into surveys.questions (id, survey_id, question_order, prompt, question_type)
  values ({question.late}, {survey.draft}, 2, 'Added to a draft', 'single_choice');
insert into surveys.options (id, question_id, option_order, label) values ({option.late}, {question.late}, 1, 'Me');

insert into games.games (id, show_id, game_type, title, status) values
  ({game.published}, {show.discussed}, 'quiz', 'Published', 'published'),
  ({game.draft}, {show.discussed}, 'quiz', 'Draft', 'draft');
insert into games.questions (id, game_id, question_order, prompt, question_type) values
  ({game_question.published}, {game.published}, 1, 'Who?', 'free_text'),
  ({game_question.draft}, {game.draft}, 1, 'Who?', 'free_text');
insert into games.options (id, question_id, option_order, label) values
  ({game_option.published}, {game_question.published}, 1, 'Me'), ({game_option.draft}, {game_question.draft}, 1, 'Me');
insert into games.answer_keys (id, question_id, answer) values ({answer_key.one}, {game_question.published}, '"Me"');
insert into games.sessions (id, game_id, user_id) values
  ({session.ada}, {game.published}, {user.ada}), ({session.bob}, {game.published}, {user.bob});
insert into games.responses (id, game_id, session_id, question_id, answer) values
  ({game_response.ada}, {game.published}, {session.ada}, {game_question.published}, '"Me"'),
  ({game_response.bob}, {game.published}, {session.bob}, {game_question.published}, '"Me"');
insert into games.stats (id, game_id, stats) values ({stats.published}, {game.published}, '{}'), ({stats.draft}, {game.draft}, '{}');

insert into identity.deleted_accounts (issuer, subject) values ('https://issuer.example', 'gone');
insert into identity.idempotency_keys (scope, operation, key, fingerprint, body)
values ('user ' || {user.ada}, 'seed', 'seeded', 'seeded', '"answered"');
