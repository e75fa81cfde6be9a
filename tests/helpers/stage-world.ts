import { randomUUID } from 'node:crypto';
import { applyPlan } from '../../src/pipeline/apply.ts';
import type { Plan } from '../../src/pipeline/plan.ts';
import { createShowSources } from '../../src/pipeline/show-sources.ts';
import type { ShowIdentity, Stage, StageName } from '../../src/pipeline/stage.ts';
import { fetchStage, lockShow, planStage } from '../../src/pipeline/unit.ts';
import type { SeasonFacts } from '../../src/platform/facts.ts';
import { notOk, type Outcome, ok } from '../../src/platform/outcome.ts';
import type { FindCandidate, ShowBundle, TmdbSource } from '../../src/sources/tmdb/source.ts';
import type { TestDatabase } from './database.ts';

/** What TMDb knows at the moment, in neutral facts; tests change it between two runs. */
export interface TmdbWorld {
  show: ShowBundle;
  /** Blocks the details answer lacks. */
  missing: string[];
  seasons: Map<number, SeasonFacts | 'transport'>;
  candidates: FindCandidate[];
  at: string;
  /** Requests made, e.g. `show 5`, `season 5/1`. */
  readonly requests: string[];
}

export function tmdbWorld(over: Partial<TmdbWorld> = {}): TmdbWorld {
  const show: ShowBundle = { show: { seasonNumbers: [] }, validators: {} };
  return { show, missing: [], seasons: new Map(), candidates: [], at: '2025-12-18T00:00:00Z', requests: [], ...over };
}

/** The source's interface over a world: an upstream that answers from memory. */
export function sourceOf(world: TmdbWorld): TmdbSource {
  const answer = <T>(
    request: string,
    value: T | undefined | 'transport',
    missing: string[] = [],
  ): Promise<Outcome<T>> => {
    world.requests.push(request);
    if (value === 'transport') return Promise.resolve(notOk('transport', 'connection reset'));
    if (value === undefined) return Promise.resolve(notOk('not_found', 'no such resource', { status: 404 }));
    return Promise.resolve(ok(value as T, { at: world.at, via: 'live', missing }));
  };
  return {
    show: (id) => answer(`show ${id}`, world.show, world.missing),
    season: (id, number) => answer<SeasonFacts>(`season ${id}/${number}`, world.seasons.get(number)),
    find: (id) => answer<readonly FindCandidate[]>(`find ${id}`, world.candidates),
    list: () => answer('list', []),
    externalIds: () => answer('external_ids', {}),
    changedShows: () => answer('changes', []),
  };
}

/** Fetches, loads, plans and applies one stage for one show on the real database, as a unit of the runner does. */
export async function runStage(
  database: TestDatabase,
  stage: Stage,
  showId: string,
  world: TmdbWorld,
  options: { now?: string; only?: Partial<Record<StageName, readonly number[]>> } = {},
): Promise<Plan> {
  const show = await identityOf(database, showId);
  const now = new Date(options.now ?? world.at);
  const sources = createShowSources({ tmdb: sourceOf(world), now: () => now, onlySeasons: options.only ?? {} });
  const applies = stage.applies(show);
  if (applies !== true) throw new Error(`${stage.name} does not apply: ${applies}`);
  const fetched = await fetchStage(database.db, stage, show, sources);
  if (fetched.kind === 'nothing') throw new Error(`${stage.name}: nothing: ${fetched.reason}`);
  if (fetched.kind === 'failed') throw new Error(`${stage.name}: ${fetched.reason.kind} ${fetched.reason.detail}`);
  return database.db.asService('stage test', async (tx) => {
    await lockShow(tx, showId);
    const { plan, pending } = await planStage(tx, stage, show, fetched, { now: () => now, newId: randomUUID });
    if (plan.conflict === undefined) await applyPlan(tx, pending);
    return plan;
  });
}

export async function identityOf(database: TestDatabase, showId: string): Promise<ShowIdentity> {
  const [row] = await database.owner<{ identity: ShowIdentity }>(
    `select json_build_object('id', id, 'name', name, 'imdbId', imdb_id, 'tmdbId', tmdb_id, 'premiereDate', premiere_date,
       'mostRecentEpisode', most_recent_episode) as identity from core.shows where id = $1`,
    [showId],
  );
  if (row === undefined) throw new Error(`no show ${showId}`);
  return row.identity;
}

/** Adds a show and returns its id. */
export async function addShow(
  database: TestDatabase,
  show: { name: string; tmdbId?: number; imdbId?: string },
): Promise<string> {
  const [row] = await database.owner<{ id: string }>(
    'insert into core.shows (name, tmdb_id, imdb_id) values ($1, $2, $3) returning id',
    [show.name, show.tmdbId ?? null, show.imdbId ?? null],
  );
  if (row === undefined) throw new Error('the show was not added');
  return row.id;
}
