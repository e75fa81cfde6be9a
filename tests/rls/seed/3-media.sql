-- One row of every kind in media; the object of `b` is referred to by nothing, so that it can be deleted.
insert into media.objects (sha256, key, content_type, bytes, width, height) values
  (repeat('a', 64), 'images/a.jpg', 'image/jpeg', 10, 2, 3),
  (repeat('b', 64), 'images/b.jpg', 'image/jpeg', 10, 2, 3);
insert into media.variants (sha256, size, width, format, key, bytes) values (repeat('a', 64), 200, 200, 'webp', 'images/a-200.webp', 5);
insert into media.aliases (key, sha256) values ('images/shows/tt1/poster/tmdb/a.jpg', repeat('a', 64));
insert into media.removals (key, reason) values ('images/gone.jpg', 'stray');
insert into media.strays (key, bytes) values ('images/stray.jpg', 1);
insert into media.lookalikes (table_name, row_key, best_key) values ('show_images', 'one', 'best');
insert into media.fetch_state (table_name, row_key, source_url, state, sha256)
  values ('show_images', 'one', 'https://image.tmdb.org/p.jpg', 'stored', repeat('a', 64));
insert into media.takedowns (id, source_url, reason, actor) values ({takedown.one}, 'https://image.tmdb.org/t.jpg', 'asked', 'test');
