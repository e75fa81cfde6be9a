import type { PartialDateFacts } from '../../../platform/facts.ts';
import { defined, isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { nameId, titleId } from '../ids.ts';
import { dateInText } from './dates.ts';
import { type ImdbImage, type ImdbReference, readImage } from './image.ts';
import { linkedPerson } from './json-ld.ts';
import { type PageData, readPage } from './page.ts';
import { at, decoded, distinctTexts, nodes, partialDate, pick, pickFrom, text, unfilled, whole } from './values.ts';

/** What a person's page says. Absent: not told; null: the page says that there is none. */
export interface ImdbName {
  readonly id: string;
  readonly canonicalId: string;
  readonly locale?: string | null;
  readonly name: string;
  /** `(II)` for one of several people of that name. */
  readonly disambiguator?: string | null;
  readonly born?: PartialDateFacts | null;
  readonly birthPlace?: string | null;
  readonly died?: PartialDateFacts | null;
  readonly deathPlace?: string | null;
  readonly deathCause?: string | null;
  /** As shown: `1.85 m`. */
  readonly height?: string | null;
  readonly biography?: string | null;
  readonly professions?: readonly string[];
  readonly alsoKnownAs?: readonly string[];
  readonly knownFor?: readonly ImdbKnownFor[];
  readonly primaryImage?: ImdbImage | null;
  readonly images?: readonly ImdbImage[];
  readonly imageTotal?: number | null;
  readonly spouses?: readonly {
    readonly id: string | null;
    readonly name: string;
    readonly attributes: readonly string[];
  }[];
  readonly parents?: readonly ImdbReference[];
  /** Groups of credits with their ids, which ask for a person's episodes (6.2, 16). */
  readonly creditGroups?: readonly { readonly id: string; readonly name: string; readonly total: number | null }[];
  readonly unfilled: readonly string[];
}

export interface ImdbKnownFor {
  readonly id: string;
  readonly title: string | null;
  readonly titleType: string | null;
  readonly year: number | null;
  readonly category: string | null;
  readonly characters: readonly string[];
}

const FIELDS = [
  'locale',
  'disambiguator',
  'born',
  'birthPlace',
  'died',
  'deathPlace',
  'deathCause',
  'height',
  'biography',
  'professions',
  'alsoKnownAs',
  'knownFor',
  'primaryImage',
  'images',
  'imageTotal',
  'spouses',
  'parents',
  'creditGroups',
] as const satisfies readonly (keyof ImdbName)[];

/** A person's page. Must find id and name; a page about another person than `expected` is refused. */
export function parseName(body: Uint8Array, expected?: string): Parsed<ImdbName> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  const result = data === null ? readLinkedName(html) : readNameData(data);
  if (!result.ok) return result;
  const { id, canonicalId } = result.value;
  if (expected !== undefined && expected !== id && expected !== canonicalId) {
    return unexpected(`asked for ${expected}, the page is about ${id}`);
  }
  return parsed({ ...result.value, unfilled: unfilled(result.value, FIELDS) });
}

type NameFields = Omit<ImdbName, 'unfilled'>;

function readNameData(data: PageData): Parsed<NameFields> {
  if (data.page !== null && data.page !== '/name/[nmconst]') {
    return unexpected(`a page of ${data.page.slice(0, 60)} instead of a person's page`);
  }
  const top = data.props['aboveTheFold'];
  const main = isObject(data.props['mainColumnData']) ? data.props['mainColumnData'] : {};
  if (!isObject(top)) return lacking('aboveTheFold');
  const canonical = nameId(at(top, 'meta.canonicalId'));
  const [route, ...routes] = distinctIds([data.props['nmconst'], data.query['nmconst']]);
  const contents = distinctIds([top['id'], main['id']]);
  const id = route ?? contents[0] ?? canonical;
  const strangers = contents.filter((other) => other !== id && other !== canonical);
  if (routes.length + strangers.length > 0)
    return unexpected(`the page speaks of ${[id, ...routes, ...strangers].join(' and ')}`);
  const name = decoded(at(top, 'nameText.text'));
  if (id === null || name === undefined) return lacking(id ? '' : 'id (nm...)', name ? '' : 'nameText');
  return parsed(defined({ id, canonicalId: canonical ?? id, locale: data.locale, name, ...nameFields(top, main) }));
}

function distinctIds(values: readonly unknown[]): string[] {
  return [...new Set(values.flatMap((value) => nameId(value) ?? []))];
}

function nameFields(top: JsonObject, main: JsonObject) {
  const either = <T>(path: string, read: (value: unknown) => T | undefined) => pickFrom([top, main], path, read);
  const known = objects(at(main, 'knownForFeatureV2.credits')) ?? nodes(main['knownFor']);
  const poster = either('primaryImage', readImage);
  return {
    disambiguator: either('disambiguator.text', text) ?? pick(top, 'disambiguator', text),
    born: either('birthDate', dateOf),
    birthPlace: either('birthLocation.text', decoded),
    died: either('deathDate', dateOf),
    deathPlace: either('deathLocation.text', decoded) ?? pick(main, 'deathLocation', decoded),
    deathCause: either('deathCause.text', decoded) ?? pick(main, 'deathCause', decoded),
    height: either('height.displayableProperty.value.plainText', decoded) ?? pick(main, 'height', decoded),
    biography: either('bio.text.plainText', decoded),
    professions: distinctTexts(objects(top['primaryProfessions']), (item) => text(at(item, 'category.text'))),
    alsoKnownAs: distinctTexts(
      nodes(main['akas']),
      (node) => decoded(at(node, 'displayableProperty.value.plainText')) ?? decoded(at(node, 'text')),
    ),
    knownFor: known?.flatMap((credit) => knownForOf(credit) ?? []),
    primaryImage: poster,
    images: nodes(main['images'])?.flatMap((node) => readImage(node) ?? []),
    imageTotal: either('images.total', whole),
    spouses: objects(main['personalDetailsSpouses'])?.flatMap((item) => {
      const name = decoded(at(item, 'spouse.asMarkdown.plainText')) ?? decoded(at(item, 'spouse.name.nameText.text'));
      if (name === undefined) return [];
      const attributes = distinctTexts(objects(item['attributes']), (attribute) => text(at(attribute, 'text'))) ?? [];
      return [{ id: nameId(at(item, 'spouse.name.id')), name, attributes }];
    }),
    parents: nodes(main['parents'])?.flatMap((node) => {
      const id = nameId(at(node, 'relationName.name.id'));
      return id === null
        ? []
        : [{ id, name: decoded(at(node, 'relationName.displayableProperty.value.plainText')) ?? null }];
    }),
    creditGroups: nodes(main['groupings'])?.flatMap((node) => {
      const [id, name] = [text(at(node, 'grouping.groupingId')), text(at(node, 'grouping.text'))];
      return id === undefined || name === undefined
        ? []
        : [{ id, name, total: whole(at(node, 'credits.total')) ?? null }];
    }),
  };
}

/** Parts, else the date as written. */
function dateOf(value: unknown): PartialDateFacts | undefined {
  return partialDate(value) ?? dateInText(text(at(value, 'date')) ?? '') ?? undefined;
}

function knownForOf(credit: JsonObject): ImdbKnownFor | undefined {
  const id = titleId(at(credit, 'title.id'));
  if (id === null) return undefined;
  const [role] = nodes(credit['creditedRoles']) ?? [];
  const characters = nodes(role?.['characters']) ?? [];
  return {
    id,
    title: decoded(at(credit, 'title.titleText.text')) ?? null,
    titleType: text(at(credit, 'title.titleType.id')) ?? null,
    year: whole(at(credit, 'title.releaseYear.year')) ?? null,
    category: text(at(role, 'category.text')) ?? null,
    characters: distinctTexts(characters, (node) => decoded(at(node, 'name'))) ?? [],
  };
}

/** Pages from before the embedded data: what JSON-LD says of a person. */
function readLinkedName(html: string): Parsed<NameFields> {
  const person = linkedPerson(html);
  const id = nameId(/\/name\/(nm\d+)/.exec(text(person?.['url']) ?? '')?.[1]);
  const name = decoded(person?.['name']);
  if (person === null || id === null || name === undefined) return lacking('JSON-LD of a person with url and name');
  const jobs = Array.isArray(person['jobTitle']) ? person['jobTitle'] : [person['jobTitle']];
  return parsed(
    defined({
      id,
      canonicalId: id,
      name,
      born: pick(person, 'birthDate', (value) => dateInText(text(value) ?? '') ?? undefined),
      died: pick(person, 'deathDate', (value) => dateInText(text(value) ?? '') ?? undefined),
      birthPlace: pick(person, 'birthPlace', decoded),
      biography: pick(person, 'description', decoded),
      professions: person['jobTitle'] === undefined ? undefined : distinctTexts(jobs, decoded),
      primaryImage: readImage({ url: person['image'] }),
    }),
  );
}
