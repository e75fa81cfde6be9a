insert into social.threads (id, episode_id, title, type) values
  ({thread.nobody}, {episode.discussed}, 'Whose?', 'general');
