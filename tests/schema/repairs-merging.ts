import { expect } from 'vitest';
import { arrange, type Repair, type Session } from './session.ts';

type Row = Record<string, unknown>;

const merge = (s: Session, source: string, target: string) =>
  s.as('service_role', () => s.sql("select core.merge_shows($1, $2, 'test')", [source, target]));

/** Statements of W4, one by one: what made merging fail or lose rows. */
export const MERGING_REPAIRS: readonly Repair[] = [
  {
    id: 'W4 ids',
    title: 'a source with an id the target lacks, and sources with other ids of the same kind, can be merged',
    async check(s) {
      const { show, otherShow } = await arrange(s);
      const bare = String(await s.value("insert into core.shows (name) values ('Bare') returning id"));
      await merge(s, show, bare);
      expect(await s.sql('select imdb_id, tmdb_id from core.shows where id = $1', [bare])).toEqual([
        { imdb_id: 'tt101', tmdb_id: 101 },
      ]);
      await merge(s, otherShow, bare);
      expect(await s.sql('select imdb_id, tmdb_id from core.shows')).toEqual([{ imdb_id: 'tt101', tmdb_id: 101 }]);
      const kept = await s.sql(
        "select scheme, value from core.external_ids where scheme in ('imdb', 'tmdb') order by 1",
      );
      expect(kept).toEqual([
        { scheme: 'imdb', value: 'tt102' },
        { scheme: 'tmdb', value: '102' },
      ]);
    },
  },
  {
    id: 'W4 state',
    title: 'shows that both have been synced can be merged, and are synced anew',
    async check(s) {
      const { show, otherShow } = await arrange(s);
      await s.sql(
        "insert into core.sync_state (table_name, show_id, status) values ('seasons', $1, 'success'), ('seasons', $2, 'success')",
        [show, otherShow],
      );
      await merge(s, show, otherShow);
      expect(await s.value('select count(*)::int from core.sync_state')).toBe(0);
    },
  },
  {
    id: 'W4 rows',
    title: 'surveys, games, watch providers, episodes, threads and images of the source survive',
    async check(s) {
      const f = await arrange(s);
      const source = [f.show, f.season, f.episode];
      await s.sql(
        "insert into surveys.surveys (show_id, season_id, episode_id, title) values ($1, $2, $3, 'S')",
        source,
      );
      await s.sql(
        "insert into games.games (show_id, season_id, episode_id, title, game_type) values ($1, $2, $3, 'G', 'quiz')",
        source,
      );
      await s.sql("insert into core.watch_providers (provider_id, provider_name) values (8, 'P')");
      await s.sql(
        "insert into core.show_watch_providers (show_id, region, offer_type, provider_id) values ($1, 'US', 'buy', 8)",
        [f.show],
      );
      await s.sql(
        'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 2)',
        [f.show, f.season],
      );
      await s.sql(
        `insert into core.season_images (show_id, season_id, tmdb_series_id, season_number, file_path, width, height, aspect_ratio)
         values ($1, $2, 101, 1, '/p.jpg', 1, 1, 1)`,
        [f.show, f.season],
      );
      await s.sql(
        "insert into core.show_images (show_id, kind, source_image_id, url) values ($1, 'poster', '/i.jpg', 'u')",
        [f.show],
      );
      await s.sql("insert into social.threads (episode_id, title, type) values ($1, 'T', 'general')", [f.episode]);
      await merge(s, f.show, f.otherShow);

      const there: Row = { show_id: f.otherShow, season_id: f.otherSeason, episode_id: f.otherEpisode };
      expect(await s.sql('select show_id, season_id, episode_id from surveys.surveys')).toEqual([there]);
      expect(await s.sql('select show_id, season_id, episode_id from games.games')).toEqual([there]);
      expect(await s.sql('select episode_id from social.threads')).toEqual([{ episode_id: f.otherEpisode }]);
      expect(await s.sql('select show_id from core.show_watch_providers')).toEqual([{ show_id: f.otherShow }]);
      expect(await s.sql('select show_id from core.show_images')).toEqual([{ show_id: f.otherShow }]);
      expect(await s.sql('select show_id, season_id from core.season_images')).toEqual([
        { show_id: f.otherShow, season_id: f.otherSeason },
      ]);
      expect(await s.sql('select season_id, episode_number from core.episodes order by 2')).toEqual([
        { season_id: f.otherSeason, episode_number: 1 },
        { season_id: f.otherSeason, episode_number: 2 },
      ]);
    },
  },
  {
    id: 'W4 target',
    title: 'a missing target is refused, and nobody but the service role can merge',
    async check(s) {
      const { show, otherShow } = await arrange(s);
      await s.as('service_role', async () =>
        expect(await s.refusal("select core.merge_shows($1, gen_random_uuid(), 'test')", [show])).toBe('P0002'),
      );
      for (const role of ['anon', 'authenticated'] as const) {
        await s.as(role, async () => {
          for (const name of ['merge_shows', 'merge_people'])
            expect(await s.refusal(`select core.${name}($1, $2, 'test')`, [show, otherShow])).toBe('42501');
          for (const name of ['split_shows', 'split_people'])
            expect(await s.refusal(`select core.${name}($1, 'test')`, [show])).toBe('42501');
          for (const table of ['merges', 'merge_changes', 'merge_rules'])
            expect(await s.refusal(`select * from core.${table}`)).toBe('42501');
        });
      }
      expect(await s.value('select count(*)::int from core.shows')).toBe(2);
    },
  },
];
