import { defined, isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';

import { creditRow, type ImdbCredit, joinRows } from './credit-row.ts';
import { readCreditsMarkup } from './credits-markup.ts';
import { identify } from './identity.ts';
import { type PageData, readPage } from './page.ts';
import { at, nodes, text, whole } from './values.ts';

/** The people of one category. */
export interface ImdbCreditCategory {
  /** `cast`, `director`, or since 2025-10 a concept id. */
  readonly id: string;
  readonly name: string;
  readonly isCast: boolean;
  readonly credits: readonly ImdbCredit[];
  /** What the category has; above the number of credits when the page shows only the first of them. */
  readonly total: number | null;
  /** Where the rest begins; null when it is whole, or unknown. */
  readonly endCursor: string | null;
  /** Index from which the rest of the cast is listed alphabetically. */
  readonly splitIndex: number | null;
}

export interface ImdbCredits {
  readonly id: string | null;
  readonly canonicalId: string | null;
  readonly locale?: string | null;
  readonly categories: readonly ImdbCreditCategory[];
}

const ROUTES = new Set(['/title/[tconst]/fullcredits', '/title/[tconst]/reference']);
const CAST_IDS = /^cast$|name_credit_(?:group|category)\.7caf7d16-5db9-4f4f-8864-d4c6e711c686$/i;

/**
 * Everybody on a full credits or reference page, by category. Must find a category with its people. `missing` names the categories of
 * which the page shows only a part.
 */
export function parseCredits(body: Uint8Array, expected?: string): Parsed<ImdbCredits> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  const result = data === null ? readCreditsMarkup(html, expected) : readCreditsData(data, expected);
  if (!result.ok) return result;
  const { categories } = result.value;
  return parsed(result.value, incomplete(categories));
}

/** Names of the categories that are not whole; the cast is called `cast` whatever the page's language. */
export function incomplete(categories: readonly ImdbCreditCategory[]): string[] {
  const short = categories.filter(({ credits, total }) => total !== null && credits.length < total);
  return [...new Set(short.map(({ isCast, name }) => (isCast ? 'cast' : name)))];
}

function readCreditsData(data: PageData, expected: string | undefined): Parsed<ImdbCredits> {
  if (data.page !== null && !ROUTES.has(data.page)) {
    return unexpected(`a page of ${data.page.slice(0, 60)} instead of a credits page`);
  }
  const content = isObject(data.props['contentData']) ? data.props['contentData'] : data.props['mainColumnData'];
  if (!isObject(content)) return lacking('contentData or mainColumnData');
  const details = isObject(at(content, 'data.title')) ? at(content, 'data.title') : content;
  const route = [data.query['tconst'], data.props['tconst']];
  const contents = [content['id'], at(content, 'entityMetadata.id'), at(content, 'data.title.id')];
  const canonical = at(content, 'entityMetadata.meta.canonicalId') ?? at(details, 'meta.canonicalId');
  const identity = identify({ route, content: contents, canonical }, expected);
  if (!identity.ok) return identity;
  const raw = (objects(at(details, 'creditCategories')) ?? []).flatMap((category) => rawCategory(category) ?? []);
  const shown = (objects(content['categories']) ?? []).flatMap((category) => shownCategory(category, raw) ?? []);
  const seen = new Set(shown.map(({ id }) => id));
  const categories = [...shown, ...raw.filter(({ id }) => !seen.has(id))].filter(({ credits }) => credits.length > 0);
  const empty = objects(content['categories'])?.length === 0;
  if (categories.length === 0 && !empty) return lacking('categories with their people (rowTitle, nm...)');
  return parsed(
    defined({
      id: identity.value?.id ?? null,
      canonicalId: identity.value?.canonicalId ?? null,
      locale: data.locale,
      categories,
    }),
  );
}

/** `{id, name, section{items[],total,endCursor,splitIndex}}`, the rows completed from the plain form of the same category. */
function shownCategory(category: JsonObject, raw: readonly ImdbCreditCategory[]): ImdbCreditCategory | undefined {
  const [id, name] = [text(category['id']), text(category['name'])];
  const items = objects(at(category, 'section.items'));
  if (id === undefined || items === undefined) return undefined;
  const plain = new Map(raw.find((other) => other.id === id)?.credits.map((credit) => [credit.nameId, credit]));
  const credits = joinRows(
    items.flatMap((item) => {
      const row = creditRow(item);
      return row === undefined ? [] : [withPlain(row, plain.get(row.nameId))];
    }),
  );
  const onScreen = items.length > 0 && items.every((item) => item['isCast'] === true);
  return {
    id,
    name: name ?? id,
    isCast: isCast(id, name) || onScreen,
    credits,
    total: totalOf(at(category, 'section.total'), items, credits),
    endCursor: text(at(category, 'section.endCursor')) ?? null,
    splitIndex: whole(at(category, 'section.splitIndex')) ?? null,
  };
}

function withPlain(row: ImdbCredit, plain: ImdbCredit | undefined): ImdbCredit {
  if (plain === undefined) return row;
  return {
    ...row,
    categoryId: row.categoryId ?? plain.categoryId,
    category: row.category ?? plain.category,
    episodeCount: row.episodeCount ?? plain.episodeCount,
    startYear: row.startYear ?? plain.startYear,
    endYear: row.startYear === null ? plain.endYear : row.endYear,
    jobs: row.jobs.length > 0 ? row.jobs : plain.jobs,
    image: row.image ?? plain.image,
  };
}

/** `{category{id}, categoryText, credits{total,edges[].node,pageInfo}}`. */
function rawCategory(category: JsonObject): ImdbCreditCategory | undefined {
  const id = text(at(category, 'category.id')) ?? text(at(category, 'category.categoryId'));
  const name = text(at(category, 'categoryText.text')) ?? text(at(category, 'category.text'));
  const items = nodes(category['credits']);
  if (id === undefined || items === undefined) return undefined;
  const credits = joinRows(items.flatMap((node) => creditRow(node) ?? []));
  return {
    id,
    name: name ?? id,
    isCast: isCast(id, name),
    credits,
    total: totalOf(at(category, 'credits.total'), items, credits),
    endCursor: at(category, 'credits.pageInfo.hasNextPage') === true ? cursorOf(category['credits']) : null,
    splitIndex: null,
  };
}

/** A person the page lists twice counts once here, so the page's own total shrinks with them. */
function totalOf(told: unknown, items: readonly unknown[], credits: readonly ImdbCredit[]): number | null {
  const total = whole(told);
  return total === undefined ? null : Math.max(credits.length, total - (items.length - credits.length));
}

function isCast(id: string, name: string | undefined): boolean {
  return CAST_IDS.test(id) || name?.toLowerCase() === 'cast';
}

function cursorOf(connection: unknown): string | null {
  return text(at(connection, 'pageInfo.endCursor')) ?? null;
}

export interface ImdbCreditsPage {
  readonly id: string | null;
  readonly credits: readonly ImdbCredit[];
  readonly total: number | null;
  /** Null on the last page. */
  readonly endCursor: string | null;
}

/** A further page of one category: the answer to the web client's credits paging. Must find `data.title.credits.edges`. */
export function readCreditsPage(title: JsonObject): Parsed<ImdbCreditsPage> {
  const items = nodes(title['credits']);
  if (items === undefined) return lacking('data.title.credits.edges');
  const credits = items.flatMap((node) => creditRow(node) ?? []);
  if (items.length > 0 && credits.length === 0) return lacking('people among data.title.credits.edges');
  const more = at(title['credits'], 'pageInfo.hasNextPage') === true;
  return parsed({
    id: text(title['id']) ?? null,
    credits,
    total: whole(at(title, 'credits.total')) ?? null,
    endCursor: more ? cursorOf(title['credits']) : null,
  });
}
