import type { WikiPersonFacts } from '../../platform/wiki-facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/**
 * `core.cast_fandom` follows the page it was read from: what the page no longer says is gone (`spec/sources-fandom.md` 10, 15), what could not
 * be read stays.
 */
export const WIKI_RULES: RowRules = Object.fromEntries(
  [
    'source_url',
    'page_title',
    'page_revision_id',
    'page_id',
    'wiki',
    'permalink',
    'attribution',
    'full_name',
    'nicknames',
    'birthdate',
    'birthdate_display',
    'deathdate',
    'gender',
    'resides_in',
    'occupation',
    'hair_color',
    'eye_color',
    'height_display',
    'weight_display',
    'romances',
    'family',
    'friends',
    'enemies',
    'installment',
    'installment_url',
    'main_seasons_display',
    'summary',
    'taglines',
    'reunion_seating',
    'trivia',
    'infobox_raw',
    'raw_html_sha256',
  ].map((column) => [column, 'mirror' as const]),
);

export function wikiValues(facts: WikiPersonFacts): RowValues {
  const { origin } = facts;
  return {
    source_url: origin.pageUrl,
    page_title: origin.pageTitle,
    page_revision_id: origin.revisionId === null ? null : String(origin.revisionId),
    page_id: origin.pageId === null ? undefined : String(origin.pageId),
    wiki: origin.wiki,
    permalink: origin.permalink,
    attribution: origin.attribution,
    full_name: facts.fullName === undefined ? facts.name : (facts.fullName ?? facts.name),
    nicknames: facts.nicknames,
    birthdate: facts.birthDate,
    birthdate_display: facts.birthDateDisplay,
    deathdate: facts.deathDate,
    gender: facts.gender,
    resides_in: facts.residesIn,
    occupation: facts.occupation,
    hair_color: facts.hairColor,
    eye_color: facts.eyeColor,
    height_display: facts.heightDisplay,
    weight_display: facts.weightDisplay,
    romances: facts.romances,
    family: facts.family,
    friends: facts.friends,
    enemies: facts.enemies,
    installment: facts.installment,
    installment_url: facts.installmentUrl,
    main_seasons_display: facts.mainSeasonsDisplay,
    summary: facts.summary,
    taglines: taglines(facts),
    reunion_seating: seating(facts),
    trivia: facts.trivia,
    infobox_raw: facts.infoboxRaw,
    raw_html_sha256: facts.contentSha256,
  };
}

/** Members named as the predecessor's rows have them (`spec/sources-fandom.md` 4.2). */
function taglines({ taglines: lines }: WikiPersonFacts): unknown {
  return lines?.map(({ season, openingOrder, tagline }) => ({ season, opening_order: openingOrder, tagline })) ?? lines;
}

function seating({ reunionSeating: seats }: WikiPersonFacts): unknown {
  return seats?.map(({ season, side, seatOrder }) => ({ season, side, seat_order: seatOrder })) ?? seats;
}
