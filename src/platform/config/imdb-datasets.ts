import { resolve } from 'node:path';
import type { EnvReader } from './read.ts';

export interface ImdbDatasetsConfig {
  /** `IMDB_DATASETS_BASE_URL`, where the files are downloaded from. */
  readonly baseUrl: string;
  /** `IMDB_DATASETS_DIR`: a folder with files an operator brought; nothing is downloaded then. Null: none. */
  readonly folder: string | null;
}

export function readImdbDatasets(env: EnvReader): ImdbDatasetsConfig {
  const folder = env.text('IMDB_DATASETS_DIR');
  return {
    baseUrl: env.url('IMDB_DATASETS_BASE_URL', null) ?? 'https://datasets.imdbws.com',
    folder: folder === null ? null : resolve(folder),
  };
}
