import { describe, expect, it } from 'vitest';
import { dayOf, readDate } from './dates.ts';
import { normalName, pageTitle, pageUrl, permalink, sameName, splitTitle, titleOfLink } from './names.ts';

describe('page addresses', () => {
  it('encodes what is no letter, digit or _ . - ~ /', () => {
    const url = (name: string) => pageUrl('isle.fandom.com', pageTitle(name));
    expect(url("D'Andra")).toBe('https://isle.fandom.com/wiki/D%27Andra');
    expect(url('  mara   quill ')).toBe('https://isle.fandom.com/wiki/Mara_quill');
    expect(url('Zoë (S2)/Gallery')).toBe('https://isle.fandom.com/wiki/Zo%C3%AB_%28S2%29/Gallery');
    expect(permalink('isle.fandom.com', 'Mara Quill', 12)).toBe('https://isle.fandom.com/wiki/Mara_Quill?oldid=12');
  });

  it('finds the title in an address, in the main namespace of any language', () => {
    expect(titleOfLink('/wiki/Mara_Quill#Trivia')).toBe('Mara Quill');
    expect(titleOfLink('https://isle.fandom.com/fr/wiki/Zo%C3%AB?x=1')).toBe('Zoë');
    for (const href of ['/index.php', '#x', 'https://x.example/', '/wiki/', '/wiki/%E0%A4%A', null]) {
      expect(titleOfLink(href)).toBeNull();
    }
  });
});

describe('names', () => {
  it('splits what is in brackets off', () => {
    expect(splitTitle('Lisa Barlow (RHOSLC)')).toEqual({ name: 'Lisa Barlow', qualifier: 'RHOSLC' });
    expect(splitTitle('Lisa Barlow')).toEqual({ name: 'Lisa Barlow', qualifier: null });
    expect(splitTitle('(x)')).toEqual({ name: '(x)', qualifier: null });
  });

  it.each([
    ['D’Andra Sïmmons', "d'andra simmons", true],
    ['Lisa Barlow', 'Lisa Deanna Barlow', true],
    ['J. Q. Sand', 'J Q Sand', true],
    ['Lisa Barlow', 'Lisa', false],
    ['Lisa Barlow', 'Barlow Lisa', false],
    ['Lisa Barlow', 'Lisa Barlow Reed', false],
    ['', '', false],
  ])('weakness 10: %s and %s: %s', (a, b, same) => {
    expect(sameName(a, b)).toBe(same);
    expect(sameName(b, a)).toBe(same);
  });

  it('folds case, accents and punctuation', () => {
    expect(normalName(' Renée  O’Hara-Ström, Jr. ')).toBe('renee ohara strom jr');
  });
});

describe('dates', () => {
  it.each([
    ['born 3 of March, 1985', '1985-03-03', 1985],
    ['Sept 9 1999', '1999-09-09', 1999],
    ['May 31st, 2000 in Bay', '2000-05-31', 2000],
    ['February 30, 1990', null, 1990],
    ['c. 1990', null, 1990],
    ['March 1990', null, 1990],
    ['3/4/1990', null, 1990],
    ['unknown', null, null],
  ])('%s', (text, day, year) => {
    expect(readDate(text)).toEqual({ day, year });
  });

  it('knows days that exist', () => {
    expect([dayOf(2000, 2, 29), dayOf(1900, 2, 29), dayOf(2001, 13, 1), dayOf(12, 1, 1)]).toEqual([
      '2000-02-29',
      null,
      null,
      null,
    ]);
  });
});
