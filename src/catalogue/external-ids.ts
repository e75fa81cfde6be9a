import Type from 'typebox';

/** Ids elsewhere by scheme (`imdb`, `tmdb`, `tvdb`, `wikidata`, ...); unknown ones are absent. */
export const ExternalIds = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
  description: 'Ids elsewhere by scheme: imdb, tmdb, tvdb, tvrage, wikidata, facebook, instagram, twitter, ...',
});
