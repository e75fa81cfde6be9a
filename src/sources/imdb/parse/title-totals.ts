import { isObject, type JsonObject, lacking, type Parsed, parsed } from '../../read.ts';
import { linkedId, typesOf } from './json-ld.ts';
import { jsonLd, readPage } from './page.ts';
import { seasonTotals } from './season-totals.ts';
import { networksOf } from './title-markup.ts';
import { at, decoded, text, whole } from './values.ts';

export interface ImdbTitleTotals {
  readonly title: string | null;
  /** Names of networks, publishers or producers, joined with `, `. */
  readonly network: string | null;
  readonly totalSeasons: number | null;
  readonly totalEpisodes: number | null;
}

const SERIES = new Set(['TVSeries', 'TVMiniSeries']);

/**
 * Name, network and totals of a title page (`spec/sources-imdb.md` 3.6.1): JSON-LD of a series, and where it is silent the embedded
 * data (it no longer stops the search, 6.1). Must find one of them.
 */
export function parseTitleTotals(body: Uint8Array, expected?: string): Parsed<ImdbTitleTotals> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { html, data } = page.value;
  const about = (object: JsonObject) => expected === undefined || (linkedId(object) ?? expected) === expected;
  const linked = jsonLd(html).find((object) => {
    const types = typesOf(object);
    return about(object) && (object['@type'] === undefined || types.some((type) => SERIES.has(type)));
  });
  const props = data?.props ?? {};
  const today = seasonTotals(at(props, 'mainColumnData.episodes'));
  const searched = today === undefined ? search(props) : { seasons: null, episodes: null, networks: [] };
  const networks = (linked === undefined ? undefined : networksOf(linked)) ?? searched.networks;
  const totals: ImdbTitleTotals = {
    title: decoded(linked?.['name']) ?? text(at(props, 'aboveTheFoldData.titleText.text')) ?? null,
    network: networks.length === 0 ? null : networks.join(', '),
    totalSeasons: whole(linked?.['numberOfSeasons']) ?? today?.seasonCount ?? searched.seasons,
    totalEpisodes: whole(linked?.['numberOfEpisodes']) ?? today?.episodeCount ?? searched.episodes,
  };
  const nothing = Object.values(totals).every((value) => value === null);
  return nothing ? lacking('JSON-LD of a series, or totals in the embedded data') : parsed(totals);
}

const MAX_VISITED = 200_000;

/** The predecessor's fallback: the first `numberOfSeasons`, `numberOfEpisodes` and `networks` anywhere, depth first. */
function search(root: unknown): { seasons: number | null; episodes: number | null; networks: string[] } {
  let [seasons, episodes]: [number | null, number | null] = [null, null];
  const networks: string[] = [];
  const stack: unknown[] = [root];
  for (let visited = 0; stack.length > 0 && visited < MAX_VISITED; visited++) {
    const value = stack.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isObject(value)) {
      seasons ??= whole(value['numberOfSeasons']) ?? null;
      episodes ??= whole(value['numberOfEpisodes']) ?? null;
      if (Array.isArray(value['networks']) && networks.length === 0) {
        for (const network of value['networks']) networks.push(...[decoded(at(network, 'name')) ?? []].flat());
      }
    }
    stack.push(...Object.values(value).reverse());
  }
  return { seasons, episodes, networks: [...new Set(networks)] };
}
