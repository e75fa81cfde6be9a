import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInfobox } from '../../src/sources/fandom/kinds.ts';
import { parseGallery } from '../../src/sources/fandom/parse/gallery.ts';
import { parsePerson } from '../../src/sources/fandom/parse/person.ts';
import type { PageResult } from '../../src/sources/fandom/parse/result.ts';
import { parseSeason } from '../../src/sources/fandom/parse/season.ts';
import { capturesFolder } from './folder.ts';

const folder = capturesFolder('fandom');
const bytes = (name: string) => readFileSync(join(folder, name));
const valueOf = <T>(result: PageResult<T>): T => {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};
/** Fields of a record that hold nothing. */
const unfilled = (record: object) =>
  Object.entries(record)
    .filter(([, value]) => value === null || (Array.isArray(value) && value.length === 0))
    .map(([name]) => name)
    .sort();
const IMAGES = 'https://static.wikia.nocookie.net/bigbrother/images';

describe('a season page', () => {
  const season = valueOf(parseSeason(bytes('bb26-season-infobox-and-lead.html')));

  it('fills what the excerpt shows', () => {
    expect(season.title).toBe('Big Brother 26 (US)');
    expect(season.season).toMatchObject({
      seasonNumber: 26,
      country: 'United States',
      network: ['CBS', 'Paramount+', 'Pluto TV'],
      hosts: ['Julie Chen-Moonves'],
      winners: ['Chelsie Baham'],
      startDate: '2024-07-17',
      endDate: '2024-10-13',
      previousSeason: 'Big Brother 25 (US)',
      nextSeason: 'Big Brother 27 (US)',
      summary:
        'Big Brother 26 is the 26th season of the broadcasted edition of Big Brother (U.S.) and the 31st season overall.',
    });
    // Not in the excerpt, which left nine lines out.
    expect(unfilled(season.season)).toEqual(['castCount', 'dayCount', 'episodeCount', 'runnersUp']);
    expect(unfilled(season.page)).toEqual(['categories', 'pageId', 'redirects', 'revisionId', 'title', 'url']);
  });

  it('is no person, and its logo and video are no pictures of one (weaknesses 4, 11)', () => {
    expect(parsePerson(bytes('bb26-season-infobox-and-lead.html'))).toMatchObject({ ok: false, reason: 'other_kind' });
    const { photos, leftOut } = valueOf(parseGallery(bytes('bb26-season-infobox-and-lead.html')));
    expect(photos.map(({ address }) => address.identity)).toEqual(['bigbrother/BB26_Cast.jpg']);
    expect(leftOut).toEqual({ icon: 1, video: 1 });
  });

  it('as wikitext, galleries and all', () => {
    const { season: bb28 } = valueOf(parseSeason(bytes('bb28-season-template.wikitext')));
    expect(bb28).toMatchObject({
      seasonNumber: 28,
      country: 'United States',
      network: ['CBS', 'Paramount+', 'Pluto TV', 'YouTube'],
      hosts: ['Julie Chen-Moonves'],
      winners: ['Rick Devens'],
      runnersUp: ['Taylor Brown'],
      startDate: '2026-07-09',
      endDate: '2026-10-01',
      dayCount: 87,
      episodeCount: 41,
      castCount: 17,
      summary:
        'Big Brother 28 is the 28th season of the broadcasted edition of Big Brother (U.S.) and the 33rd season overall.',
    });
    expect(unfilled(bb28)).toEqual([]);
    const { photos, leftOut } = valueOf(parseGallery(bytes('bb28-season-template.wikitext'), { store: 'bigbrother' }));
    expect(photos.map(({ address, caption }) => [address.fileName, caption])).toEqual([
      ['BB28_Cast.jpg', 'Swimsuit'],
      ['US28_Cast.jpg', 'Poster'],
    ]);
    expect(leftOut).toEqual({ icon: 4 });
  });

  it('its cast cards name people and their pages', () => {
    const { cast } = valueOf(parseSeason(bytes('bb26-cast-cards.html')));
    expect(
      cast.map(({ pageTitle, label, status, photo }) => [pageTitle, label, status, photo.address.fileName]),
    ).toEqual([
      ['Brooklyn Rivera', 'Brooklyn', 'Evicted', 'US26_Small_Brooklyn.jpg'],
      ['Cedric Hodges', 'Cedric', 'Evicted', 'US26_Small_Cedric.jpg'],
    ]);
  });
});

describe('galleries and thumbnails', () => {
  const { photos } = valueOf(parseGallery(bytes('bb26-gallery-item-and-thumb.html')));

  it('each picture once, with its original (weaknesses 1, 2)', () => {
    expect(photos.map(({ address, caption, section }) => [address.originalUrl, caption, section])).toEqual([
      [`${IMAGES}/5/53/BB26_Living_Room.jpg/revision/latest?cb=20240709182030`, 'Living Room', 'gallery'],
      [`${IMAGES}/5/53/BB26_Ainsley_Human.jpg/revision/latest?cb=20240719024442`, 'AINSLEY...', 'article'],
    ]);
    // No season is told on the page; both pictures say everything else.
    for (const photo of photos) expect(unfilled(photo)).toEqual(['linkedPage', 'season']);
  });

  it('people on cast cards are not the page’s own (weakness 4)', () => {
    expect(valueOf(parseGallery(bytes('bb26-cast-cards.html')))).toMatchObject({
      photos: [],
      leftOut: { other_person: 2 },
    });
  });

  it('addresses by name agree with real ones', () => {
    const wikitext = Buffer.from(
      '{{A|b=c|d=e}}\n[[File:BB26 Cast.jpg|thumb|x]]\n[[File:BB26 Living Room.jpg|thumb|y]]',
    );
    const named = valueOf(parseGallery(wikitext, { store: 'bigbrother' })).photos.map(
      ({ address }) => address.canonicalUrl,
    );
    expect(named).toEqual([
      `${IMAGES}/6/6c/BB26_Cast.jpg/revision/latest`,
      `${IMAGES}/5/53/BB26_Living_Room.jpg/revision/latest`,
    ]);
  });
});

describe('people as wikitext', () => {
  const leads = JSON.parse(bytes('bb27-houseguest-leads.json').toString()) as Record<
    string,
    { lead: string; title: string }
  >;
  const people = Object.values(leads).map(({ lead, title }) =>
    valueOf(parsePerson(Buffer.from(lead), { title, store: 'bigbrother' })),
  );

  it('fill every line of the template we have a field for', () => {
    expect(
      people.map(({ person }) => [person.name, person.fullName, person.birthDate, person.residesIn, person.occupation]),
    ).toEqual([
      ['Adrian Rocha', 'Adrian Rocha', '2001-08-08', 'San Antonio, TX', 'Carpenter'],
      ['Ashley Hollis', 'Ashley Diane Hollis', '1999-12-03', 'Chicago, IL; New York, NY', 'Attorney'],
      ['Lauren Domingue', 'Lauren Elizabeth Domingue', '2002-08-24', 'Lafayette, LA', 'Bridal consultant'],
    ]);
    for (const { person, photos } of people) {
      expect(person.shows).toEqual(['Big Brother 27 (US)']);
      expect(photos).toHaveLength(1);
      // The wiki's template has none of these.
      expect(unfilled(person)).toEqual([
        'categories',
        'deathDate',
        'enemies',
        'eyeColor',
        'family',
        'friends',
        'gender',
        'hairColor',
        'heightDisplay',
        'installment',
        'installmentUrl',
        'mainSeasonsDisplay',
        'nicknames',
        'reunionSeating',
        'romances',
        'taglines',
        'trivia',
        'weightDisplay',
      ]);
    }
    expect(people[0]?.person.infoboxRaw).toMatchObject({
      Place: '15th',
      Alliances: 'The Bond',
      Loyalties: 'Keanu Soto\nKelley Jorgensen',
    });
    expect(people[0]?.person.summary).toBe('Adrian Rocha was a houseguest on Big Brother 27 (US).');
    expect(people[0]?.photos[0]?.address.identity).toBe('bigbrother/US27_Adrian_Large.jpg');
  });
});

describe('any infobox', () => {
  it('is printed as written', () => {
    const { infobox } = valueOf(parseInfobox(bytes('bb26-season-infobox-and-lead.html')));
    expect(Object.keys(infobox)).toHaveLength(11);
    expect(infobox['Network']).toBe('CBS\nParamount+ (live feeds)\nPluto TV (live feeds)');
  });
});
