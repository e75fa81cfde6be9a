-- Looking something up by an id of another catalogue read whole tables where the id stands in a column of its own.
create index if not exists core_shows_tvdb_id_idx on core.shows (tvdb_id) where tvdb_id is not null;
create index if not exists core_shows_wikidata_id_idx on core.shows (wikidata_id) where wikidata_id is not null;
create index if not exists core_seasons_tmdb_season_id_idx on core.seasons (tmdb_season_id) where tmdb_season_id is not null;
create index if not exists core_seasons_external_tvdb_id_idx on core.seasons (external_tvdb_id) where external_tvdb_id is not null;
create index if not exists core_seasons_external_wikidata_id_idx on core.seasons (external_wikidata_id)
  where external_wikidata_id is not null;
