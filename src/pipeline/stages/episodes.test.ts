import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut, type ModelRow, planContext, SHOW } from '../../../tests/helpers/plan-model.ts';
import type { EpisodeFacts } from '../../platform/facts.ts';
import { episodesStage, type StoredEpisodes } from './episodes.ts';
import type { SeasonSetFacts } from './season-facts.ts';

const UNIQUE = [['show_id', 'season_number', 'episode_number'], ['season_id', 'episode_number'], ['tmdb_episode_id']];
const SEASON_IDS = new Map([
  [1, 'season-1'],
  [2, 'season-2'],
]);

function stored(rows: readonly ModelRow[]): StoredEpisodes {
  return {
    rows: rows as unknown as StoredEpisodes['rows'],
    seasonIds: SEASON_IDS,
    overrides: new Map(),
    elsewhere: undefined,
  };
}

function row(season: number, number: number, over: ModelRow = {}): ModelRow {
  return {
    id: `row-${season}-${number}`,
    show_id: SHOW.id,
    season_id: SEASON_IDS.get(season),
    season_number: season,
    episode_number: number,
    title: null,
    synopsis: null,
    overview: null,
    air_date: null,
    imdb_episode_id: null,
    tmdb_series_id: null,
    tmdb_episode_id: null,
    episode_type: null,
    production_code: null,
    runtime: null,
    still_path: null,
    tmdb_vote_average: null,
    tmdb_vote_count: null,
    fetched_at: '2025-01-01T00:00:00Z',
    provenance: {},
    missing_count: 0,
    retired_at: null,
    ...over,
  };
}

function facts(items: readonly EpisodeFacts[], complete = true): SeasonSetFacts {
  const seasons = [1, 2].map((seasonNumber) => ({
    seasonNumber,
    episodes: items.filter((item) => item.seasonNumber === seasonNumber),
  }));
  return { tmdbId: 12345, listed: [1, 2], seasons, complete };
}

const plan = (set: SeasonSetFacts, rows: readonly ModelRow[], at?: string) =>
  episodesStage.plan(set, stored(rows), SHOW, planContext(at === undefined ? {} : { at, prefix: at }));

describe('episodes', () => {
  it('keeps IMDb text and date and takes TMDb columns; fills what is blank', () => {
    const items: EpisodeFacts[] = [
      {
        seasonNumber: 1,
        episodeNumber: 1,
        tmdbEpisodeId: 1001,
        title: 'TMDb Episode 1',
        overview: 'TMDb overview 1',
        airDate: '2024-02-02',
        episodeType: 'standard',
        productionCode: 'S1E1',
        runtimeMinutes: 42,
        stillPath: '/still1.jpg',
        voteAverage: 6.5,
        voteCount: 10,
      },
      {
        seasonNumber: 1,
        episodeNumber: 2,
        tmdbEpisodeId: 1002,
        title: 'TMDb Episode 2',
        overview: 'TMDb overview 2',
        airDate: '2024-02-09',
      },
    ];
    const rows = [
      row(1, 1, { title: 'IMDb title', synopsis: 'IMDb text', air_date: '2024-01-31', imdb_episode_id: 'tt1' }),
    ];
    const made = carryOut('core.episodes', rows, plan(facts(items), rows), UNIQUE);
    expect(made[0]).toMatchObject({
      title: 'IMDb title',
      overview: 'IMDb text',
      synopsis: 'IMDb text',
      air_date: '2024-01-31',
      tmdb_series_id: 12345,
      tmdb_episode_id: 1001,
      episode_type: 'standard',
      production_code: 'S1E1',
      runtime: 42,
      still_path: '/still1.jpg',
      tmdb_vote_average: 6.5,
      tmdb_vote_count: 10,
      fetched_at: '2025-12-18T00:00:00Z',
    });
    expect(made[0]?.['provenance']).not.toHaveProperty('title');
    expect(made[1]).toMatchObject({
      title: 'TMDb Episode 2',
      overview: 'TMDb overview 2',
      synopsis: 'TMDb overview 2',
      season_id: 'season-1',
      show_id: SHOW.id,
    });
    expect(made[1]?.['provenance']).toMatchObject({ title: { source: 'tmdb', licence: 'tmdb' } });
  });

  it('follows TMDb in what came from TMDb', () => {
    const item: EpisodeFacts = { seasonNumber: 1, episodeNumber: 1, tmdbEpisodeId: 1, title: 'Old', overview: 'Old' };
    const first = carryOut('core.episodes', [], plan(facts([item]), []), UNIQUE);
    const second = carryOut(
      'core.episodes',
      first,
      plan(facts([{ ...item, title: 'New', overview: null }]), first),
      UNIQUE,
    );
    expect(second[0]).toMatchObject({ title: 'New', overview: null, synopsis: null });
  });

  it('drops repeated episodes with a warning and names what it cannot place', () => {
    const items: EpisodeFacts[] = [
      { seasonNumber: 1, episodeNumber: 1, tmdbEpisodeId: 1 },
      { seasonNumber: 1, episodeNumber: 1, tmdbEpisodeId: 2 },
      { seasonNumber: 1, episodeNumber: 2, tmdbEpisodeId: 1 },
    ];
    const made = plan(facts(items), []);
    expect(made.warnings).toHaveLength(2);
    expect(made.changes[0]?.rows).toHaveLength(1);
    const homeless = plan(
      { ...facts([]), seasons: [{ seasonNumber: 7, episodes: [{ seasonNumber: 7, episodeNumber: 1 }] }] },
      [],
    );
    expect(homeless).toMatchObject({ changes: [], partial: ['seasons: season 7 is not stored'] });
  });

  it('refuses ids another show holds and names both', () => {
    const elsewhere = { id: 'other-id', name: 'Other', tmdb_episode_id: 1 };
    const made = episodesStage.plan(facts([]), { ...stored([]), elsewhere }, SHOW, planContext());
    expect(made).toMatchObject({ changes: [], conflict: { code: 'id_conflict' } });
    expect(made.conflict?.detail).toMatch(/"Show".*"Other" \(other-id\)/);
  });
});

const slot = fc.record({ seasonNumber: fc.integer({ min: 1, max: 2 }), episodeNumber: fc.integer({ min: 1, max: 5 }) });
const optionalId = fc.option(fc.integer({ min: 1, max: 9 }), { nil: null });
const storedRows = fc
  .uniqueArray(
    fc.record({
      slot,
      tmdb: optionalId,
      imdb: fc.boolean(),
      retired: fc.boolean(),
      title: fc.option(fc.constantFrom('x', 'y'), { nil: null }),
    }),
    { selector: ({ slot: at }) => `${at.seasonNumber}/${at.episodeNumber}`, maxLength: 8 },
  )
  .map((drafts) => {
    const ids = new Set<number>();
    return drafts.map(({ slot: at, tmdb, imdb, retired, title }) => {
      const id = tmdb === null || ids.has(tmdb) ? null : tmdb;
      if (id !== null) ids.add(id);
      return row(at.seasonNumber, at.episodeNumber, {
        title,
        tmdb_episode_id: id,
        imdb_episode_id: imdb ? `tt${at.seasonNumber}${at.episodeNumber}` : null,
        missing_count: retired ? 2 : 0,
        retired_at: retired ? '2025-01-01T00:00:00Z' : null,
      });
    });
  });
const items = fc
  .uniqueArray(
    fc.record({
      slot,
      tmdb: optionalId,
      title: fc.option(fc.constantFrom('a', 'b', null), { nil: undefined }),
      votes: fc.option(fc.nat(3), { nil: undefined }),
    }),
    {
      selector: ({ slot: at }) => `${at.seasonNumber}/${at.episodeNumber}`,
      maxLength: 8,
    },
  )
  .map((drafts) => {
    const ids = new Set<number>();
    return drafts.map(({ slot: at, tmdb, title, votes }): EpisodeFacts => {
      const id = tmdb === null || ids.has(tmdb) ? undefined : tmdb;
      if (id !== undefined) ids.add(id);
      return {
        ...at,
        ...(id === undefined ? {} : { tmdbEpisodeId: id }),
        ...(title === undefined ? {} : { title }),
        ...(votes === undefined ? {} : { voteCount: votes }),
      };
    });
  });

describe('episodes, whatever is stored and whatever comes', () => {
  it('never collides, loses no row, puts every episode in its place, and has nothing left to do', () => {
    fc.assert(
      fc.property(storedRows, items, (rows, list) => {
        let now: ModelRow[] = carryOut('core.episodes', rows, plan(facts(list), rows, '2026-01-01T00:00:00Z'), UNIQUE);
        for (const item of list) {
          const found = now.find(
            (one) => one['season_number'] === item.seasonNumber && one['episode_number'] === item.episodeNumber,
          );
          expect(found).toMatchObject({
            season_id: SEASON_IDS.get(item.seasonNumber),
            missing_count: 0,
            retired_at: null,
          });
          if (item.tmdbEpisodeId !== undefined) expect(found?.['tmdb_episode_id']).toBe(item.tmdbEpisodeId);
        }
        const kept = new Set(now.map((one) => one['id']));
        for (const one of rows) expect(kept).toContain(one['id']);
        // A missing row retires at the second complete fetch; then nothing changes any more.
        now = carryOut('core.episodes', now, plan(facts(list), now, '2026-01-02T00:00:00Z'), UNIQUE);
        expect(plan(facts(list), now, '2026-01-03T00:00:00Z').changes).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never counts a row as missing after an incomplete fetch', () => {
    fc.assert(
      fc.property(storedRows, items, (rows, list) => {
        const made = carryOut('core.episodes', rows, plan(facts(list, false), rows, '2026-01-01T00:00:00Z'), UNIQUE);
        for (const before of rows) {
          const after = made.find((one) => one['id'] === before['id']);
          expect(Number(after?.['missing_count'])).toBeLessThanOrEqual(Number(before['missing_count']));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("merges each row as if it came alone: a neighbour's columns change nothing (L3)", () => {
    fc.assert(
      fc.property(storedRows, items, (rows, list) => {
        const together = carryOut('core.episodes', rows, plan(facts(list), rows), UNIQUE);
        for (const item of list) {
          const at = (all: readonly ModelRow[]) =>
            all.find(
              (one) => one['season_number'] === item.seasonNumber && one['episode_number'] === item.episodeNumber,
            );
          const before = at(rows);
          const after = at(together);
          // Only rows that stay where they are can be compared with a batch of their own.
          if (
            before === undefined ||
            after?.['id'] !== before['id'] ||
            before['tmdb_episode_id'] !== (item.tmdbEpisodeId ?? null)
          )
            continue;
          const alone = at(carryOut('core.episodes', rows, plan(facts([item]), rows), UNIQUE));
          expect(after).toEqual(alone);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of episodes or rows', () => {
    fc.assert(
      fc.property(storedRows, items, (rows, list) => {
        const place = (all: readonly ModelRow[]) =>
          all
            .map(({ id, provenance: _, ...one }) => ({ ...one, id: String(id).startsWith('row') ? id : 'new' }))
            .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
        const one = carryOut('core.episodes', rows, plan(facts(list), rows), UNIQUE);
        const other = carryOut(
          'core.episodes',
          rows.toReversed(),
          plan(facts(list.toReversed()), rows.toReversed()),
          UNIQUE,
        );
        // Displaced rows rest at numbers given in row order.
        const living = (all: readonly ModelRow[]) => place(all.filter((each) => each['retired_at'] === null));
        expect(living(other)).toEqual(living(one));
      }),
      { numRuns: 300 },
    );
  });
});
