import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedEpisode, formatEpisodeMarker, latestEpisode, latestEpisodeValues, totalsOf } from './totals.ts';

const episode = (
  season: number,
  number: number,
  airDate: string | null,
  imdb: string | null = null,
): CountedEpisode => ({
  season_number: season,
  episode_number: number,
  title: `T${season}.${number}`,
  air_date: airDate,
  imdb_episode_id: imdb,
});
const TODAY = '2025-12-18';
const NOTHING = {
  most_recent_episode_season: null,
  most_recent_episode_number: null,
  most_recent_episode_imdb_id: null,
};

describe('totals', () => {
  it('counts living seasons above 0 and living episodes, specials included', () => {
    const seasons = [0, 1, 2, 3].map((number) => ({ season_number: number, retired: number === 3 }));
    expect(totalsOf(seasons, [episode(0, 1, null), episode(1, 1, null), episode(2, 1, null)])).toEqual({
      show_total_seasons: 2,
      show_total_episodes: 3,
    });
  });

  it('says nothing when nothing is stored, and 0 seasons for a show of specials', () => {
    expect(totalsOf([], [])).toEqual({});
    expect(totalsOf([{ season_number: 0, retired: false }], [])).toEqual({ show_total_seasons: 0 });
  });
});

describe('latest episode', () => {
  it('is the last aired, not one dated tomorrow', () => {
    const list = [
      episode(2, 1, '2025-12-18'),
      episode(2, 2, '2025-12-19'),
      episode(1, 9, '2025-12-18'),
      episode(3, 1, null),
    ];
    expect(latestEpisode(list, TODAY)).toBe(list[0]);
  });

  it('falls back to undated and then to announced episodes', () => {
    const undated = [episode(1, 2, null), episode(2, 1, null), episode(1, 1, '2026-05-05')];
    expect(latestEpisode(undated, TODAY)).toBe(undated[1]);
    const announced = [episode(1, 1, '2026-05-05'), episode(1, 2, '2026-05-12')];
    expect(latestEpisode(announced, TODAY)).toBe(announced[1]);
    expect(latestEpisode([], TODAY)).toBeUndefined();
  });

  it('does not depend on the order of rows and is never in the future while something has aired', () => {
    const date = fc.option(fc.constantFrom('2025-01-01', '2025-12-18', '2025-12-19', '2026-01-01'), { nil: null });
    const list = fc.uniqueArray(
      fc.tuple(fc.nat(3), fc.nat(4), date).map(([s, e, d]) => episode(s, e, d)),
      {
        selector: (item) => `${item.season_number}/${item.episode_number}`,
      },
    );
    fc.assert(
      fc.property(list, (items) => {
        const latest = latestEpisode(items, TODAY);
        expect(latestEpisode(items.toReversed(), TODAY)).toEqual(latest);
        if (items.some((item) => item.air_date !== null && item.air_date <= TODAY))
          expect(latest?.air_date).not.toBeNull();
        if (latest?.air_date != null && latest.air_date > TODAY)
          expect(items.every((item) => item.air_date !== null && item.air_date > TODAY)).toBe(true);
      }),
    );
  });

  it('keeps a known IMDb id of the same episode and never gives it to another', () => {
    const stored = { most_recent_episode_season: 1, most_recent_episode_number: 2, most_recent_episode_imdb_id: 'tt9' };
    expect(latestEpisodeValues(episode(1, 2, '2025-01-01'), stored)).toMatchObject({
      most_recent_episode: 'S1.E2 - T1.2 (2025-01-01) [imdbEpisodeId=tt9]',
      most_recent_episode_imdb_id: 'tt9',
    });
    expect(latestEpisodeValues(episode(1, 3, '2025-01-01'), stored)).toMatchObject({
      most_recent_episode_imdb_id: null,
    });
    expect(latestEpisodeValues(episode(1, 3, null, 'tt7'), NOTHING)).toMatchObject({
      most_recent_episode: 'S1.E3 - T1.3 [imdbEpisodeId=tt7]',
    });
    expect(latestEpisodeValues(undefined, stored)).toEqual({});
  });
});

describe('formatEpisodeMarker', () => {
  const marker = (over: Partial<Parameters<typeof formatEpisodeMarker>[0]>) =>
    formatEpisodeMarker({ season: null, episode: null, title: null, airDate: null, imdbId: null, ...over });

  it('writes each part only when known', () => {
    expect(marker({ season: 1, episode: 2, title: 'Title', airDate: '2020-01-08', imdbId: 'tt1' })).toBe(
      'S1.E2 - Title (2020-01-08) [imdbEpisodeId=tt1]',
    );
    expect(marker({ season: 1, episode: 2 })).toBe('S1.E2');
    expect(marker({ season: 1, title: 'Title' })).toBe('Title');
    expect(marker({ airDate: '2020-01-08' })).toBe('(2020-01-08)');
    expect(marker({ season: 1, episode: 2, airDate: '2020-01-08' })).toBe('S1.E2 (2020-01-08)');
    expect(marker({ imdbId: 'tt1' })).toBeNull();
    expect(marker({})).toBeNull();
  });
});
