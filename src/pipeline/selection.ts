import type { Row } from '../platform/db/statement.ts';
import type { Database } from '../platform/db/types.ts';
import type { Validators } from '../sources/types.ts';
import { SELECT_KNOWN_IDS, SELECT_SHOW, SELECT_SHOWS } from './queries.ts';
import type { ShowIdentity, Stage, StageName } from './stage.ts';
import { type Decision, type DecisionOptions, decide, type Pace, paceOf, type StageState } from './state.ts';

/** Which shows a person asked for (`spec/pipeline.md` 3.1). No id at all, or `all`, means every show. */
export interface ShowFilter {
  readonly all: boolean;
  readonly showIds: readonly string[];
  readonly tmdbIds: readonly number[];
  readonly imdbIds: readonly string[];
  /** Shows to work on, counted after the up-to-date ones are left out. */
  readonly limit?: number;
}

export interface StoredState extends StageState {
  readonly lastAttemptAt: string | null;
  readonly reason: string | null;
}

/** A show with what is known about its stages. */
export interface SelectedShow {
  readonly identity: ShowIdentity;
  readonly states: Readonly<Partial<Record<StageName, StoredState>>>;
  readonly totalSeasons: number | null;
  readonly seasonCount: number;
  readonly listsNoSeason: boolean;
  readonly checkedAt: string | null;
  readonly changedAt: string | null;
  readonly pace: Pace;
  readonly validators: Validators;
  readonly attemptedAt: string;
  /** Stages that succeeded in a run that broke off before it was through with this show. */
  readonly unfinished: readonly StageName[];
  /** Stages this run is through with already. */
  readonly doneInRun: readonly StageName[];
}

export interface DueStage {
  readonly stage: StageName;
  readonly reason: string;
}

const PAGE = 500;
const START = { attemptedAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
/** Stages whose result is a set of seasons: they look at the season counts as well (`spec/pipeline.md` 3.2). */
const SEASON_CHECKED: ReadonlySet<StageName> = new Set<StageName>(['seasons', 'episodes']);

export function filtersById(filter: ShowFilter): boolean {
  return !filter.all && filter.showIds.length + filter.tmdbIds.length + filter.imdbIds.length > 0;
}

/**
 * All shows the filter names, page by page, longest not attempted first. Reads one page at a time, whatever their number.
 * @param resumed the run that is taken up again: what it has done is not due
 */
export async function* selectShows(
  db: Database,
  filter: ShowFilter,
  stages: readonly StageName[],
  resumed: string | null = null,
): AsyncGenerator<SelectedShow[]> {
  let after = START;
  for (;;) {
    const from = after;
    const rows = await db.asService('pipeline selection', (tx) =>
      tx.query(SELECT_SHOWS, [
        stages,
        !filtersById(filter),
        filter.showIds,
        filter.tmdbIds,
        filter.imdbIds,
        from.attemptedAt,
        from.id,
        PAGE,
        resumed,
      ]),
    );
    const shows = rows.map(toSelected);
    const last = shows.at(-1);
    if (last === undefined) return;
    yield shows;
    if (shows.length < PAGE) return;
    after = { attemptedAt: last.attemptedAt, id: last.identity.id };
  }
}

/** One show as it is now, for a run; undefined when it is gone. */
export async function selectShow(
  db: Database,
  showId: string,
  stages: readonly StageName[],
  runId: string,
): Promise<SelectedShow | undefined> {
  const row = await db.asService('pipeline selection', (tx) => tx.one(SELECT_SHOW, [stages, showId, runId]));
  return row === undefined ? undefined : toSelected(row);
}

/** The ids of the filter that no stored show has, as they were typed. */
export async function unknownIds(db: Database, filter: ShowFilter): Promise<string[]> {
  if (!filtersById(filter)) return [];
  const rows = await db.asService('pipeline selection', (tx) =>
    tx.query(SELECT_KNOWN_IDS, [filter.showIds, filter.tmdbIds, filter.imdbIds]),
  );
  const known = new Set(rows.flatMap((row) => [row.id, `tmdb ${row.tmdb_id}`, row.imdb_id]));
  return [
    ...filter.showIds.filter((id) => !known.has(id.toLowerCase())),
    ...filter.tmdbIds.map((id) => `tmdb ${id}`).filter((id) => !known.has(id)),
    ...filter.imdbIds.filter((id) => !known.has(id)),
  ];
}

/** The stages that have work to do for a show, in their order, and why the others have none. */
export function dueStages(
  show: SelectedShow,
  stages: readonly Stage[],
  options: DecisionOptions,
  now: string,
): { due: DueStage[]; decisions: Map<StageName, Decision> } {
  const decisions = new Map(stages.map((stage) => [stage.name, decideFor(show, stage, options, now)] as const));
  const due = [...decisions].flatMap(([stage, { run, reason }]) => (run ? [{ stage, reason }] : []));
  return { due, decisions };
}

function decideFor(show: SelectedShow, stage: Stage, options: DecisionOptions, now: string): Decision {
  if (show.doneInRun.includes(stage.name)) return { run: false, reason: 'done-in-this-run' };
  const refresh = options.refresh?.includes(stage.name) === true;
  return decide({
    options: refresh ? { ...options, force: true } : options,
    now,
    state: show.states[stage.name],
    marker: show.identity.mostRecentEpisode,
    applies: stage.applies(show.identity),
    freshness: { checkedAt: show.checkedAt, changedAt: show.changedAt, pace: show.pace },
    ...(SEASON_CHECKED.has(stage.name) && stage.applies(show.identity) === true
      ? {
          seasons: {
            derived: show.seasonCount,
            total: show.totalSeasons,
            knownToHaveNone: show.listsNoSeason,
            counted: succeededAt(show, 'totals') >= succeededAt(show, stage.name),
          },
        }
      : {}),
  });
}

/** Milliseconds since 1970; 0 for never. */
function succeededAt(show: SelectedShow, stage: StageName): number {
  const at = show.states[stage]?.lastSuccessAt;
  return at == null ? 0 : Date.parse(at);
}

function toSelected(row: Row<typeof SELECT_SHOWS>): SelectedShow {
  return {
    identity: {
      id: row.id,
      name: row.name,
      imdbId: row.imdb_id === null || row.imdb_id.trim() === '' ? null : row.imdb_id,
      tmdbId: row.tmdb_id,
      premiereDate: row.premiere_date,
      mostRecentEpisode: row.most_recent_episode,
    },
    states: row.states as SelectedShow['states'],
    totalSeasons: row.show_total_seasons,
    seasonCount: row.season_count,
    listsNoSeason: row.lists_no_season,
    checkedAt: row.checked_at,
    changedAt: row.changed_at,
    pace: paceOf(row.tmdb_status, row.airs_now),
    validators: {
      ...(row.etag === null ? {} : { etag: row.etag }),
      ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    },
    attemptedAt: row.attempted_at,
    unfinished: row.unfinished as StageName[],
    doneInRun: row.done_in_run as StageName[],
  };
}
