import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInfobox } from '../../src/sources/fandom/kinds.ts';
import { parseGallery } from '../../src/sources/fandom/parse/gallery.ts';
import { type PersonPage, parsePerson } from '../../src/sources/fandom/parse/person.ts';
import { capturesFolder } from './folder.ts';

/** What the existing parsers made of the same files, and where we differ: each difference names the weakness it mends. */
const folder = capturesFolder('fandom');
const bytes = (name: string) => readFileSync(join(folder, name));
const expected = (name: string) => JSON.parse(bytes(`predecessor/expected-${name}.json`).toString());

function person(file: string): PersonPage {
  const result = parsePerson(bytes(file));
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

/** The record under the column names of `core.cast_fandom`, as far as the file has them. */
function row({ page, person: read }: PersonPage) {
  return {
    page_revision_id: page.revisionId,
    summary: read.summary,
    taglines:
      read.taglines?.map(({ season, openingOrder, tagline }) => ({ season, opening_order: openingOrder, tagline })) ??
      null,
    reunion_seating:
      read.reunionSeating?.map(({ season, side, seatOrder }) => ({ season, side, seat_order: seatOrder })) ?? null,
    trivia: read.trivia,
    full_name: read.fullName,
    birthdate: read.birthDate,
    birthdate_display: read.birthDateDisplay,
    gender: read.gender,
    resides_in: read.residesIn,
    hair_color: read.hairColor,
    eye_color: read.eyeColor,
    height_display: read.heightDisplay,
    weight_display: read.weightDisplay,
    romances: read.romances,
    family: read.family,
    friends: read.friends,
    enemies: read.enemies,
    installment: read.installment,
    installment_url: read.installmentUrl,
    main_seasons_display: read.mainSeasonsDisplay,
  };
}

describe('the person sample', () => {
  const sample = person('predecessor/lisa_barlow_person_sample.html');
  const was = expected('person-scraper-lisa_barlow_person_sample');

  it('every column of the record', () => {
    const columns = row(sample);
    const same = Object.fromEntries(Object.keys(columns).map((name) => [name, was.cast_fandom[name]]));
    expect(columns).toEqual(same);
    // Weakness 3 and 7: the page's title, without the wiki's name. Text joined as a reader sees it, without a space before the comma.
    expect([sample.page.title, was.cast_fandom.page_title]).toEqual([
      'Lisa Barlow',
      'Lisa Barlow | Real Housewives Wiki | Fandom',
    ]);
    expect(sample.person.infoboxRaw).toEqual({ ...was.cast_fandom.infobox_raw, Family: 'Jack Barlow, Henry Barlow' });
  });

  it('every picture', () => {
    const photos = sample.photos.map((photo) => ({
      image_url: photo.address.originalUrl,
      thumb_url: photo.thumbUrl,
      alt_text: photo.altText,
      width: photo.thumbWidth,
      context_section: photo.section,
      context_type: photo.type,
      season: photo.season,
      position: photo.position,
    }));
    const columns = Object.keys(photos[0] ?? {});
    const rows: Record<string, unknown>[] = was.photos;
    // Weakness 9: the sixth is the fifth once more, at another size.
    expect(photos).toEqual(rows.slice(0, 5).map((old) => Object.fromEntries(columns.map((name) => [name, old[name]]))));
    expect(rows).toHaveLength(6);
  });

  it('weakness 1: file names of all, where `latest` stood', () => {
    expect(sample.photos.map(({ address }) => address.fileName)).toEqual([
      'Lisa_hero.jpg',
      'Lisa_intro_s1.jpg',
      'Lisa_intro_s2.jpg',
      'Lisa_reunion_s1.jpg',
      'Lisa_article.jpg',
    ]);
  });

  it('weakness 7: the infobox parser knew these lines as nothing', () => {
    const old = expected('infobox-lisa_barlow_person_sample');
    expect([old.full_name, old.birth_date, old.resides_in]).toEqual([null, null, null]);
    expect(sample.person).toMatchObject({
      fullName: 'Lisa Deanna Barlow',
      birthDate: '1974-12-14',
      residesIn: 'Salt Lake City, Utah',
    });
  });

  it('as a gallery: the same addresses and captions, whole pictures', () => {
    const old = expected('gallery-lisa_barlow_person_sample').images;
    const result = parseGallery(bytes('predecessor/lisa_barlow_person_sample.html'));
    const photos = result.ok ? result.value.photos : [];
    const plain = (url: string) => url.replace('/revision/latest', '');
    expect(photos.map(({ address }) => plain(address.originalUrl))).toEqual(
      old.map(({ url }: { url: string }) => plain(url)),
    );
    expect(photos.map(({ thumbUrl }) => thumbUrl)).toEqual(old.map((image: { thumb_url: string }) => image.thumb_url));
    // Captions that only repeat the file's name are none.
    expect(photos.map(({ altText }) => altText)).toEqual(old.map((image: { caption: string }) => image.caption));
    expect(photos.map(({ caption }) => caption)).toEqual([null, 'Intro S1', 'Intro S2', 'Reunion Look S1', null]);
  });
});

describe('the infobox sample', () => {
  const sample = person('predecessor/lisa_barlow_infobox.html');

  it('all its fields', () => {
    const old = expected('infobox-lisa_barlow_infobox');
    const { page, person: read } = sample;
    expect([page.title, read.fullName, read.birthDate, read.gender, read.residesIn]).toEqual([
      old.title,
      old.full_name,
      old.birth_date,
      old.gender,
      old.resides_in,
    ]);
    const result = parseInfobox(bytes('predecessor/lisa_barlow_infobox.html'));
    expect(result).toMatchObject({ ok: true, value: { infobox: old.infobox } });
  });

  it('weakness 6: the date with a suffix, which the scraper left out', () => {
    const { cast_fandom: old, photos } = expected('person-scraper-lisa_barlow_infobox');
    expect([old.birthdate, sample.person.birthDate]).toEqual([undefined, '1974-12-14']);
    expect([old.birthdate_display, old.full_name]).toEqual([sample.person.birthDateDisplay, sample.person.fullName]);
    expect(photos).toEqual(sample.photos);
  });
});

describe('real slices', () => {
  it('weaknesses 4 and 11: a season, its logo and other people’s cards were a person', () => {
    for (const name of ['bb26-season-infobox-and-lead', 'bb26-cast-cards', 'bb26-gallery-item-and-thumb']) {
      expect(expected(`person-scraper-${name}`).photos.length).toBeGreaterThan(0);
      expect(parsePerson(bytes(`${name}.html`))).toMatchObject({ ok: false, kind: 'schema_changed' });
    }
  });

  it('the gallery’s two pictures are the same', () => {
    const old = expected('gallery-bb26-gallery-item-and-thumb').images;
    const result = parseGallery(bytes('bb26-gallery-item-and-thumb.html'));
    const photos = result.ok ? result.value.photos : [];
    expect(
      photos.map(({ address, thumbUrl, caption }) => ({ url: address.originalUrl, thumb_url: thumbUrl, caption })),
    ).toEqual(old.map(({ url, thumb_url, caption }: Record<string, string>) => ({ url, thumb_url, caption })));
  });
});
