-- One made-up show with everything a client can read: season, episodes, people, a survey, a quiz and a discussion.
-- Running it again changes nothing.

insert into core.shows (id, name, description, premiere_date) values
  ('d1fdacc4-ccb0-4d52-8096-89889db83282', 'TRR Sample Show', 'A made-up show for trying things out.', '2025-01-01')
on conflict do nothing;

insert into core.seasons (id, show_id, season_number, name, title, premiere_date, overview) values
  ('2ea88321-cb37-4527-892f-0441030b6e68', 'd1fdacc4-ccb0-4d52-8096-89889db83282', 1, 'Season 1', 'Season 1', '2025-01-01',
   'Five people, one house, no plan.')
on conflict do nothing;

insert into core.episodes (id, show_id, season_id, season_number, episode_number, title, air_date, synopsis) values
  ('3d037712-54b6-4037-8109-1c69ab00448a', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68',
   1, 1, 'Pilot', '2025-01-01', 'Everybody moves in.'),
  ('1a9ba2e1-031e-4279-a2fe-2f09deb8d2d0', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68',
   1, 2, 'The Reunion Dinner', '2025-01-08', 'Dinner is served. Nobody eats.')
on conflict do nothing;

insert into core.people (id, full_name, known_for) values
  ('5eed0000-0000-4000-8000-000000000101', 'Avery Sample', 'TRR Sample Show'),
  ('5eed0000-0000-4000-8000-000000000102', 'Blake Sample', 'TRR Sample Show'),
  ('5eed0000-0000-4000-8000-000000000103', 'Casey Sample', 'TRR Sample Show'),
  ('5eed0000-0000-4000-8000-000000000104', 'Devon Guest', 'TRR Sample Show'),
  ('5eed0000-0000-4000-8000-000000000105', 'Emerson Host', 'TRR Sample Show')
on conflict do nothing;

insert into core.cast_memberships (id, show_id, season_id, person_id, role, billing_order) values
  ('5eed0000-0000-4000-8000-000000000201', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68', '5eed0000-0000-4000-8000-000000000101', 'cast', 1),
  ('5eed0000-0000-4000-8000-000000000202', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68', '5eed0000-0000-4000-8000-000000000102', 'cast', 2),
  ('5eed0000-0000-4000-8000-000000000203', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68', '5eed0000-0000-4000-8000-000000000103', 'cast', 3),
  ('5eed0000-0000-4000-8000-000000000204', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68', '5eed0000-0000-4000-8000-000000000104', 'guest', 4),
  ('5eed0000-0000-4000-8000-000000000205', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68', '5eed0000-0000-4000-8000-000000000105', 'host', 5)
on conflict do nothing;

-- Everybody is in both episodes.
insert into core.episode_cast (episode_id, cast_membership_id, appearance_type)
select e.id, m.id, m.role
from core.episodes e
join core.cast_memberships m on m.season_id = e.season_id
where e.season_id = '2ea88321-cb37-4527-892f-0441030b6e68'
on conflict do nothing;

-- A published survey about episode 1.
insert into surveys.surveys (id, show_id, season_id, episode_id, title, description, status, starts_at) values
  ('8a24c95d-93bc-4297-9c84-7946b753eb2d', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68',
   '3d037712-54b6-4037-8109-1c69ab00448a', 'Pilot: your verdict', 'Three quick questions.', 'published', now())
on conflict do nothing;
insert into surveys.questions (id, survey_id, question_order, prompt, question_type, config) values
  ('5eed0000-0000-4000-8000-000000000301', '8a24c95d-93bc-4297-9c84-7946b753eb2d', 1, 'Who made the best entrance?', 'single_choice', '{}'),
  ('5eed0000-0000-4000-8000-000000000302', '8a24c95d-93bc-4297-9c84-7946b753eb2d', 2, 'How good was the pilot, 1 to 5?', 'single_choice', '{"min": 1, "max": 5}'),
  ('5eed0000-0000-4000-8000-000000000303', '8a24c95d-93bc-4297-9c84-7946b753eb2d', 3, 'Anything else?', 'free_text', '{}')
on conflict do nothing;
insert into surveys.options (id, question_id, option_order, label, value) values
  ('5eed0000-0000-4000-8000-000000000311', '5eed0000-0000-4000-8000-000000000301', 1, 'Avery', 'avery'),
  ('5eed0000-0000-4000-8000-000000000312', '5eed0000-0000-4000-8000-000000000301', 2, 'Blake', 'blake'),
  ('5eed0000-0000-4000-8000-000000000313', '5eed0000-0000-4000-8000-000000000301', 3, 'Casey', 'casey'),
  ('5eed0000-0000-4000-8000-000000000321', '5eed0000-0000-4000-8000-000000000302', 1, '1', '1'),
  ('5eed0000-0000-4000-8000-000000000322', '5eed0000-0000-4000-8000-000000000302', 2, '2', '2'),
  ('5eed0000-0000-4000-8000-000000000323', '5eed0000-0000-4000-8000-000000000302', 3, '3', '3'),
  ('5eed0000-0000-4000-8000-000000000324', '5eed0000-0000-4000-8000-000000000302', 4, '4', '4'),
  ('5eed0000-0000-4000-8000-000000000325', '5eed0000-0000-4000-8000-000000000302', 5, '5', '5')
on conflict do nothing;

-- A published quiz about episode 1.
insert into games.games (id, show_id, season_id, episode_id, game_type, title, description, status, starts_at) values
  ('44c17a72-6264-496c-ad0f-24e374e2ba39', 'd1fdacc4-ccb0-4d52-8096-89889db83282', '2ea88321-cb37-4527-892f-0441030b6e68',
   '3d037712-54b6-4037-8109-1c69ab00448a', 'quiz', 'Pilot quiz', 'Were you watching?', 'published', now())
on conflict do nothing;
insert into games.questions (id, game_id, question_order, prompt, question_type) values
  ('5eed0000-0000-4000-8000-000000000401', '44c17a72-6264-496c-ad0f-24e374e2ba39', 1, 'Who arrived first?', 'single_choice'),
  ('5eed0000-0000-4000-8000-000000000402', '44c17a72-6264-496c-ad0f-24e374e2ba39', 2, 'What broke in the kitchen?', 'single_choice')
on conflict do nothing;
insert into games.options (id, question_id, option_order, label, value) values
  ('5eed0000-0000-4000-8000-000000000411', '5eed0000-0000-4000-8000-000000000401', 1, 'Avery', 'avery'),
  ('5eed0000-0000-4000-8000-000000000412', '5eed0000-0000-4000-8000-000000000401', 2, 'Blake', 'blake'),
  ('5eed0000-0000-4000-8000-000000000413', '5eed0000-0000-4000-8000-000000000401', 3, 'Casey', 'casey'),
  ('5eed0000-0000-4000-8000-000000000414', '5eed0000-0000-4000-8000-000000000401', 4, 'Devon', 'devon'),
  ('5eed0000-0000-4000-8000-000000000421', '5eed0000-0000-4000-8000-000000000402', 1, 'The blender', 'blender'),
  ('5eed0000-0000-4000-8000-000000000422', '5eed0000-0000-4000-8000-000000000402', 2, 'The oven', 'oven'),
  ('5eed0000-0000-4000-8000-000000000423', '5eed0000-0000-4000-8000-000000000402', 3, 'The silence', 'silence'),
  ('5eed0000-0000-4000-8000-000000000424', '5eed0000-0000-4000-8000-000000000402', 4, 'A vase', 'vase')
on conflict do nothing;
insert into games.answer_keys (question_id, answer, explanation) values
  ('5eed0000-0000-4000-8000-000000000401', '{"correct_option_id": "5eed0000-0000-4000-8000-000000000412"}', 'Blake was an hour early.'),
  ('5eed0000-0000-4000-8000-000000000402', '{"correct_option_id": "5eed0000-0000-4000-8000-000000000424"}', 'The vase, twice.')
on conflict do nothing;
insert into games.stats (game_id, question_id, stats) values
  ('44c17a72-6264-496c-ad0f-24e374e2ba39', null, '{}'),
  ('44c17a72-6264-496c-ad0f-24e374e2ba39', '5eed0000-0000-4000-8000-000000000401', '{}'),
  ('44c17a72-6264-496c-ad0f-24e374e2ba39', '5eed0000-0000-4000-8000-000000000402', '{}')
on conflict do nothing;

-- A live thread with two posts and a reply; the authors have left.
insert into social.threads (id, episode_id, title, type) values
  ('5eed0000-0000-4000-8000-000000000501', '3d037712-54b6-4037-8109-1c69ab00448a', 'Pilot: live', 'episode_live')
on conflict do nothing;
insert into social.posts (id, thread_id, parent_post_id, body) values
  ('5eed0000-0000-4000-8000-000000000511', '5eed0000-0000-4000-8000-000000000501', null, 'Here we go.'),
  ('5eed0000-0000-4000-8000-000000000512', '5eed0000-0000-4000-8000-000000000501', null, 'That entrance!'),
  ('5eed0000-0000-4000-8000-000000000513', '5eed0000-0000-4000-8000-000000000501', '5eed0000-0000-4000-8000-000000000512', 'Rehearsed for weeks.')
on conflict do nothing;

