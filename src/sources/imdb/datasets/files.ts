/** Columns of IMDb's datasets as their header line must name them (`spec/sources-imdb.md` 8.1). */
export const DATASETS = {
  'title.episode': ['tconst', 'parentTconst', 'seasonNumber', 'episodeNumber'],
  'title.ratings': ['tconst', 'averageRating', 'numVotes'],
  'title.basics': [
    'tconst',
    'titleType',
    'primaryTitle',
    'originalTitle',
    'isAdult',
    'startYear',
    'endYear',
    'runtimeMinutes',
    'genres',
  ],
  'title.principals': ['tconst', 'ordering', 'nconst', 'category', 'job', 'characters'],
  'name.basics': ['nconst', 'primaryName', 'birthYear', 'deathYear', 'primaryProfession', 'knownForTitles'],
} as const;

export type DatasetName = keyof typeof DATASETS;

/** In the order in which they are read: each may depend on what the ones before it brought. */
export const DATASET_NAMES = Object.keys(DATASETS) as readonly DatasetName[];

export const DATASETS_BASE_URL = 'https://datasets.imdbws.com';

/** How IMDb writes "no value". */
export const NO_VALUE = '\\N';
