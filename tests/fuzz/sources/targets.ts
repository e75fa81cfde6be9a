import { IMDB_TARGETS } from './imdb.ts';
import type { FuzzTarget } from './target.ts';

/** Every source's pages; a source adds a file beside this one and its list here. */
export const TARGETS: readonly FuzzTarget[] = [...IMDB_TARGETS];
