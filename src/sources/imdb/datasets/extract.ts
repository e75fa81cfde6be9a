import { mkdir } from 'node:fs/promises';
import { BUCKETS, BucketWriter, bucketOf } from './buckets.ts';
import { DATASET_NAMES, type DatasetName, NO_VALUE } from './files.ts';
import { IdMap } from './id-map.ts';
import { type ReadCounts, readDataset } from './read-file.ts';
import type { DatasetFile } from './store.ts';

/** What a row of an extract is about; its first column. */
export const ROW = { episode: 'E', rating: 'R', title: 'T', principal: 'P', name: 'N' } as const;

/** Categories of `title.principals` whose people are seen (`spec/sources-imdb.md` 8.1); the others are crew. */
export const SEEN_CATEGORIES: ReadonlySet<string> = new Set([
  'self',
  'actor',
  'actress',
  'archive_footage',
  'archive_sound',
]);

/** The number of an IMDb id (`tt0123` is 123); NaN for anything else. */
export function idNumber(id: string): number {
  return /^(?:tt|nm)\d{1,10}$/.test(id) ? Number(id.slice(2)) : Number.NaN;
}

/**
 * Picks everything about some series out of the five datasets and leaves it in a folder, spread over files by series: episodes of the
 * series, then ratings, titles and principals of both, then the names of the people on screen. Each file is read once, as a stream.
 * Memory grows with the number of episodes and people of these series, by some bytes each.
 * @throws DatasetError
 */
export async function extractSeries(
  files: Readonly<Record<DatasetName, DatasetFile>>,
  series: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<Record<DatasetName, ReadCounts>> {
  await mkdir(folder, { recursive: true });
  const writer = new BucketWriter(folder);
  const wanted = new IdMap(series.length);
  for (const number of series.map(idNumber)) if (!Number.isNaN(number)) wanted.set(number, bucketOf(number));
  /** Series and their episodes, with the bucket they belong to. */
  const titles = new IdMap(series.length * 64);
  for (const number of series.map(idNumber)) if (!Number.isNaN(number)) titles.set(number, bucketOf(number));
  const people = new PeopleInBuckets();
  const pass = (name: DatasetName, column: string, ids: IdMap, onRow: PassRow): Promise<ReadCounts> =>
    readDataset(name, files[name].path, { column, wanted: ids, onRow, ...(signal === undefined ? {} : { signal }) });
  const copy =
    (kind: string): PassRow =>
    (columns, _id, bucket) =>
      writer.add(bucket, `${kind}\t${columns.join('\t')}`);

  try {
    const counts: Partial<Record<DatasetName, ReadCounts>> = {};
    counts['title.episode'] = await pass('title.episode', 'parentTconst', wanted, (columns, id, bucket) => {
      const episode = idNumber(columns[0] ?? '');
      if (Number.isNaN(episode)) return;
      titles.set(episode, bucket);
      copy(ROW.episode)(columns, id, bucket);
    });
    counts['title.ratings'] = await pass('title.ratings', 'tconst', titles, copy(ROW.rating));
    counts['title.basics'] = await pass('title.basics', 'tconst', titles, copy(ROW.title));
    counts['title.principals'] = await pass('title.principals', 'tconst', titles, (columns, id, bucket) => {
      if (!SEEN_CATEGORIES.has(columns[3] ?? '')) return;
      const person = idNumber(columns[2] ?? '');
      if (Number.isNaN(person)) return;
      people.add(person, bucket);
      copy(ROW.principal)(columns, id, bucket);
    });
    const { first, buckets } = people.sorted();
    counts['name.basics'] = await pass('name.basics', 'nconst', first, (columns, id, at) => {
      for (const bucket of buckets(id, at)) copy(ROW.name)(columns, id, bucket);
    });
    return counts as Record<DatasetName, ReadCounts>;
  } finally {
    writer.close();
  }
}

type PassRow = (columns: readonly string[], id: number, value: number) => void;

/** Which files of the extract a person's name belongs into: pairs of person and bucket as single numbers, sorted at the end. */
class PeopleInBuckets {
  #pairs = new Float64Array(1024);
  #count = 0;

  add(person: number, bucket: number): void {
    if (this.#count === this.#pairs.length) {
      // Most pairs repeat: people come back every episode.
      this.#shrink();
      if (this.#count * 2 > this.#pairs.length) {
        const larger = new Float64Array(this.#pairs.length * 2);
        larger.set(this.#pairs.subarray(0, this.#count));
        this.#pairs = larger;
      }
    }
    this.#pairs[this.#count++] = person * BUCKETS + bucket;
  }

  /** Where each person's pairs begin, and their buckets from there on. */
  sorted(): { first: IdMap; buckets: (person: number, at: number) => Iterable<number> } {
    this.#shrink();
    const pairs = this.#pairs.subarray(0, this.#count);
    const first = new IdMap(this.#count);
    for (let at = pairs.length - 1; at >= 0; at--) first.set(Math.floor((pairs[at] ?? 0) / BUCKETS), at);
    const buckets = function* (person: number, from: number): Iterable<number> {
      for (let at = from; at < pairs.length && Math.floor((pairs[at] ?? 0) / BUCKETS) === person; at++) {
        yield (pairs[at] ?? 0) % BUCKETS;
      }
    };
    return { first, buckets };
  }

  #shrink(): void {
    const sorted = this.#pairs.subarray(0, this.#count).sort();
    let kept = 0;
    for (let at = 0; at < sorted.length; at++) {
      if (at === 0 || sorted[at] !== sorted[at - 1]) sorted[kept++] = sorted[at] ?? 0;
    }
    this.#count = kept;
  }
}

/** A column's text, undefined when the dataset has no value there. */
export function cell(columns: readonly string[], at: number): string | undefined {
  // PostgreSQL holds no NUL in text.
  const text = columns[at]?.replaceAll('\0', '');
  return text === undefined || text === NO_VALUE || text.trim() === '' ? undefined : text;
}

/** Rows over all files that were left out because they are no rows of the dataset. */
export function oddRows(counts: Readonly<Record<DatasetName, ReadCounts>>): number {
  return DATASET_NAMES.reduce((sum, name) => sum + counts[name].odd, 0);
}
