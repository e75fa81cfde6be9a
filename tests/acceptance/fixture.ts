/** Ids of the fixture's rows that tests name. */
export const IDS = {
  full: 'a0000000-0000-4000-8000-000000000001',
  bare: 'a0000000-0000-4000-8000-000000000002',
  accented: 'a0000000-0000-4000-8000-000000000003',
  retired: 'a0000000-0000-4000-8000-000000000004',
  unlicensed: 'a0000000-0000-4000-8000-000000000005',
  season0: 'b0000000-0000-4000-8000-000000000000',
  season1: 'b0000000-0000-4000-8000-000000000001',
  season2: 'b0000000-0000-4000-8000-000000000002',
  ana: 'c0000000-0000-4000-8000-000000000001',
  ben: 'c0000000-0000-4000-8000-000000000002',
  cyd: 'c0000000-0000-4000-8000-000000000003',
  unknown: 'f0000000-0000-4000-8000-00000000000f',
} as const;

export const EPISODES = {
  first: 'd0000000-0000-4000-8000-000000000001',
  second: 'd0000000-0000-4000-8000-000000000002',
} as const;

/** Images and a run that administrators name. */
export const REVIEWS = {
  accept: '40000000-0000-4000-8000-000000000001',
  reject: '40000000-0000-4000-8000-000000000002',
} as const;

export const IMAGES = {
  photo: 'e0000000-0000-4000-8000-000000000001',
  hosted: 'e0000000-0000-4000-8000-000000000002',
  unlicensed: 'e0000000-0000-4000-8000-000000000003',
  season: 'e0000000-0000-4000-8000-000000000004',
  run: 'e0000000-0000-4000-8000-000000000005',
} as const;

/** A small catalogue whose rows each exercise one rule of spec/api.md 1. Stored as the pipeline stores it. */
export const FIXTURE = `
insert into core.networks (id, name, origin_country, tmdb_logo_path, hosted_logo_bytes, hosted_logo_at)
values (2, 'Beta TV', 'US', '/beta.png', 12345, '2026-01-02T03:04:05.123456Z'), (1, 'Alpha TV', null, null, null, null);
insert into core.production_companies (id, name, origin_country) values (7, 'Makers', 'GB');
insert into core.watch_providers (provider_id, provider_name, tmdb_logo_path)
values (10, 'zeta', '/z.png'), (11, 'Alfa', null), (12, 'Mid', null), (13, ' ', null);

insert into core.shows (id, name, description, premiere_date, imdb_id, tmdb_id, tvdb_id, wikidata_id, genres, keywords, networks,
  listed_on, tmdb_network_ids, tmdb_production_company_ids, show_total_seasons, show_total_episodes, most_recent_episode, tmdb_status,
  tmdb_vote_average, provenance)
values
 ('${IDS.full}', 'The Full Show', 'Everything is here.', '2020-02-03', 'tt0000001', 1001, 55, 'Q1', '{Reality,Game}', '{island}', '{Beta TV}',
  '{tmdb}', '{2,99,1}', '{7}', 2, 3, 'S1.E2 - Second (2020-02-10)', 'Ended', 7.25,
  '{"name":{"source":"tmdb","at":"2026-01-01T00:00:00Z","licence":"tmdb","via":"live"},
    "description":{"source":"tmdb","at":"2026-01-01T00:00:00Z","licence":"tmdb","via":"live"},
    "genres":{"source":"tmdb","at":"2026-01-01T00:00:00Z","licence":"tmdb","via":"live","values":{"tmdb":["Game","Reality"]}},
    "most_recent_episode":{"source":"imdb-web","at":"2026-01-01T00:00:00Z","licence":"imdb","via":"live"}}'),
 ('${IDS.bare}', 'bare show', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, '{}'),
 ('${IDS.accented}', 'Élan Vital', null, null, null, null, null, null, '{Reality}', null, '{Beta TV}', null, null, null, null, null, null, null, null, '{}'),
 ('${IDS.unlicensed}', 'Hidden Name', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  '{"name":{"source":"imdb-web","at":"2026-01-01T00:00:00Z","licence":"imdb","via":"live"}}');
insert into core.shows (id, name, retired_at) values ('${IDS.retired}', 'Retired Show', now());
insert into core.alternative_names (show_id, name, country, source) values ('${IDS.full}', 'Komplett Sendung', 'DE', 'tmdb');
insert into core.external_ids (show_id, scheme, value) values ('${IDS.full}', 'letterboxd', 'full-show');

insert into core.show_watch_providers (show_id, region, offer_type, provider_id, display_priority, link) values
 ('${IDS.full}', 'US', 'rent', 10, 1, 'https://example.test/us'), ('${IDS.full}', 'GB', 'flatrate', 10, null, 'https://example.test/gb'),
 ('${IDS.full}', 'GB', 'flatrate', 11, null, 'https://example.test/gb'), ('${IDS.full}', 'GB', 'flatrate', 12, 5, 'https://example.test/gb'),
 ('${IDS.full}', 'GB', 'flatrate', 13, 1, 'https://example.test/gb'), ('${IDS.full}', 'GB', 'buy', 12, 1, null);

insert into core.seasons (id, show_id, season_number, name, title, air_date, premiere_date, tmdb_season_id, external_tvdb_id) values
 ('${IDS.season2}', '${IDS.full}', 2, 'Season 2', null, '2021-01-01', null, 2002, null),
 ('${IDS.season1}', '${IDS.full}', 1, 'Season 1', 'First', '2020-02-03', '2020-02-03', 2001, 77),
 ('${IDS.season0}', '${IDS.full}', 0, 'Specials', null, null, null, null, null);
insert into core.seasons (show_id, season_number, name, missing_count, retired_at) values ('${IDS.full}', 3, 'Gone', 2, now());
insert into core.episodes (id, season_id, show_id, season_number, episode_number, title, air_date, synopsis, imdb_episode_id, tmdb_episode_id) values
 ('${EPISODES.second}', '${IDS.season1}', '${IDS.full}', 1, 2, 'Second', '2020-02-10', 'Two.', 'tt0000012', 3002),
 ('${EPISODES.first}', '${IDS.season1}', '${IDS.full}', 1, 1, 'First', '2020-02-03', null, 'tt0000011', 3001);
insert into core.episodes (season_id, show_id, season_number, episode_number, title, missing_count, retired_at)
values ('${IDS.season1}', '${IDS.full}', 1, 3, 'Gone', 2, now());

insert into core.people (id, full_name, known_for, external_ids) values
 ('${IDS.ana}', 'Ana', 'Acting', '{"imdb":"nm0000001","tmdb":5001}'), ('${IDS.ben}', 'Ben', null, '{}'), ('${IDS.cyd}', 'Cyd', null, '{}');
insert into core.show_cast (show_id, person_id, billing_order, role, credit_category) values
 ('${IDS.full}', '${IDS.cyd}', null, null, 'Self'), ('${IDS.full}', '${IDS.ben}', 2, 'Host', 'Self'), ('${IDS.full}', '${IDS.ana}', 1, null, 'Self');
insert into core.show_cast (show_id, person_id, billing_order, credit_category, missing_count, retired_at)
values ('${IDS.full}', '${IDS.ana}', 3, 'Crew', 2, now());

insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path, width, height, aspect_ratio, iso_639_1) values
 ('${IDS.full}', 1001, 'tmdb', 'poster', '/p.jpg', 'https://image.example.test/p.jpg', '/p.jpg', 2000, 3000, 0.667, 'en'),
 ('${IDS.full}', 1001, 'tmdb', 'backdrop', '/b.jpg', 'https://image.example.test/b.jpg', '/b.jpg', 3840, 2160, 1.778, null),
 ('${IDS.full}', null, 'imdb', 'media', 'rm1', 'https://image.example.test/i.jpg', null, 10, 10, 1, null);

insert into core.episode_appearances (show_id, person_id, show_name, cast_member_name, seasons, tmdb_episode_ids) values
 ('${IDS.full}', '${IDS.ana}', 'The Full Show', 'Ana', '{1}', '{3001,3002}');
insert into core.cast_photos (id, person_id, imdb_person_id, source, source_image_id, url, image_url, hosted_url, width, height, position, provenance) values
 ('${IMAGES.photo}', '${IDS.ana}', null, 'fandom', 'ana-1.jpg', 'https://image.example.test/ana1.jpg', 'https://image.example.test/ana1.jpg', null, 10, 20, 1,
  '{"url":{"source":"fandom","at":"2026-01-01T00:00:00Z","licence":"cc-by-sa","via":"live"}}'),
 ('${IMAGES.hosted}', '${IDS.ana}', null, 'tmdb', '/ana.jpg', 'https://image.example.test/ana2.jpg', null, 'https://cdn.example.test/ana.jpg', 10, 20, 2, '{}'),
 ('${IMAGES.unlicensed}', '${IDS.ana}', 'nm0000001', 'imdb', 'rm1', 'https://image.example.test/ana3.jpg', null, null, 10, 20, 3,
  '{"url":{"source":"imdb-web","at":"2026-01-01T00:00:00Z","licence":"imdb","via":"live"}}');
insert into core.season_images (id, show_id, season_id, tmdb_series_id, season_number, source, kind, file_path, width, height, aspect_ratio) values
 ('${IMAGES.season}', '${IDS.full}', '${IDS.season1}', 1001, 1, 'tmdb', 'poster', '/s1.jpg', 100, 150, 0.667);
insert into core.external_ids (show_id, scheme, value) values ('${IDS.full}', 'imdb', 'tt0000099');
insert into pipeline.runs (id, who, command, params, code_version, status, started_at, finished_at) values
 ('${IMAGES.run}', 'fixture', 'sync', '{}', '0.1.0', 'succeeded', now(), now());
insert into pipeline.reviews (id, kind, show_id, about, candidates) values
 ('${REVIEWS.accept}', 'tmdb_id', '${IDS.bare}', 'one', '[{"id": "4242", "name": "Bare?"}]'),
 ('${REVIEWS.reject}', 'tmdb_id', '${IDS.bare}', 'two', '[{"id": "4243", "name": null, "detail": "2020-01-01"}]');
`;
