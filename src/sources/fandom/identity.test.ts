import { describe, expect, it } from 'vitest';
import { personFacts } from './facts.ts';
import { identityOf } from './identity.ts';
import { parsePerson } from './parse/person.ts';

/** A page made of title and infobox lines. */
function page(title: string, lines: Record<string, string>, categories: readonly string[] = []) {
  const items = Object.entries({ gender: 'Female', ...lines }).map(
    ([key, value]) =>
      `<div class="pi-item pi-data" data-source="${key}"><div class="pi-data-value">${value}</div></div>`,
  );
  const text = `<div class="mw-parser-output"><aside class="portable-infobox">${items.join('')}</aside></div>`;
  const answer = {
    parse: { title, pageid: 1, revid: 2, text, categories: categories.map((category) => ({ category })) },
  };
  const read = parsePerson(Buffer.from(JSON.stringify(answer)));
  if (!read.ok) throw new Error(read.problem);
  return personFacts('isle.fandom.com', title, read.value, new Map());
}
const wanted = (more: object = {}) => ({
  names: ['Mara Quill'],
  showNames: ['Island of Plans'],
  birthDate: '1985-03-03',
  ...more,
});
const verdict = (...args: Parameters<typeof identityOf>) => identityOf(...args).verdict;
const born = 'March 3, 1985 (Age 41)';
const show = '<a href="/wiki/Island_of_Plans">Island of Plans</a>';

describe('identityOf (weaknesses 10, 11)', () => {
  it.each([
    ['show and birth date', { born, installment: show }, 'confirmed'],
    ['show alone', { installment: show }, 'confirmed'],
    ['birth date alone', { born }, 'confirmed'],
    ['a season of the show', { season: 'Island of Plans 27 (US)' }, 'confirmed'],
    ['neither', {}, 'uncertain'],
    ['the year alone', { born: '1985' }, 'uncertain'],
    ['a spin-off', { installment: 'Celebrity Island of Plans' }, 'uncertain'],
    ['another day', { born: 'March 4, 1985', installment: show }, 'other'],
    ['another year', { born: '1984', installment: show }, 'other'],
    ['another show', { installment: 'Coast of Dreams' }, 'other'],
    ['another show and the birth date', { born, installment: 'Coast of Dreams' }, 'uncertain'],
  ])('of a namesake with %s', (_, lines, expected) => {
    expect(verdict(page('Mara Quill', lines), wanted())).toBe(expected);
  });

  it('another name is another person, unless show and birth date both agree', () => {
    expect(verdict(page('Ola Quill', { installment: show }), wanted())).toBe('other');
    expect(verdict(page('Ola Quill', { installment: show, born }), wanted())).toBe('uncertain');
    expect(verdict(page('Ola Quill', { nickname: 'Mara Quill', born }), wanted())).toBe('confirmed');
  });

  it('what stands in brackets and categories place a person', () => {
    expect(verdict(page('Mara Quill (Island of Plans)', {}), wanted({ birthDate: null }))).toBe('confirmed');
    expect(verdict(page('Mara Quill', {}, ['Island_of_Plans_cast_members']), wanted({ birthDate: null }))).toBe(
      'confirmed',
    );
  });

  it('national versions are different shows', () => {
    const us = page('Mara Quill', { season: 'Island of Plans 27 (US)' });
    expect(verdict(us, wanted({ showNames: ['Island of Plans (US)'] }))).toBe('confirmed');
    expect(verdict(us, wanted({ showNames: ['Island of Plans (UK)'], birthDate: null }))).not.toBe('confirmed');
  });

  it('says why', () => {
    expect(identityOf(page('Mara Quill', { born: 'March 4, 1985', installment: show }), wanted()).reasons).toEqual([
      'bears the name "Mara Quill"',
      'born 1985-03-04, not 1985-03-03',
      'appears in "Island of Plans"',
    ]);
  });
});
