-- Two people of one show with the same name whom no source tells apart: a person says whether they are one.
alter table pipeline.reviews drop constraint if exists reviews_kind_check;
alter table pipeline.reviews add constraint reviews_kind_check check (kind in ('tmdb_id', 'id_conflict', 'namesakes'));
comment on column pipeline.reviews.candidates is 'Objects with id (a TMDb id, or one of our shows or people), name, detail';
comment on column pipeline.reviews.about is 'What the question is about: tmdb_id, the id in conflict, or the two people''s ids';
-- A pair is asked about once, in whichever of its shows it is met first.
create index if not exists reviews_namesakes_idx on pipeline.reviews (about) where kind = 'namesakes';
