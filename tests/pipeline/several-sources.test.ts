import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/pipeline/plan.ts';
import { confirmedUnchanged } from '../../src/pipeline/show-job.ts';
import type { ShowSources } from '../../src/pipeline/show-sources.ts';
import type { StageName } from '../../src/pipeline/stage.ts';
import type { StageSources } from '../../src/pipeline/stage-sources.ts';
import { createStages } from '../../src/pipeline/stages/index.ts';
import type { AppearanceFacts, CreditFacts, EpisodeFacts, PersonPhotoFacts } from '../../src/platform/facts.ts';
import { notOk } from '../../src/platform/outcome.ts';
import type { WikiPersonFacts } from '../../src/platform/wiki-facts.ts';
import type { SheetAction } from '../../src/sources/sheet/source.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { datasetsOf, fandomOf, imdbOf, type OtherWorld, otherWorld } from '../helpers/other-sources.ts';
import { addShow, runStage, type TmdbWorld, tmdbWorld } from '../helpers/stage-world.ts';

const PUBLISHED = new Set(['tmdb', 'cc-by-sa', 'own', 'identifiers']);

let database: TestDatabase;
let showId: string;
let tmdb: TmdbWorld;
let other: OtherWorld;
let next = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  next += 1;
  const tmdbId = 5000 + next;
  showId = await addShow(database, { name: `Show ${next}`, tmdbId, imdbId: `tt${tmdbId}` });
  tmdb = tmdbWorld({
    show: { show: { tmdbId, name: `Show ${next}`, seasonNumbers: [1] }, credits: [], validators: {} },
  });
  tmdb.seasons.set(1, { seasonNumber: 1, tmdbSeasonId: tmdbId, episodes: [], credits: [] });
  other = otherWorld();
});

function run(name: StageName, sources: StageSources): Promise<Plan> {
  const stage = createStages({ published: PUBLISHED, ...sources }).find((one) => one.name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  return runStage(database, stage, showId, tmdb);
}
async function runAll(names: readonly StageName[], sources: StageSources): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const name of names) plans.push(await run(name, sources));
  return plans;
}

const id = (n: number) => next * 100 + n;
const person = (n: number) => ({ name: `Person ${n}`, tmdbId: id(n) });
const self = (who: CreditFacts['person'], over: Partial<CreditFacts> = {}): CreditFacts => ({
  person: who,
  category: 'Self',
  role: 'Self',
  billingOrder: 1,
  episodeCount: 5,
  ...over,
});
const onImdb = (n: number) => ({ name: `IMDb's ${n}`, imdbId: `nm${id(n)}` });
const episode = (number: number, over: Partial<EpisodeFacts> = {}): EpisodeFacts => ({
  seasonNumber: 1,
  episodeNumber: number,
  imdbEpisodeId: `tt9${id(number)}`,
  title: `IMDb's ${number}`,
  voteAverage: 7,
  voteCount: 10,
  ...over,
});
const inEpisode = (number: number, over: Partial<AppearanceFacts> = {}): AppearanceFacts => ({
  episodeId: `tt9${id(number)}`,
  seasonNumber: 1,
  episodeNumber: number,
  title: null,
  year: null,
  airDate: null,
  job: null,
  category: 'self',
  characters: [],
  attributes: [],
  archiveFootage: false,
  ...over,
});
const cast = () =>
  database.owner(
    `select p.full_name as name, c.credit_category as category, c.provenance -> 'credit_category' ->> 'source' as source,
       c.missing_count::int as missing, c.retired_at is not null as retired
     from core.show_cast c join core.people p on p.id = c.person_id where c.show_id = $1 order by 1`,
    [showId],
  );

describe('a source that does not answer', () => {
  it('leaves the unit partial by its name; the other is stored and nothing old is lost', async () => {
    const sources = { imdb: imdbOf(other) };
    other.show = { name: 'At IMDb', certificate: 'TV-14', voteAverage: 6.5, voteCount: 100 };
    expect((await run('details', sources)).partial).toEqual([]);
    other.pages = 'challenged';
    tmdb.show = { ...tmdb.show, show: { ...tmdb.show.show, status: 'Ended' } };
    expect((await run('details', sources)).partial).toEqual(['imdb-web: challenged']);
    const [row] = await database.owner(
      'select tmdb_status, imdb_title, imdb_content_rating from core.shows where id = $1',
      [showId],
    );
    expect(row).toEqual({ tmdb_status: 'Ended', imdb_title: 'At IMDb', imdb_content_rating: 'TV-14' });
  });

  it('is TMDb: what IMDb says is stored all the same', async () => {
    tmdb.seasons.set(1, 'transport');
    other.seasons.set(1, [episode(1)]);
    const plan = await run('episodes', { imdb: imdbOf(other) });
    expect(plan.partial).toEqual(['tmdb: transport']);
    expect(await database.owner('select title from core.episodes where show_id = $1', [showId])).toEqual([
      { title: "IMDb's 1" },
    ]);
  });

  it('is one season: it is named, and no episode of it is counted as gone', async () => {
    const sources = { imdb: imdbOf(other) };
    other.seasons.set(1, [episode(1)]).set(2, [episode(2, { seasonNumber: 2 })]);
    await run('episodes', sources);
    other.seasons.set(2, 'transport');
    expect((await run('episodes', sources)).partial).toEqual(['imdb season 2: transport']);
    const rows = await database.owner('select missing_count::int as missing from core.episodes where show_id = $1', [
      showId,
    ]);
    expect(rows).toEqual([{ missing: 0 }, { missing: 0 }]);
  });

  it('knows nothing of the show: that is no gap', async () => {
    expect((await run('details', { datasets: datasetsOf(other) })).partial).toEqual([]);
  });
});

it("does not take TMDb's word that nothing changed for what others may say", async () => {
  const identity = { id: showId, name: 'A', imdbId: 'tt1', tmdbId: 1, premiereDate: null, mostRecentEpisode: null };
  const known = {
    states: {},
    totalSeasons: null,
    seasonCount: 0,
    listsNoSeason: false,
    checkedAt: null,
    changedAt: null,
    pace: 'waiting' as const,
    doneInRun: [],
  };
  const show = { ...known, identity, validators: { etag: 'x' }, attemptedAt: '', unfinished: [] };
  const probe = { probeShow: async () => notOk('not_modified', 'as it was') } as unknown as ShowSources;
  const due = [{ stage: 'details' as const, reason: 'stale' }];
  expect(await confirmedUnchanged(show, due, probe, createStages({}))).toBe(true);
  expect(await confirmedUnchanged(show, due, probe, createStages({ imdb: imdbOf(other) }))).toBe(false);
  const seasons = [{ stage: 'seasons' as const, reason: 'stale' }];
  expect(await confirmedUnchanged(show, seasons, probe, createStages({ imdb: imdbOf(other) }))).toBe(true);
});

describe('episodes of two sources', () => {
  it("keep TMDb's place and text, and take IMDb's id and rating; what only IMDb has becomes a row with a stub of its season", async () => {
    tmdb.seasons.set(1, {
      seasonNumber: 1,
      tmdbSeasonId: id(0),
      episodes: [{ seasonNumber: 1, episodeNumber: 1, tmdbEpisodeId: id(1), title: 'Landfall' }],
    });
    other.seasons.set(1, [episode(7, { title: 'Landfall' })]).set(4, [episode(2, { seasonNumber: 4 })]);
    const sources = { imdb: imdbOf(other) };
    await runAll(['seasons', 'episodes'], sources);
    const rows = () =>
      database.owner(
        `select season_number as s, episode_number as e, title, imdb_episode_id = $2 as first, imdb_rating::float8 as rating, tmdb_episode_id is null as only_imdb
         from core.episodes where show_id = $1 and retired_at is null order by 1, 2`,
        [showId, `tt9${id(7)}`],
      );
    const expected = [
      { s: 1, e: 1, title: 'Landfall', first: true, rating: 7, only_imdb: false },
      { s: 4, e: 2, title: "IMDb's 2", first: false, rating: 7, only_imdb: true },
    ];
    expect(await rows()).toEqual(expected);
    expect((await run('episodes', sources)).changes).toEqual([]);
    // Renumbered at IMDb: the row moves with it, the one TMDb numbers stays.
    other.seasons
      .set(1, [episode(9, { imdbEpisodeId: `tt9${id(7)}`, title: 'Landfall' })])
      .set(4, [episode(3, { seasonNumber: 4, imdbEpisodeId: `tt9${id(2)}` })]);
    const before = await database.owner('select id, imdb_episode_id from core.episodes where show_id = $1 order by 2', [
      showId,
    ]);
    await run('episodes', sources);
    expect(await rows()).toEqual([expected[0], { ...expected[1], e: 3, title: "IMDb's 3" }]);
    expect(
      await database.owner('select id, imdb_episode_id from core.episodes where show_id = $1 order by 2', [showId]),
    ).toEqual(before);
    // Gone from two complete answers: retired, as TMDb's are.
    other.seasons.delete(4);
    await run('episodes', sources);
    expect(await rows()).toHaveLength(2);
    await run('episodes', sources);
    expect(await rows()).toEqual([expected[0]]);
  });
});

describe('a cast of two sources', () => {
  it('keeps a row as long as anybody states it', async () => {
    const sources = {
      imdb: imdbOf(other),
      tmdbPeople: {
        personProfile: async () =>
          ({
            kind: 'ok',
            value: { ...person(1), imdbId: `nm${id(1)}` },
            at: tmdb.at,
            via: 'live',
            missing: [],
          }) as const,
      },
    };
    tmdb.show = { ...tmdb.show, credits: [self(person(1))] };
    other.credits = [self(onImdb(1)), self(onImdb(2))];
    await runAll(['details', 'people', 'cast'], sources);
    const both = { name: 'Person 1', category: 'Self', source: 'tmdb', missing: 0, retired: false };
    const imdbs = { name: "IMDb's 2", category: 'Self', source: 'imdb-web', missing: 0, retired: false };
    expect(await cast()).toEqual([imdbs, both]);
    tmdb.show = { ...tmdb.show, credits: [] };
    await run('cast', sources);
    expect(await cast()).toEqual([imdbs, { ...both, source: 'imdb-web' }]);
    other.creditsMissing = ['cast'];
    other.credits = [];
    await run('cast', sources);
    expect(await cast()).toEqual([imdbs, { ...both, source: 'imdb-web' }]);
    other.creditsMissing = [];
    await runAll(['cast', 'cast'], sources);
    expect(await cast()).toEqual([
      { ...imdbs, missing: 2, retired: true },
      { ...both, source: 'imdb-web', missing: 2, retired: true },
    ]);
  });

  it.each<[SheetAction | undefined, string[]]>([
    [undefined, ["IMDb's 1", "IMDb's 2"]],
    [{ kind: 'minimum_episodes', episodes: 6 }, ["IMDb's 2"]],
    [{ kind: 'skip' }, []],
  ])('is judged by the override sheet: %j', async (action, names) => {
    const override =
      action === undefined ? null : { line: 1, action, imdbId: null, tmdbId: null, title: null, network: null };
    const sources = { imdb: imdbOf(other), sheet: async () => override };
    const few = (n: number, count: number) => self(onImdb(n), { billingOrder: null, episodeCount: count });
    other.credits = [
      few(1, 5),
      few(2, 9),
      self(onImdb(3), { uncredited: true }),
      self(onImdb(4), { archiveFootage: true }),
    ];
    await runAll(['details', 'people', 'cast'], sources);
    expect((await cast()).map(({ name }) => name)).toEqual(names);
  });
});

describe('appearances', () => {
  const rows = () =>
    database.owner(
      `select p.full_name as name, a.seasons, a.total_episodes as total from core.episode_appearances a
       join core.people p on p.id = a.person_id where a.show_id = $1 order by 1`,
      [showId],
    );

  it('are replaced by a whole answer, and go when only old pictures are left', async () => {
    const sources = { imdb: imdbOf(other) };
    other.credits = [self(onImdb(1)), self(onImdb(2))];
    other.appearances.set(`nm${id(1)}`, [inEpisode(1), inEpisode(2)]).set(`nm${id(2)}`, [inEpisode(1)]);
    await runAll(['details', 'people', 'appearances'], sources);
    expect(await rows()).toEqual([
      { name: "IMDb's 1", seasons: [1], total: 2 },
      { name: "IMDb's 2", seasons: [1], total: 1 },
    ]);
    other.appearances.set(`nm${id(1)}`, [inEpisode(3, { archiveFootage: true })]).set(`nm${id(2)}`, 'transport');
    expect((await run('appearances', sources)).partial).toEqual([`appearances of nm${id(2)}: transport`]);
    other.appearances.set(`nm${id(2)}`, [inEpisode(2)]);
    await run('appearances', sources);
    expect(await rows()).toEqual([{ name: "IMDb's 2", seasons: [1], total: 1 }]);
    expect((await run('appearances', sources)).changes).toEqual([]);
  });

  it("say in which seasons people are without IMDb, and keep what another source says when TMDb's season fails", async () => {
    tmdb.show = { ...tmdb.show, credits: [self(person(1))] };
    tmdb.seasons.set(1, { seasonNumber: 1, tmdbSeasonId: id(0), episodes: [], credits: [self(person(1))] });
    await runAll(['details', 'seasons', 'people', 'appearances'], {});
    expect(await rows()).toEqual([{ name: 'Person 1', seasons: [1], total: 0 }]);
    tmdb.seasons.set(1, { seasonNumber: 1, tmdbSeasonId: id(0), episodes: [] });
    await run('appearances', {});
    expect(await rows()).toHaveLength(1);
    tmdb.seasons.set(1, { seasonNumber: 1, tmdbSeasonId: id(0), episodes: [], credits: [] });
    await run('appearances', {});
    expect(await rows()).toEqual([]);
  });
});

function page(n: number, over: Partial<WikiPersonFacts> = {}): WikiPersonFacts {
  const origin = {
    wiki: 'test.fandom.com',
    pageTitle: `Person ${n}`,
    pageId: id(n),
    pageUrl: `https://test.fandom.com/wiki/Person_${n}`,
    revisionId: 1,
    permalink: null,
    licence: 'cc-by-sa',
    attribution: 'by its contributors',
  } as const;
  const photo = (file: string) => ({
    identity: `test/${file}`,
    canonicalUrl: `https://static.wikia.nocookie.net/test/images/a/aa/${file}/revision/latest`,
    imageUrl: `https://static.wikia.nocookie.net/test/images/a/aa/${file}/revision/latest?cb=1`,
    thumbUrl: null,
    fileName: file,
    version: '1',
    width: 800,
    height: 600,
    thumbWidth: null,
    thumbHeight: null,
    mimeType: null,
    sha1: null,
    uploadedAt: null,
    uploader: null,
    altText: null,
    caption: null,
    section: 'infobox' as const,
    type: 'hero' as const,
    season: null,
    position: 1,
    origin: { ...origin, licence: 'fandom-image' as const },
  });
  return {
    origin,
    name: `Person ${n}`,
    categories: [],
    shows: [],
    contentSha256: 'x',
    gender: 'Female',
    photos: [photo(`${n}.jpg`)],
    ...over,
  };
}

describe('wiki pages', () => {
  const profiles = () =>
    database.owner(
      `select p.full_name as name, f.gender, f.page_revision_id::int as revision from core.cast_fandom f join core.people p on p.id = f.person_id
       where f.page_id between $1 and $2 order by 1`,
      [id(0), id(99)],
    );

  it('attach what is certain, tell what is not, and follow the page: what it no longer says is gone', async () => {
    const sources = { fandom: fandomOf(other) };
    tmdb.show = { ...tmdb.show, credits: [1, 2, 3].map((n) => self(person(n), { billingOrder: n })) };
    other.pagesOnWiki
      .set('Person 1', { facts: page(1), verdict: 'confirmed' })
      .set('Person 2', { facts: page(2), verdict: 'uncertain' });
    const plans = await runAll(['details', 'people', 'cast', 'fandom'], sources);
    expect(await profiles()).toEqual([{ name: 'Person 1', gender: 'Female', revision: 1 }]);
    expect(plans.at(-1)?.warnings).toEqual([expect.stringMatching(/^review: "Person 2" .* may be Person 2/)]);
    const next = page(1, { gender: null });
    other.pagesOnWiki.set('Person 1', {
      facts: { ...next, origin: { ...next.origin, revisionId: 2 } },
      verdict: 'confirmed',
    });
    await run('fandom', sources);
    expect(await profiles()).toEqual([{ name: 'Person 1', gender: null, revision: 2 }]);
    expect((await run('fandom', sources)).changes).toEqual([]);
  });

  it('end at a refusal, and keep what came before it', async () => {
    const sources = { fandom: fandomOf(other) };
    tmdb.show = { ...tmdb.show, credits: [1, 2, 3].map((n) => self(person(n), { billingOrder: n })) };
    for (const n of [1, 2, 3]) other.pagesOnWiki.set(`Person ${n}`, { facts: page(n), verdict: 'confirmed' });
    other.wiki = { kind: 'challenged', after: 1 };
    const plans = await runAll(['details', 'people', 'cast', 'fandom'], sources);
    expect(plans.at(-1)?.partial).toEqual(['fandom: challenged']);
    expect(await profiles()).toHaveLength(1);
    expect(other.asked.filter((question) => question.startsWith('wiki'))).toHaveLength(2);
  });
});

describe('photos', () => {
  const photos = () =>
    database.owner(
      `select h.source, h.source_image_id as image, h.width, h.retired_at is not null as retired, h.provenance -> 'url' ->> 'licence' as licence
       from core.cast_photos h join core.show_cast c on c.person_id = h.person_id where c.show_id = $1 order by 1, 2`,
      [showId],
    );

  it('are one row per picture, whichever of its keys is known', async () => {
    const sources = { fandom: fandomOf(other) };
    tmdb.show = { ...tmdb.show, credits: [self({ ...person(1), profilePath: `/p${id(1)}.jpg` })] };
    other.pagesOnWiki.set('Person 1', { facts: page(1), verdict: 'confirmed' });
    await runAll(['details', 'people', 'cast', 'fandom'], sources);
    const [row] = await database.owner<{ person_id: string }>(
      'select person_id from core.show_cast where show_id = $1',
      [showId],
    );
    // The predecessor stored the picture twice: once by an id of its own, once by address.
    await database.owner(
      `insert into core.cast_photos (person_id, source, source_image_id, image_url_canonical, url, width) values
         ($1, 'fandom', 'fandom-person-1', 'https://static.wikia.nocookie.net/test/images/a/aa/1.jpg/revision/latest', 'https://x/1', 100),
         ($1, 'fandom', 'test/1.jpg', null, 'https://x/2', 100)`,
      [row?.person_id],
    );
    await run('cast-photos', sources);
    expect(await photos()).toEqual([
      { source: 'fandom', image: 'test/1.jpg', width: 800, retired: false, licence: 'fandom-image' },
      { source: 'tmdb', image: `/p${id(1)}.jpg`, width: null, retired: false, licence: 'tmdb' },
    ]);
  });

  it("are not taken from a page that is not settled, and IMDb's carry IMDb's licence", async () => {
    const sources = { fandom: fandomOf(other), imdb: imdbOf(other) };
    other.credits = [self(onImdb(1))];
    other.pagesOnWiki.set("IMDb's 1", { facts: page(1), verdict: 'uncertain' });
    const photo: PersonPhotoFacts = {
      sourceImageId: 'MV5BTest',
      viewerId: 'rm1',
      url: 'https://m.media-amazon.com/images/M/MV5BTest._V1_.jpg',
      width: 640,
      height: null,
      caption: null,
      type: null,
      position: 1,
      pageUrl: null,
      personId: `nm${id(1)}`,
      galleryIndex: 1,
      galleryTotal: 46,
      galleryPath: `/name/nm${id(1)}/mediaindex/`,
      viewerPath: null,
    };
    other.photos.set(`nm${id(1)}`, [photo, { ...photo, sourceImageId: 'bad', url: 'javascript:alert(1)' }]);
    const plans = await runAll(['details', 'people', 'cast', 'fandom', 'cast-photos'], sources);
    expect(await photos()).toEqual([
      { source: 'imdb', image: 'MV5BTest', width: 640, retired: false, licence: 'imdb' },
    ]);
    expect(plans.at(-1)?.warnings).toEqual([expect.stringContaining('left out')]);
  });
});
