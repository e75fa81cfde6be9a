import Type from 'typebox';

/** Notices that sources require beside their data (design 8, Rights), by the source name in provenance. */
export const ATTRIBUTIONS: Readonly<Record<string, { readonly text: string; readonly url: string }>> = {
  tmdb: {
    text: 'This product uses the TMDB API but is not endorsed or certified by TMDB.',
    url: 'https://www.themoviedb.org',
  },
  justwatch: { text: 'Watch provider data by JustWatch.', url: 'https://www.justwatch.com' },
  'imdb-datasets': {
    text: 'Information courtesy of IMDb (https://www.imdb.com). Used with permission.',
    url: 'https://www.imdb.com',
  },
  'imdb-web': {
    text: 'Information courtesy of IMDb (https://www.imdb.com). Used with permission.',
    url: 'https://www.imdb.com',
  },
  fandom: { text: 'From Fandom, licensed under CC BY-SA.', url: 'https://www.fandom.com/licensing' },
};

/** The table above as an SQL row source `(source, text, url)`; constants of ours, quoted. */
export const ATTRIBUTION_VALUES = Object.entries(ATTRIBUTIONS)
  .map(([source, { text, url }]) => `('${source}', '${text.replaceAll("'", "''")}', '${url}')`)
  .join(', ');

/** One notice, as it is answered. */
export const Attribution = Type.Object(
  { source: Type.String(), text: Type.String(), url: Type.String() },
  { additionalProperties: false },
);
