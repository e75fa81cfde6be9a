import { lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { CAST_GROUP, categoryId, nameInHref } from '../ids.ts';
import { type ImdbCredit, joinRows, remarksIn } from './credit-row.ts';
import type { ImdbCredits } from './credits.ts';
import { all, attribute, type Element, first, hasClass, parseHtml, readableText, spacedText, testId } from './html.ts';
import { identifyMarkup } from './identity.ts';
import { readImage } from './image.ts';

/** Cast lists in HTML (`spec/sources-imdb.md` 3.5): the marked list, then the table of older pages. */
export function readCreditsMarkup(html: string, expected: string | undefined): Parsed<ImdbCredits> {
  const document = parseHtml(html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  const identity = identifyMarkup(document, expected);
  if (!identity.ok) return identity;
  const id = castGroup(document) ?? CAST_GROUP;
  const list = first(document, (element) => testId(element) === `sub-section-${id}`);
  const table = first(document, (element) => element.name === 'table' && hasClass(element, 'cast_list'));
  if (list === null && table === null) return lacking(`a list sub-section-${id} or a table cast_list`);
  const marked = list === null ? [] : all(list, (element) => testId(element) === 'name-credits-list-item');
  const rows =
    marked.length > 0 ? marked.flatMap(markedRow) : (table === null ? [] : all(table, isRow)).flatMap(tableRow);
  if (rows.length === 0) return lacking('people in the cast list');
  const credits = joinRows(rows);
  const category = { id, name: 'Cast', isCast: true, credits, total: null, endCursor: null, splitIndex: null };
  const { id: title = null, canonicalId = null } = identity.value ?? {};
  return parsed({ id: title, canonicalId, categories: [category] });
}

const isCharacterLink = ({ name, attributes }: Element) =>
  name === 'a' && (attributes['href'] ?? '').includes('/characters/');

const isRow = ({ name }: Element) => name === 'tr';

/** Id of the group that holds the cast: from the page's jump list, else from the heading over the list. */
function castGroup(document: Element): string | null {
  const jump = first(document, ({ name, attributes }) => name === 'select' && attributes['id'] === 'jump-to');
  for (const option of jump === null ? [] : all(jump, ({ name }) => name === 'option')) {
    const id = categoryId(attribute(option, 'value').replace(/^#/, ''));
    if (id !== null && /cast/i.test(spacedText(option))) return id;
  }
  const heading = first(document, (element) => {
    return categoryId(attribute(element, 'id')) !== null && /^cast$/i.test(spacedText(element));
  });
  return heading === null ? null : categoryId(attribute(heading, 'id'));
}

function markedRow(item: Element): ImdbCredit[] {
  const person = personOf(item);
  if (person === null) return [];
  const character = first(item, isCharacterLink);
  const around = character?.parent?.parent ?? null;
  const role = character === null ? '' : spacedText(around === null || around === item ? character : around);
  return [rowOf(person, role, item)];
}

/** Older rows begin with a photo whose link has no text, so the name is the first link that has (6.1). */
function tableRow(row: Element): ImdbCredit[] {
  const person = personOf(row);
  const cell = all(row, ({ name }) => name === 'td').at(-1);
  return person === null || cell === undefined ? [] : [rowOf(person, readableText(cell), row)];
}

function personOf(row: Element): { id: string; name: string } | null {
  for (const link of all(row, ({ name }) => name === 'a')) {
    const id = nameInHref(`${attribute(link, 'href')}/`);
    const name = spacedText(link);
    if (id !== null && name !== '') return { id, name };
  }
  return null;
}

/** `Self - Host (as Jane) 12 episodes, 2019-2021`. */
function rowOf(person: { id: string; name: string }, text: string, row: Element): ImdbCredit {
  const role = text.slice(0, 2000);
  const [, count, start, end] = /(\d{1,5})\s+episodes?(?:,\s*(\d{4})(?:\s*[\u2013-]\s*(\d{4}))?)?/.exec(role) ?? [];
  const line = role.replace(/\s*(?:\/\s*\.\.\.)?\s*\(?\d{1,5}\s+episodes?.*$/s, '').trim();
  const { words, remarks } = remarksIn(line);
  const picture = first(row, ({ name }) => name === 'img');
  return {
    nameId: person.id,
    name: person.name,
    characters: words.flatMap((part) => part.split(' / ')),
    jobs: [],
    attributes: remarks,
    categoryId: null,
    category: null,
    episodeCount: count === undefined ? null : Number(count),
    startYear: start === undefined ? null : Number(start),
    endYear: end === undefined ? null : Number(end),
    image:
      (picture === null
        ? undefined
        : readImage({ url: attribute(picture, 'loadlate') || attribute(picture, 'src') })) ?? null,
  };
}
