import { describe, expect, it } from 'vitest';
import { episodeCredit, episodeCreditsAnswer } from '../../../../tests/fixtures/imdb/credits.ts';
import { edges, json } from '../../../../tests/fixtures/imdb/page.ts';
import { SERIES } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { parseApiCredits } from './api-credits.ts';
import { parseEpisodeCredits } from './episode-credits.ts';

describe('episode credits', () => {
  it('tell place, role and remarks (3.2)', () => {
    const archive = episodeCredit('tt7100102', {
      episode: '2',
      roles: [{ category: { text: 'Archive Footage' }, attributes: [{ text: 'archive footage' }, { text: 'as Ada' }] }],
    });
    const lost = episodeCredit('tt7100103', { season: 'X', episode: 'abc', roles: [] });
    const answer = episodeCreditsAnswer([[episodeCredit('tt7100101'), archive, lost, { title: {} }]], {
      seasons: ['6', '5', 'specials', '', null],
      next: 'C1',
    });
    expect(valueOf(parseEpisodeCredits(answer, { seriesId: SERIES }))).toEqual({
      seriesId: SERIES,
      personId: null,
      seasons: [
        { label: '5', number: 5 },
        { label: '6', number: 6 },
      ],
      endCursor: 'C1',
      credits: [
        {
          episodeId: 'tt7100101',
          season: 1,
          episode: 1,
          episodeCode: 'S1.E1',
          title: 'Plan 1',
          year: 2019,
          job: 'Self',
          category: 'Self',
          attributes: ['as Ada'],
          characters: ['Self'],
          isArchiveFootage: false,
        },
        {
          episodeId: 'tt7100102',
          season: 1,
          episode: 2,
          episodeCode: 'S1.E2',
          title: 'Plan 2',
          year: 2019,
          job: null,
          category: 'Archive Footage',
          attributes: ['archive footage', 'as Ada'],
          characters: [],
          isArchiveFootage: true,
        },
        {
          episodeId: 'tt7100103',
          season: null,
          episode: null,
          episodeCode: null,
          title: 'Plan abc',
          year: 2019,
          job: null,
          category: null,
          attributes: [],
          characters: [],
          isArchiveFootage: false,
        },
      ],
    });
  });

  it('defect 15: all credits of the person are read, none is an answer, and an episode counts once', () => {
    const groups = [
      [episodeCredit('tt7100101')],
      [episodeCredit('tt7100101'), episodeCredit('tt7100105', { episode: '5' })],
    ];
    expect(
      valueOf(parseEpisodeCredits(episodeCreditsAnswer(groups))).credits.map(({ episodeId }) => episodeId),
    ).toEqual(['tt7100101', 'tt7100105']);
    expect(valueOf(parseEpisodeCredits(episodeCreditsAnswer([])))).toMatchObject({
      credits: [],
      seasons: [],
      endCursor: null,
    });
  });

  it('somebody who is in an episode and in its archive footage is in it', () => {
    const archived = episodeCredit('tt7100101', { roles: [{ attributes: [{ text: 'archive footage' }] }] });
    expect(
      valueOf(parseEpisodeCredits(episodeCreditsAnswer([[archived], [episodeCredit('tt7100101')]]))).credits,
    ).toMatchObject([{ isArchiveFootage: false }]);
  });

  it.each([
    ['another series', episodeCreditsAnswer([[]], { id: 'tt7000002' }), /asked for tt7000001/],
    ['a next page without a cursor', episodeCreditsAnswer([[]], { next: '' }), /endCursor/],
    ['no credits', json({ data: { title: { id: SERIES } } }), /creditsV2/],
    ['credits in another form', json({ data: { title: { creditsV2: edges([{ x: 1 }]) } } }), /episodeCredits/],
    ['no title', json({ data: {} }), /data.title/],
    ['errors', json({ errors: [{ message: 'no' }] }), /no/],
  ])('%s: refused', (_, body, problem) => {
    expect(parseEpisodeCredits(body, { seriesId: SERIES })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(problem),
    });
  });
});

describe("saved answers of the predecessor's credits API", () => {
  const read = (credits: readonly unknown[]) =>
    valueOf(parseApiCredits(json({ credits, totalCount: '9', nextPageToken: ' T ' })));

  it('one record per person, whichever keys were used (3.1.1)', () => {
    expect(
      read([
        { name: { id: 'NM7000001', displayName: 'Ada' }, category: 'self', characters: ['Self'], episodeCount: 3 },
        {
          personId: 'nm7000002',
          name: 'Bo &amp; Co',
          jobCategory: 'ACTOR',
          role: { name: 'Driver' },
          episodes: ['a', 'b'],
        },
        { person: { nameId: { id: 'nm7000003' } }, category: 'actress', episodes: { total: '4' } },
        'nothing',
      ]),
    ).toEqual({
      totalCount: 9,
      nextPageToken: 'T',
      credits: [
        { nameId: 'nm7000001', name: 'Ada', category: 'self', characters: ['Self'], episodeCount: 3, role: 'self' },
        {
          nameId: 'nm7000002',
          name: 'Bo & Co',
          category: 'ACTOR',
          characters: ['Driver'],
          episodeCount: 2,
          role: 'cast',
        },
        { nameId: 'nm7000003', name: 'nm7000003', category: 'actress', characters: [], episodeCount: 4, role: 'cast' },
      ],
    });
  });

  it('defect 17: counts of split credits are added up', () => {
    const split = { nameId: 'nm7000001', category: 'self' };
    expect(
      read([
        { ...split, episodeCount: 3 },
        { ...split, episodeCount: 4, characters: ['Host'] },
      ]).credits,
    ).toMatchObject([{ episodeCount: 7, characters: ['Host'] }]);
  });

  it('defect 18: a crew row with a role is no cast, and uncredited ones are left out', () => {
    expect(
      read([
        { nameId: 'nm1', category: 'producer', role: 'executive' },
        { nameId: 'nm2', category: 'self', notes: [{ text: 'Uncredited' }] },
      ]).credits,
    ).toEqual([]);
    expect(parseApiCredits(json({}))).toMatchObject({ ok: false });
  });
});
