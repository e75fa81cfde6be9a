import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertCassettes } from '../../scripts/captures/cassettes-to-snapshots.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { outcomeOf } from '../../src/sources/fetcher/outcomes.ts';
import type { Parsed } from '../../src/sources/read.ts';
import { chooseCandidate } from '../../src/sources/tmdb/choose.ts';
import { createTmdbSource } from '../../src/sources/tmdb/client.ts';
import { creditFacts, imageFacts, seasonFacts, showFacts } from '../../src/sources/tmdb/facts.ts';
import { TMDB_KINDS } from '../../src/sources/tmdb/kinds.ts';
import { readAggregateCredits } from '../../src/sources/tmdb/parse/credits.ts';
import { parseFind } from '../../src/sources/tmdb/parse/find.ts';
import { parseImages } from '../../src/sources/tmdb/parse/images.ts';
import { parseExternalIds } from '../../src/sources/tmdb/parse/person.ts';
import { parseWatchProviders } from '../../src/sources/tmdb/parse/providers.ts';
import { parseSeason } from '../../src/sources/tmdb/parse/season.ts';
import { parseTv } from '../../src/sources/tmdb/parse/tv.ts';
import { sourceConfig } from '../helpers/upstream.ts';
import { capturesFolder } from './folder.ts';

const folder = capturesFolder('tmdb');
const bytes = (name: string) => readFileSync(join(folder, name));
const json = (name: string) => JSON.parse(bytes(name).toString());

function valueOf<T>(result: Parsed<T>): T {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

describe('payloads', () => {
  it.each([
    ['tmdb:list', 'phptmdb-list.json'],
    ['tmdb:season', 'phptmdb-season-all-appended.json'],
    ['tmdb:images', 'phptmdb-images-season.json'],
    ['tmdb:providers', 'swift-watch-providers-by-region.json'],
    ['tmdb:episode', 'swift-episode-empty-air-date.json'],
    ['tmdb:find', 'swift-find-results.json'],
    ['tmdb:season', 'predecessor/tv_season_details_sample.json'],
    ['tmdb:images', 'predecessor/tv_images_sample.json'],
    ['tmdb:tv', 'predecessor/tv_details_sample.json'],
    ['tmdb:tv', 'predecessor/tv_details_full_sample.json'],
    ['tmdb:find', 'predecessor/find_by_imdb_id_sample.json'],
    ['tmdb:providers', 'predecessor/tv_watch_providers_sample.json'],
  ])('%s: %s', (kind, name) => {
    expect(TMDB_KINDS[kind]?.parse(bytes(name))).toMatchObject({ ok: true });
  });

  it('parts of payloads', () => {
    const credits = readAggregateCredits(json('swift-season-aggregate_credits.json'));
    expect(creditFacts(credits ?? { cast: [], crew: [] })[0]).toMatchObject({
      person: { name: 'Peter Dinklage', tmdbId: 22970 },
      category: 'cast',
      billingOrder: 1,
      episodeCount: 10,
    });
    const region = { id: 1, results: { US: json('swift-watch-providers-empty-link.json') } };
    expect(parseWatchProviders(Buffer.from(JSON.stringify(region)))).toMatchObject({
      value: { offers: [{ region: 'US', offerType: 'flatrate', providerId: 8, link: null }] },
    });
    expect(parseExternalIds(bytes('swift-person-external_ids.json'))).toMatchObject({
      value: { id: 115440, ids: { imdb: 'nm2858875', tiktok: 'syds_garage', freebase: null } },
    });
    expect(TMDB_KINDS['tmdb:episode']?.parse(bytes('swift-episode-empty-air-date.json'))).toMatchObject({
      value: { airDate: null },
    });
  });

  it.each([
    ['err-400.json', 400, 22, 'transport'],
    ['err-401.json', 401, 7, 'forbidden'],
  ])('%s is an outcome and no payload', (name, status, sourceCode, kind) => {
    const request = { source: 'tmdb', method: 'GET', url: 'https://api.themoviedb.org/3/tv/1' } as const;
    const answer = {
      status,
      headers: {},
      body: bytes(name),
      at: '',
      via: 'live',
      validators: {},
      missingAppended: [],
    } as const;
    expect(outcomeOf(request, answer)).toMatchObject({ kind, status, sourceCode });
    for (const { parse } of Object.values(TMDB_KINDS)) {
      expect(parse(bytes(name))).toMatchObject({ ok: false, problem: expect.stringMatching(/error body/) });
    }
  });
});

describe("the predecessor's outputs", () => {
  it('show images and primaries', () => {
    const expected = json('predecessor/expected-show-images-tv_images_sample.json');
    const facts = imageFacts(valueOf(parseImages(bytes('predecessor/tv_images_sample.json'))).images);
    for (const kind of ['poster', 'backdrop', 'logo'] as const) {
      expect(facts.find((image) => image.kind === kind)?.filePath).toBe(expected.primary[kind]);
    }
    const rows = facts.map(({ kind, filePath, language, width, height, aspectRatio, raw }) => {
      return {
        kind,
        file_path: filePath,
        iso_639_1: language,
        width,
        height,
        aspect_ratio: aspectRatio,
        metadata: raw,
      };
    });
    expect(expected.rows).toHaveLength(rows.length);
    for (const row of rows) expect(expected.rows).toContainEqual(expect.objectContaining(row));
  });

  it.each([
    ['tv_watch_providers_sample', 'predecessor/tv_watch_providers_sample.json'],
    ['swift-watch-providers-by-region', 'swift-watch-providers-by-region.json'],
  ])('watch offers of %s', (name, file) => {
    const expected = json(`predecessor/expected-watch-providers-${name}.json`);
    const { offers } = valueOf(parseWatchProviders(bytes(file)));
    const links = offers.map(({ region, offerType, providerId, displayPriority, link }) => {
      return { region, offer_type: offerType, provider_id: providerId, display_priority: displayPriority, link };
    });
    expect(expected.show_watch_providers).toHaveLength(links.length);
    for (const link of links) expect(expected.show_watch_providers).toContainEqual(expect.objectContaining(link));
    for (const row of expected.watch_providers) {
      expect(offers).toContainEqual(
        expect.objectContaining({
          providerId: row.provider_id,
          providerName: row.provider_name,
          logoPath: row.tmdb_logo_path,
        }),
      );
    }
  });

  it('show details, networks and companies', () => {
    const { patch, ...expected } = json('predecessor/expected-details-tv_details_full_sample.json');
    const facts = showFacts(valueOf(parseTv(bytes('predecessor/tv_details_full_sample.json'))));
    expect(facts).toMatchObject({
      name: patch.tmdb_name,
      status: patch.tmdb_status,
      type: patch.tmdb_type,
      firstAirDate: patch.tmdb_first_air_date,
      lastAirDate: patch.tmdb_last_air_date,
      voteAverage: patch.tmdb_vote_average,
      voteCount: patch.tmdb_vote_count,
      popularity: patch.tmdb_popularity,
    });
    expect(facts.raw).toEqual(json('predecessor/tv_details_full_sample.json'));
    for (const [list, rows] of [
      [facts.networks, expected.networks],
      [facts.companies, expected.production_companies],
    ]) {
      expect(list).toEqual(
        rows.map((row: Record<string, unknown>) => ({
          id: row['id'],
          name: row['name'],
          originCountry: row['origin_country'],
          logoPath: row['tmdb_logo_path'],
          raw: row['tmdb_meta'],
        })),
      );
    }
  });

  it('a season', () => {
    const facts = seasonFacts(valueOf(parseSeason(bytes('predecessor/tv_season_details_sample.json'))), 1, 'en-US');
    expect(facts).toMatchObject({
      tmdbSeasonId: 101,
      tmdbSeasonObjectId: '656fe5d80000000000000000',
      tvdbId: 98765,
      wikidataId: 'Q123',
      episodes: [{ tmdbEpisodeId: 1001, runtimeMinutes: 42 }, { tmdbEpisodeId: 1002 }],
    });
    expect(facts.posters).toHaveLength(2);
  });

  it('find selection, but for the spin-off that weakness 9 speaks of', () => {
    const cases: {
      tv_results: unknown;
      show_name: string | null;
      premiere_date: string | null;
      expected: unknown[];
    }[] = json('predecessor/expected-find-selection-cases.json');
    for (const { tv_results, show_name, premiere_date, expected } of cases) {
      const found = valueOf(parseFind(Buffer.from(JSON.stringify({ tv_results }))));
      const { tmdbId, reason } = chooseCandidate(found, { name: show_name, premiereDate: premiere_date });
      const spinOff = JSON.stringify(tv_results).includes('Celebrity Survivor Special');
      expect([tmdbId, reason]).toEqual(spinOff ? [7, 'name_match'] : expected);
    }
  });
});

describe('cassettes', async () => {
  const snapshots = mkdtempSync(join(tmpdir(), 'cassettes-'));
  afterAll(() => rmSync(snapshots, { recursive: true, force: true }));
  const { converted, skipped } = await convertCassettes(folder, snapshots);
  const config = sourceConfig();
  const fetcher = createFetcher({ config, snapshots, offline: true });
  const tmdb = createTmdbSource(fetcher, config.tmdb);

  it('all become snapshots, without credentials', () => {
    expect({ converted, skipped }).toEqual({ converted: 17, skipped: 0 });
    expect(readFileSync(join(snapshots, 'index.json'), 'utf8')).not.toMatch(
      /REDACTED|api_key|set-cookie|authorization/i,
    );
  });

  it('a show with most of its blocks', async () => {
    const outcome = await tmdb.show(1399);
    expect(outcome).toMatchObject({ kind: 'ok', missing: ['alternative_titles', 'images', 'watch/providers'] });
    if (outcome.kind !== 'ok') return;
    expect(outcome.at).toBe('2025-08-17T05:32:14.000Z');
    expect(outcome.value.show).toMatchObject({ name: 'Game of Thrones', externalIds: { imdb: 'tt0944947' } });
    expect(outcome.value.credits?.length).toBeGreaterThan(500);
    expect(outcome.value.credits?.[0]).toMatchObject({ person: { name: 'Peter Dinklage' }, billingOrder: 1 });
  });

  it('the other calls', async () => {
    expect(await tmdb.show(1396)).toMatchObject({ kind: 'ok', value: { show: { name: 'Breaking Bad' } } });
    expect(await tmdb.show(1418)).toMatchObject({ value: { show: { externalIds: { imdb: 'tt0898266' } } } });
    expect(await tmdb.externalIds(1396)).toMatchObject({ value: { imdb: 'tt0903747', tvdb: 81189, wikidata: null } });
    expect(await tmdb.find('tt3749900')).toMatchObject({ value: [{ tmdbId: 60708, name: 'Gotham' }] });
    expect(await tmdb.episode(3572, 1, 1)).toMatchObject({ value: { airDate: '1973-10-24' } });
    expect(await tmdb.person(1)).toMatchObject({
      missing: ['external_ids', 'images'],
      value: { name: 'George Lucas' },
    });
    expect(await tmdb.showChanges(1399, '2015-06-23', '2015-06-26')).toMatchObject({
      value: [{ key: 'season', seasonNumber: 4 }, { seasonNumber: 5 }],
    });
  });

  it.each([
    ['/tv/1396/images?language=en', 'tmdb:images'],
    ['/tv/1399/season/1/images?language=en', 'tmdb:images'],
    ['/person/1/images?language=en', 'tmdb:images'],
  ])('%s', async (path, kind) => {
    const outcome = await fetcher.fetch({ source: 'tmdb', method: 'GET', url: `https://api.themoviedb.org/3${path}` });
    expect(outcome.kind === 'ok' && TMDB_KINDS[kind]?.parse(outcome.value.body).ok).toBe(true);
  });

  it('changed people', async () => {
    const url = 'https://api.themoviedb.org/3/person/changes';
    const outcome = await fetcher.fetch({ source: 'tmdb', method: 'GET', url });
    expect(outcome.kind).toBe('ok');
  });
});
