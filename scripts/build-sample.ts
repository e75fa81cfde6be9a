/**
 * Writes `sample/snapshots`: what TMDb would answer about the sample's two shows, and IMDb and Fandom about the made-up one, in the
 * snapshot folder format that
 * `--snapshots` reads. Usage: `node scripts/build-sample.ts [--check]`; `--check` compares instead of writing (exit 1 when stale).
 * The output is a pure function of the committed data: same input, same bytes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DATASETS_BASE_URL } from '../src/sources/imdb/datasets/files.ts';
import { routeOf } from '../tests/simulator/router.ts';
import type { World } from '../tests/simulator/world/world.ts';
import { LANTERN_LIST, lanternDatasets, lanternListPage, lanternTitlePage } from './sample/made-up-imdb.ts';
import { LANTERN_PEOPLE } from './sample/made-up-people.ts';
import { LANTERN_ID, LANTERN_IMDB } from './sample/made-up-show.ts';
import { lanternWiki } from './sample/made-up-wiki.ts';
import { SAMPLE_DAY, SAMPLE_IMDB_IDS, SAMPLE_LIST, SAMPLE_SHOWS, sampleWorld } from './sample/world.ts';

export const SAMPLE_DIR = path.join(import.meta.dirname, '..', 'sample', 'snapshots');

const API = 'https://api.themoviedb.org/3';
const RECORDED_AT = `${SAMPLE_DAY}T00:00:00.000Z`;
/** What the TMDb client asks for; another set of blocks is answered too, absent ones reported. */
const SHOW_BLOCKS = 'aggregate_credits,alternative_titles,content_ratings,external_ids,images,keywords,watch/providers';
const SEASON_BLOCKS = 'aggregate_credits,external_ids,images';
const LANGUAGES = 'include_image_language=en,null&language=en-US';

interface Asked {
  /** Path below the API base. */
  readonly path: string;
  readonly query: string;
  /** Body file name without folder and extension. */
  readonly file: string;
}

/** Everything the sample answers, in the order of the index. */
function questions(world: World): Asked[] {
  const asked: Asked[] = [
    { path: `/list/${SAMPLE_LIST}`, query: 'language=en-US&page=1', file: `list-${SAMPLE_LIST}` },
  ];
  for (const [i, id] of SAMPLE_SHOWS.entries()) {
    const imdbId = SAMPLE_IMDB_IDS[i] ?? '';
    asked.push({ path: `/find/${imdbId}`, query: 'external_source=imdb_id&language=en-US', file: `find-${imdbId}` });
    asked.push({ path: `/tv/${id}`, query: `append_to_response=${SHOW_BLOCKS}&${LANGUAGES}`, file: `tv-${id}` });
    asked.push({ path: `/tv/${id}/external_ids`, query: '', file: `tv-${id}-external_ids` });
    for (const season of world.show(id)?.seasons ?? []) {
      const n = season.season_number;
      asked.push({
        path: `/tv/${id}/season/${n}`,
        query: `append_to_response=${SEASON_BLOCKS}&${LANGUAGES}`,
        file: `tv-${id}-season-${n}`,
      });
    }
  }
  for (const { id } of LANTERN_PEOPLE) {
    asked.push({
      path: `/person/${id}`,
      query: 'append_to_response=external_ids,images&language=en-US',
      file: `person-${id}`,
    });
  }
  asked.push({ path: '/watch/providers/tv', query: 'language=en-US', file: 'watch-providers-tv' });
  return asked;
}

/** The folder's files by relative path. */
export function buildSample(): Map<string, string> {
  const world = sampleWorld();
  const files = new Map<string, string>();
  const entries: Entry[] = questions(world).map(({ path: apiPath, query, file }) => {
    const route = routeOf(apiPath);
    const said = route.handle({
      world,
      parts: route.parts,
      query: new URLSearchParams(query),
      now: Date.parse(RECORDED_AT),
    });
    if (said.status !== 200) throw new Error(`the sample's world does not answer ${apiPath}: ${said.status}`);
    const body = `bodies/${file}.json`;
    files.set(body, `${JSON.stringify(said.body, null, 1)}\n`);
    return {
      method: 'GET',
      url: `${API}${apiPath}${query === '' ? '' : `?${query}`}`,
      status: said.status,
      headers: { 'content-type': 'application/json;charset=utf-8' },
      body,
      at: RECORDED_AT,
    };
  });
  entries.push(...otherEntries(world, files));
  const index = { version: 1, recorded_at: RECORDED_AT, entries };
  files.set('index.json', `${JSON.stringify(index, null, 2)}\n`);
  return files;
}

interface Entry {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: string;
}

/** What IMDb and the show's wiki say about the made-up show. */
function otherEntries(world: World, files: Map<string, string>): Entry[] {
  const show = world.show(LANTERN_ID);
  if (show === undefined) throw new Error('the sample has lost its made-up show');
  const entry = (url: string, body: string, type: string, content: string): Entry => {
    files.set(body, content);
    return { method: 'GET', url, status: 200, headers: { 'content-type': type }, body, at: RECORDED_AT };
  };
  return [
    ...[...lanternDatasets(show)].map(([name, text]) =>
      // IMDb packs them; a file that is not packed is read as well, and can be read by people.
      entry(`${DATASETS_BASE_URL}/${name}.tsv.gz`, `bodies/imdb-${name}.tsv`, 'text/tab-separated-values', text),
    ),
    entry(
      `https://www.imdb.com/title/${LANTERN_IMDB}/`,
      'bodies/imdb-title.html',
      'text/html;charset=utf-8',
      lanternTitlePage(show),
    ),
    entry(
      `https://www.imdb.com/list/${LANTERN_LIST}/`,
      'bodies/imdb-list.html',
      'text/html;charset=utf-8',
      lanternListPage(show),
    ),
    ...lanternWiki().map(({ url, file, body }) =>
      entry(url, `bodies/${file}.json`, 'application/json; charset=utf-8', `${JSON.stringify(body, null, 1)}\n`),
    ),
  ];
}

/** Relative paths whose content on disk is not what `buildSample` gives: missing, different, or left over. */
export function staleSampleFiles(
  files: ReadonlyMap<string, string> = buildSample(),
  dir: string = SAMPLE_DIR,
): string[] {
  const onDisk = existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  const present = onDisk.map((entry) =>
    path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
  );
  const stale = [...files].filter(
    ([name, content]) => !present.includes(name) || readFileSync(path.join(dir, name), 'utf8') !== content,
  );
  return [...stale.map(([name]) => name), ...present.filter((name) => !files.has(name))].sort();
}

function writeSample(files: ReadonlyMap<string, string>): void {
  rmSync(SAMPLE_DIR, { recursive: true, force: true });
  mkdirSync(path.join(SAMPLE_DIR, 'bodies'), { recursive: true });
  for (const [name, content] of files) writeFileSync(path.join(SAMPLE_DIR, name), content);
}

if (import.meta.main) {
  const files = buildSample();
  const stale = staleSampleFiles(files);
  if (!process.argv.includes('--check')) {
    writeSample(files);
    process.stdout.write(`sample/snapshots: ${files.size} files, ${stale.length} changed\n`);
  } else if (stale.length > 0) {
    process.stderr.write(`sample/snapshots is stale (run node scripts/build-sample.ts): ${stale.join(', ')}\n`);
    process.exitCode = 1;
  }
}
