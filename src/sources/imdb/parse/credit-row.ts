import { isObject, type JsonObject, objects } from '../../read.ts';
import { nameId } from '../ids.ts';
import { type ImdbImage, readImage } from './image.ts';
import { at, decoded, distinctTexts, nodes, text, whole, year } from './values.ts';

/** One person in one category of a title's credits. */
export interface ImdbCredit {
  readonly nameId: string;
  readonly name: string;
  readonly characters: readonly string[];
  /** Off screen: what they did. */
  readonly jobs: readonly string[];
  /** Without the parentheses: `as Jane`, `uncredited`, `archive footage`. */
  readonly attributes: readonly string[];
  /** The row's own category, `self`, `actor`, ... or a concept id; asks for its episodes (`spec/sources-imdb.md` 6.2, 16). */
  readonly categoryId: string | null;
  readonly category: string | null;
  readonly episodeCount: number | null;
  readonly startYear: number | null;
  readonly endYear: number | null;
  readonly image: ImdbImage | null;
}

/**
 * A row in any of the forms pages use: the shown item (`rowTitle`, `characters`, `episodicCreditData`), the plain node (`name`,
 * `category`, `episodeCredits`) and the newer one with `creditedRoles`. Undefined without a person.
 */
export function creditRow(item: JsonObject): ImdbCredit | undefined {
  const person = isObject(item['name']) ? item['name'] : item;
  const id = nameId(person['id']) ?? nameId(item['id']);
  const name = decoded(item['rowTitle']) ?? decoded(at(person, 'nameText.text'));
  if (id === null || name === undefined) return undefined;
  const roles = nodes(item['creditedRoles']) ?? [];
  const jobDetails = objects(item['jobDetails']) ?? [];
  const characters = [...listOf(item['characters']), ...roles.flatMap((role) => listOf(role['characters']))];
  // Shown crew rows put the job before the remarks: `screenplay (as Jane)`.
  const job =
    item['isCast'] === false && typeof item['attributes'] === 'string' ? remarksIn(item['attributes']).words : [];
  const offScreen = job.map((words) => ({ job: { text: words } }));
  const category = [at(item, 'episodicCreditData.jobCategory'), item['category'], at(roles[0], 'category')].find(
    isObject,
  );
  return {
    nameId: id,
    name,
    characters: distinctTexts(characters, (value) => decoded(value) ?? decoded(at(value, 'name'))) ?? [],
    jobs: distinctTexts([...jobDetails, ...roles, ...offScreen], (value) => decoded(at(value, 'job.text'))) ?? [],
    attributes: attributesOf([item, ...jobDetails, ...roles], item['isCast'] === false),
    categoryId: text(category?.['id']) ?? text(category?.['categoryId']) ?? null,
    category: text(category?.['label']) ?? text(category?.['text']) ?? null,
    ...episodesOf(item),
    image: readImage(at(item, 'imageProps.imageModel') ?? person['primaryImage']) ?? null,
  };
}

/** A list of texts or objects, or a connection. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : (nodes(value) ?? []);
}

function attributesOf(parts: readonly JsonObject[], withJob: boolean): string[] {
  const texts = parts.flatMap(({ attributes }) => {
    if (typeof attributes !== 'string') {
      return listOf(attributes).flatMap((value) => decoded(at(value, 'text')) ?? decoded(value) ?? []);
    }
    const { words, remarks } = remarksIn(attributes);
    return withJob ? remarks : [...words, ...remarks];
  });
  return [...new Set(texts)];
}

/** `screenplay (as Jane) (uncredited)`: what stands outside and inside the parentheses. */
export function remarksIn(line: string): { words: string[]; remarks: string[] } {
  const plain = decoded(line.slice(0, 2000)) ?? '';
  const parts = (texts: readonly string[]) =>
    texts.flatMap((part) => decoded(part.replace(/^[\s/,&]+|[\s/,&]+$/g, '').replace(/\s+/g, ' ')) ?? []);
  return {
    words: parts(plain.split(/\([^()]*\)/)),
    remarks: parts([...plain.matchAll(/\(([^()]*)\)/g)].map(([, remark]) => remark ?? '')),
  };
}

type Episodes = Pick<ImdbCredit, 'episodeCount' | 'startYear' | 'endYear'>;

/** Count and years of a series' credit (6.2, 14); a film says 0, which is no count. */
function episodesOf(item: JsonObject): Episodes {
  const shown = item['episodicCreditData'];
  const [start, end] = yearsIn(text(at(shown, 'tenureText')) ?? '');
  const count = whole(at(shown, 'episodeCount')) ?? whole(at(item, 'episodeCredits.total')) ?? 0;
  const range = at(item, 'episodeCredits.yearRange');
  const startYear = start ?? year(at(range, 'year')) ?? null;
  return {
    episodeCount: count === 0 ? null : count,
    startYear,
    endYear: end ?? year(at(range, 'endYear')) ?? null,
  };
}

/** `2010–2022`, `2019`, `2019– `. */
export function yearsIn(tenure: string): [number | undefined, number | undefined] {
  const [, start, , end] = /^(\d{4})(\s*[\u2013\u2014-]\s*(\d{4})?)?/.exec(tenure) ?? [];
  return [year(start), year(end)];
}

/** A person listed twice in a category is one credit: roles joined, the highest count, the widest years (6.2, 13). */
export function joinRows(rows: readonly ImdbCredit[]): ImdbCredit[] {
  const joined = new Map<string, ImdbCredit>();
  for (const row of rows) {
    const known = joined.get(row.nameId);
    joined.set(row.nameId, known === undefined ? row : joinTwo(known, row));
  }
  return [...joined.values()];
}

function joinTwo(a: ImdbCredit, b: ImdbCredit): ImdbCredit {
  const widest = (pick: (...values: number[]) => number, x: number | null, y: number | null) =>
    x === null || y === null ? (x ?? y) : pick(x, y);
  return {
    ...a,
    characters: [...new Set([...a.characters, ...b.characters])],
    jobs: [...new Set([...a.jobs, ...b.jobs])],
    // A remark counts for the whole credit only when every row has it.
    attributes: a.attributes.filter((remark) => b.attributes.includes(remark)),
    categoryId: a.categoryId ?? b.categoryId,
    category: a.category ?? b.category,
    episodeCount: widest(Math.max, a.episodeCount, b.episodeCount),
    startYear: widest(Math.min, a.startYear, b.startYear),
    endYear: widest(Math.max, a.endYear, b.endYear),
    image: a.image ?? b.image,
  };
}

const SELF_CATEGORY = /^self$|name_credit_(?:group|category)\.d6017bdb-c3e7-4ca5-944b-68d74b9de6b6$/i;
const SELF_ROLE = /^(?:self|himself|herself|themself|themselves|itself)(?![\p{L}\p{N}])/iu;

/** Whether somebody appears as themselves: by category, else by the role's first word; "Selfish Woman" is a part (6.2, 12). */
export function isSelf(credit: Pick<ImdbCredit, 'categoryId' | 'category' | 'characters'>): boolean {
  if (SELF_CATEGORY.test(credit.categoryId ?? '') || SELF_CATEGORY.test(credit.category ?? '')) return true;
  return credit.characters.some((character) => SELF_ROLE.test(character));
}

export function isArchive(credit: Pick<ImdbCredit, 'categoryId' | 'category' | 'attributes'>): boolean {
  const words = [credit.categoryId ?? '', credit.category ?? '', ...credit.attributes];
  return words.some((word) => /archive[ _](?:footage|sound)|6e871823-beae-458a-b972-2cdd635ec0d7/i.test(word));
}

export function isUncredited(credit: Pick<ImdbCredit, 'attributes' | 'characters'>): boolean {
  return [...credit.attributes, ...credit.characters].some((word) => /\buncredited\b/i.test(word));
}

/** As pages print it: `Self (as Jane)`; null when the row has neither character nor remark. */
export function roleText(credit: Pick<ImdbCredit, 'characters' | 'jobs' | 'attributes'>): string | null {
  const roles = credit.characters.length > 0 ? credit.characters : credit.jobs;
  const parts = [roles.join(' / '), ...credit.attributes.map((remark) => `(${remark})`)];
  return parts.filter((part) => part !== '').join(' ') || null;
}
