import { distinctBy, lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { titleInHref } from '../ids.ts';
import { dateInText } from './dates.ts';
import type { ImdbEpisode } from './episode.ts';
import type { EpisodesAsked, ImdbEpisodes } from './episodes.ts';
import { all, attribute, closest, type Element, first, parseHtml, spacedText } from './html.ts';
import { identifyMarkup } from './identity.ts';
import { readImage } from './image.ts';
import { countSeasons, distinctOptions, type ImdbSeasonOption, seasonOption } from './season-totals.ts';
import { text, whole } from './values.ts';

/** Cards of one page at most; a season of a daily format has some hundreds. */
const MAX_LINKS = 3000;

/** Episodes pages in HTML (`spec/sources-imdb.md` 3.6.2): season controls, and links with a number or a date beside them. */
export function readEpisodesMarkup(html: string, asked: EpisodesAsked): Parsed<ImdbEpisodes> {
  const document = parseHtml(html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  const identity = identifyMarkup(document, asked.id);
  if (!identity.ok) return identity;
  const { options, current } = seasonControls(document);
  const only = options.length === 1 ? (options[0]?.number ?? null) : null;
  const season = asked.season !== undefined ? asked.season : (current?.number ?? only);
  const links = all(document, ({ name, attributes }) => name === 'a' && titleInHref(attributes['href']) !== null);
  const facts = new Map<Element, CardFacts>();
  const cards = links.slice(0, MAX_LINKS).flatMap((link) => cardOf(link, season, facts) ?? []);
  const episodes = distinctBy(cards, ({ id }) => id);
  if (options.length === 0 && episodes.length === 0) return lacking('season controls or episodes');
  const { id = null, canonicalId = null } = identity.value ?? {};
  return parsed({
    id,
    canonicalId,
    seasons: options,
    seasonCount: countSeasons(options),
    years: [],
    episodeCount: null,
    unknownSeasonEpisodes: null,
    current,
    episodes,
    total: null,
    endCursor: null,
  });
}

/** Boxes and links that choose a season; a box of years is none (6.2, 5). */
function seasonControls(document: Element): { options: ImdbSeasonOption[]; current: ImdbSeasonOption | null } {
  const boxes = all(document, (element) => element.name === 'select' && /season/i.test(nameOf(element)));
  const choices = boxes.flatMap((box) => all(box, ({ name }) => name === 'option'));
  const links = all(document, ({ name }) => name === 'a').flatMap((link) => {
    const [, value] = /[?&]season=([^&#]{1,20})/.exec(attribute(link, 'href')) ?? [];
    return value ?? [];
  });
  const selected = choices.find(({ attributes }) => attributes['selected'] !== undefined);
  return {
    options: distinctOptions([...choices.map(labelOf), ...links]),
    current: selected === undefined ? null : (seasonOption(labelOf(selected)) ?? null),
  };
}

function nameOf(box: Element): string {
  return ['id', 'name', 'data-testid', 'aria-label'].map((key) => attribute(box, key)).join(' ');
}

function labelOf(option: Element): string {
  return /^unknown\b/i.test(spacedText(option))
    ? spacedText(option)
    : (option.attributes['value'] ?? spacedText(option));
}

const isContainer = ({ name }: Element) => name === 'article' || name === 'div' || name === 'li';

/** A link with a text, and beside it a number or a date; today's cards have both in the text: `S1.E2 ∙ Title`. */
function cardOf(link: Element, season: number | null, facts: Map<Element, CardFacts>): ImdbEpisode | undefined {
  const label = text(spacedText(link));
  const card = closest(link, isContainer) ?? link.parent ?? link;
  if (label === undefined) return undefined;
  const [, ownSeason, ownNumber, ownTitle] =
    /^S(\d{1,3})\.\s?E(\d{1,4})\s*[\u2219\u00b7\u2022:-]\s*(.+)$/.exec(label) ?? [];
  const known = facts.get(card) ?? factsOf(card);
  facts.set(card, known);
  const { released, picture } = known;
  const episode = whole(ownNumber) ?? known.number ?? null;
  if (episode === null && released === null) return undefined;
  return {
    id: titleInHref(attribute(link, 'href')),
    season: whole(ownSeason) ?? season,
    episode,
    type: null,
    title: ownTitle ?? label,
    overview: null,
    released,
    ratingValue: null,
    ratingCount: null,
    image: picture,
  };
}

/** What stands around a link. Read once per card: a page may put all of its links into one. */
interface CardFacts {
  readonly number: number | undefined;
  readonly released: ImdbEpisode['released'];
  readonly picture: ImdbEpisode['image'];
}

function factsOf(card: Element): CardFacts {
  const picture = first(card, ({ name }) => name === 'img');
  const image = picture === null ? undefined : readImage({ url: attribute(picture, 'src') });
  return { number: numberOf(card), released: dateOf(card), picture: image ?? null };
}

function numberOf(card: Element): number | undefined {
  for (const key of ['data-episode-number', 'data-episode', 'data-episode-num']) {
    const number = whole(card.attributes[key]);
    if (number !== undefined) return number;
  }
  const marked = first(card, ({ attributes }) => attributes['itemprop'] === 'episodeNumber');
  return marked === null ? undefined : whole(marked.attributes['content'] ?? spacedText(marked));
}

/** What is marked as a date, else the first short text that is one (6.2, 3 and 4). */
function dateOf(card: Element): ImdbEpisode['released'] {
  const marked = first(card, (element) => /airdate|date/i.test(attribute(element, 'class')));
  if (marked !== null) return dateInText(spacedText(marked));
  for (const part of all(card, ({ name }) => name !== 'a').slice(0, 50)) {
    const words = spacedText(part);
    const date = words.length <= 40 && /\d{4}/.test(words) ? dateInText(words) : null;
    if (date !== null && date.day !== null) return date;
  }
  const [iso] = /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/.exec(spacedText(card)) ?? [];
  return iso === undefined ? null : dateInText(iso);
}
