import type { Element } from './html.ts';

/** A page of a wiki before anything is read from its article. */
export interface WikiPage {
  /** Null where the body does not tell (the text of `api.php?action=parse` alone). */
  readonly title: string | null;
  readonly pageId: number | null;
  readonly revisionId: number | null;
  /** Titles that lead here. */
  readonly redirects: readonly string[];
  /** Its own address as the page states it. */
  readonly url: string | null;
  readonly categories: readonly string[];
  /** Templates used, as far as told; without `Template:`. */
  readonly templates: readonly string[];
  /** `abstract` and `description` of linked data. */
  readonly descriptions: readonly string[];
  /** The article alone, where its bounds are known. */
  readonly article: Element;
}

export interface PageOptions {
  /** The wiki's picture store (`bigbrother`), for pictures of wikitext, which have no address. */
  readonly store?: string;
  /** The page's title, for bodies that do not tell it (wikitext alone). */
  readonly title?: string;
}
