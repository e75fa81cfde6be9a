import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarker, sameMarker } from './marker.ts';
import { type DecisionInput, decide, type StageState } from './state.ts';

const NOW = '2026-03-01T00:00:00Z';
const success = (marker: string | null = null, at = '2026-02-28T00:00:00Z'): StageState => ({
  status: 'success',
  lastSuccessAt: at,
  marker,
});
const base: DecisionInput = {
  options: { force: false, incremental: true, resume: true, since: null },
  state: success(),
  marker: null,
  freshness: { checkedAt: '2026-02-28T00:00:00Z', changedAt: null, pace: 'waiting' },
  applies: true,
  now: NOW,
};
const options = (over: Partial<DecisionInput['options']>): Partial<DecisionInput> => ({
  options: { ...base.options, ...over },
});
const S1 = 'S1.E1 - Pilot (2020-01-01)';

describe('decide: the table of pipeline.md 5.2', () => {
  const cases: readonly [string, Partial<DecisionInput>, boolean, string][] = [
    [
      'force wins over everything',
      { ...options({ force: true, incremental: false }), state: undefined },
      true,
      'force',
    ],
    ['incremental off', { ...options({ incremental: false }), state: success() }, true, 'incremental-disabled'],
    ['no state row', { state: undefined }, true, 'no-sync-state'],
    ['failed and resume', { state: { ...success(), status: 'failed' } }, true, 'resume-failed'],
    ['in progress and resume', { state: { ...success(), status: 'in_progress' } }, true, 'resume-in_progress'],
    ['partial and resume', { state: { ...success(), status: 'partial' } }, true, 'status-partial'],
    ['a status of the predecessor', { state: { ...success(), status: 'odd' } }, true, 'status-odd'],
    [
      'failed, no resume, same marker',
      { ...options({ resume: false }), state: { ...success(S1), status: 'failed' }, marker: S1 },
      false,
      'up-to-date',
    ],
    [
      'failed, no resume, never succeeded, no marker',
      { ...options({ resume: false }), state: { status: 'failed', lastSuccessAt: null, marker: null } },
      false,
      'up-to-date',
    ],
    ['marker changed', { state: success(S1), marker: 'S1.E2 - Two (2020-01-08)' }, true, 'episode-marker-changed'],
    ['marker appeared', { state: success(null), marker: S1 }, true, 'episode-marker-changed'],
    ['blank marker is none', { state: success(null), marker: '  ' }, false, 'up-to-date'],
    [
      'older than since',
      { ...options({ since: '2024-02-01T00:00:00Z' }), state: success(null, '2024-01-01T00:00:00Z') },
      true,
      'since',
    ],
    [
      'never succeeded and since',
      { ...options({ since: '2024-02-01T00:00:00Z' }), state: { ...success(), lastSuccessAt: null } },
      true,
      'since',
    ],
    [
      'no seasons known',
      { seasons: { derived: 0, total: null, knownToHaveNone: false, counted: true } },
      true,
      'missing-seasons',
    ],
    [
      'total 3, derived 2',
      { seasons: { derived: 2, total: 3, knownToHaveNone: false, counted: true } },
      true,
      'season-mismatch',
    ],
    [
      'total unknown',
      { seasons: { derived: 2, total: null, knownToHaveNone: false, counted: true } },
      true,
      'season-mismatch',
    ],
    [
      'matching total',
      { seasons: { derived: 2, total: 2, knownToHaveNone: false, counted: true } },
      false,
      'up-to-date',
    ],
    [
      'total not counted since the last success',
      { seasons: { derived: 2, total: null, knownToHaveNone: false, counted: false } },
      false,
      'up-to-date',
    ],
    [
      'a show that has none',
      { seasons: { derived: 0, total: null, knownToHaveNone: true, counted: true } },
      false,
      'up-to-date',
    ],
    ['success, same marker', { state: success(S1), marker: S1 }, false, 'up-to-date'],
  ];
  it.each(cases)('%s', (_name, over, run, reason) => {
    expect(decide({ ...base, ...over })).toEqual({ run, reason });
  });
});

describe('decide: following the source', () => {
  const cases: readonly [string, Partial<DecisionInput>, boolean, string][] = [
    [
      'named by the change feed after the last success',
      { freshness: { checkedAt: NOW, changedAt: '2026-02-28T12:00:00Z', pace: 'waiting' } },
      true,
      'changed-upstream',
    ],
    [
      'named by the change feed before the last success',
      { freshness: { checkedAt: NOW, changedAt: '2026-02-27T00:00:00Z', pace: 'waiting' } },
      false,
      'up-to-date',
    ],
    [
      'not checked for 15 days',
      {
        state: success(null, '2026-02-01T00:00:00Z'),
        freshness: { checkedAt: '2026-02-13T23:00:00Z', changedAt: null, pace: 'waiting' },
      },
      true,
      'stale',
    ],
    [
      'checked 13 days ago',
      {
        state: success(null, '2026-02-01T00:00:00Z'),
        freshness: { checkedAt: '2026-02-16T00:00:00Z', changedAt: null, pace: 'waiting' },
      },
      false,
      'up-to-date',
    ],
    [
      'on the air and not heard of for three days',
      {
        freshness: { checkedAt: '2026-02-26T00:00:00Z', changedAt: null, pace: 'airing' },
        state: success(null, '2026-02-26T00:00:00Z'),
      },
      true,
      'stale',
    ],
    [
      'over and not heard of for a month',
      {
        freshness: { checkedAt: '2026-01-29T00:00:00Z', changedAt: null, pace: 'ended' },
        state: success(null, '2026-01-29T00:00:00Z'),
      },
      false,
      'up-to-date',
    ],
    [
      'over and not heard of for two months',
      {
        freshness: { checkedAt: '2025-12-20T00:00:00Z', changedAt: null, pace: 'ended' },
        state: success(null, '2025-12-20T00:00:00Z'),
      },
      true,
      'stale',
    ],
    ['last success half a year ago', { state: success(null, '2025-09-01T00:00:00Z') }, true, 'refresh-due'],
    [
      'no check recorded, success yesterday',
      { freshness: { checkedAt: null, changedAt: null, pace: 'waiting' } },
      false,
      'up-to-date',
    ],
    [
      'not applicable, id still missing',
      { state: { status: 'not_applicable', lastSuccessAt: null, marker: null }, applies: 'no TMDb id' },
      false,
      'not-applicable',
    ],
    [
      'not applicable, id appeared',
      { state: { status: 'not_applicable', lastSuccessAt: null, marker: null } },
      true,
      'status-not_applicable',
    ],
  ];
  it.each(cases)('%s', (_name, over, run, reason) => {
    expect(decide({ ...base, ...over })).toEqual({ run, reason });
  });
});

describe('markers', () => {
  it('reads every form of the text', () => {
    expect(parseMarker('S47.E14 - A (B) (2024-12-18) [imdbEpisodeId=tt1]')).toEqual({
      season: 47,
      episode: 14,
      airDate: '2024-12-18',
    });
    expect(parseMarker('S2')).toEqual({ season: 2, episode: null, airDate: null });
    expect(parseMarker('Special episode')).toBeNull();
    expect(parseMarker(' ')).toBeNull();
  });

  it('ignores title and IMDb id, so two writers agree', () => {
    expect(sameMarker(`${S1} [imdbEpisodeId=tt9]`, 'S1.E1 (2020-01-01)')).toBe(true);
    expect(sameMarker('Pilot', 'pilot')).toBe(false);
    expect(sameMarker('Pilot', S1)).toBe(false);
  });

  it('is true exactly when season, episode and date agree', () => {
    const part = fc.record({
      season: fc.integer({ min: 0, max: 99 }),
      episode: fc.integer({ min: 0, max: 999 }),
      title: fc.constantFrom('', ' - A', ' - S1.E2 (x)'),
      airDate: fc.constantFrom('2020-01-01', '2020-01-08'),
    });
    const text = (p: { season: number; episode: number; title: string; airDate: string }): string =>
      `S${p.season}.E${p.episode}${p.title} (${p.airDate})`;
    fc.assert(
      fc.property(part, part, (a, b) => {
        const same = a.season === b.season && a.episode === b.episode && a.airDate === b.airDate;
        return sameMarker(text(a), text(b)) === same;
      }),
    );
  });
});
