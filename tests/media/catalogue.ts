import type { TestDatabase } from '../helpers/database.ts';

/** Ids of the rows below. */
export const SHOW = '0a000000-0000-4000-8000-000000000001';
export const OTHER_SHOW = '0a000000-0000-4000-8000-000000000002';
export const ANA = '0b000000-0000-4000-8000-000000000001';
export const BEN = '0b000000-0000-4000-8000-000000000002';
export const SEASON = '0c000000-0000-4000-8000-000000000001';
export const EPISODE = '0d000000-0000-4000-8000-000000000001';
export const FANDOM_PHOTO = '0e000000-0000-4000-8000-000000000001';
export const TMDB_PHOTO = '0e000000-0000-4000-8000-000000000002';
export const IMDB_PHOTO = '0e000000-0000-4000-8000-000000000003';
export const POSTER = '0f000000-0000-4000-8000-000000000001';

const licensed = (licence: string) =>
  `{"url":{"source":"x","at":"2026-01-01T00:00:00Z","licence":"${licence}","via":"live"}}`;

/** One image of every table and source: 12 that may be mirrored, 2 that may not (IMDb's). */
export async function seedImages(database: TestDatabase): Promise<void> {
  await database.owner(`
insert into core.networks (id, name, tmdb_logo_path) values (123, 'Beta TV', '/logo-net-60x40.png'), (124, 'No Logo', null);
insert into core.production_companies (id, name, tmdb_logo_path) values (7, 'Makers', '/logo-com-60x40.jpg');
insert into core.watch_providers (provider_id, provider_name, tmdb_logo_path) values (9, 'Stream', '/logo-prov-50x50.jpg');
insert into core.shows (id, name, imdb_id, tmdb_id) values ('${SHOW}', 'One', 'tt1234567', 10), ('${OTHER_SHOW}', 'Two', null, 20);
insert into core.seasons (id, show_id, season_number, name, poster_path, tmdb_series_id) values ('${SEASON}', '${SHOW}', 3, 'Season 3', '/season3.jpg', 10);
insert into core.episodes (id, season_id, show_id, season_number, episode_number, title, still_path, imdb_episode_id)
values ('${EPISODE}', '${SEASON}', '${SHOW}', 3, 1, 'First', '/still.jpg', 'tt9876543');
insert into core.show_images (id, show_id, tmdb_id, source, kind, source_image_id, url, file_path, width, height, aspect_ratio) values
 ('${POSTER}', '${SHOW}', 10, 'tmdb', 'poster', '/poster.jpg', 'https://image.tmdb.org/t/p/original/poster.jpg', '/poster.jpg', 240, 360, 0.667),
 (gen_random_uuid(), '${SHOW}', 10, 'tmdb', 'backdrop', '/back-640x360.jpg', 'https://image.tmdb.org/t/p/original/back-640x360.jpg', '/back-640x360.jpg', 3840, 2160, 1.778),
 (gen_random_uuid(), '${SHOW}', 10, 'tmdb', 'logo', '/logo.png', 'https://image.tmdb.org/t/p/original/logo.png', '/logo.png', 0, 0, 0),
 (gen_random_uuid(), '${OTHER_SHOW}', 20, 'tmdb', 'poster', '/poster2.webp', 'https://image.tmdb.org/t/p/original/poster2.webp', '/poster2.webp', 240, 360, 0.667);
insert into core.show_images (show_id, source, kind, source_image_id, url, provenance) values
 ('${SHOW}', 'imdb', 'media', 'rm1', 'https://m.media-amazon.com/images/rm1.jpg', '${licensed('imdb')}');
insert into core.season_images (show_id, season_id, tmdb_series_id, season_number, file_path, width, height, aspect_ratio) values
 ('${SHOW}', '${SEASON}', 10, 3, '/season3-b.jpg', 240, 360, 0.667);
insert into core.people (id, full_name, external_ids) values ('${ANA}', 'Ana', '{"imdb":"nm11883948","tmdb":5001}'), ('${BEN}', 'Ben', '{}');
insert into core.cast_photos (id, person_id, imdb_person_id, source, source_image_id, url, image_url, source_page_url, metadata, provenance) values
 ('${FANDOM_PHOTO}', '${ANA}', null, 'fandom', 'ana-1', 'https://static.wikia.nocookie.net/ana1.jpg', 'https://static.wikia.nocookie.net/ana1.jpg',
  'https://survivor.fandom.com/wiki/Ana', '{}', '${licensed('cc-by-sa')}'),
 ('${TMDB_PHOTO}', '${BEN}', null, 'tmdb', '/ben.jpg', 'https://image.tmdb.org/t/p/original/ben.jpg', null, null, '{"tmdb_person_id":5002}', '{}'),
 ('${IMDB_PHOTO}', '${ANA}', 'nm11883948', 'imdb', 'rm2', 'https://m.media-amazon.com/images/rm2.jpg', null, null, '{}', '${licensed('imdb')}');
`);
}

/** Everything `seedImages` says may be mirrored. */
export const MIRRORED = 12;

export interface ImageRow extends Record<string, unknown> {
  readonly table_name: string;
  readonly row_key: string;
  readonly hosted_key: string | null;
  readonly hosted_sha256: string | null;
  readonly source_url: string | null;
}

export async function imageRows(database: TestDatabase): Promise<ImageRow[]> {
  return database.owner<ImageRow>('select * from media.images order by table_name, source_url, row_key');
}

export async function stateOf(database: TestDatabase, rowKey: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await database.owner('select * from media.fetch_state where row_key = $1', [rowKey]);
  return row;
}

/** What must hold whenever nothing is at work: every copy a row shows is in the store, and known with its size. */
export async function brokenRows(database: TestDatabase, keys: readonly string[]): Promise<string[]> {
  const there = new Set(keys);
  const rows = await database.owner<{ table_name: string; row_key: string; hosted_key: string; known: string | null }>(
    `select i.table_name, i.row_key, i.hosted_key, o.key as known from media.images i left join media.objects o on o.sha256 = i.hosted_sha256
     where i.hosted_key is not null`,
  );
  const known = await database.owner<{ key: string }>(
    'select key from media.objects union all select key from media.variants',
  );
  return [
    ...rows
      .filter((row) => !there.has(row.hosted_key))
      .map((row) => `${row.table_name} ${row.row_key} shows ${row.hosted_key}, which is gone`),
    ...rows
      .filter((row) => row.known !== row.hosted_key)
      .map((row) => `${row.table_name} ${row.row_key} is not accounted for`),
    ...known.filter(({ key }) => !there.has(key)).map(({ key }) => `${key} is accounted for and gone`),
  ];
}
