import { type EpisodeMatch, matchEpisodes } from '../../catalogue/episodes/match.ts';
import { EPISODE_RULES, episodeValues, isOnlyTmdbEpisode, withChosenOverview } from '../../catalogue/episodes/merge.ts';
import { asProvenance } from '../../catalogue/provenance/types.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { EpisodeFacts } from '../../platform/facts.ts';
import type { Plan, TableChange } from '../plan.ts';
import type { PlanContext, Stage } from '../stage.ts';
import { idConflict } from './conflict.ts';
import { type OverridesByRow, overridesIn } from './overrides.ts';
import { EPISODES, EPISODES_CONTEXT } from './queries.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { fetchSeasonSet, needsTmdbId, type SeasonSetFacts } from './season-facts.ts';

const EPISODES_TABLE: TableRules = {
  table: 'core.episodes',
  rules: EPISODE_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};
const IDENTITY = ['id', 'show_id', 'season_id', 'season_number', 'episode_number', 'synopsis'];

/** Numbers no source uses, where rows wait while others take their places within one transaction. */
const PARKING = 1_000_000;

type StoredEpisode = Row<typeof EPISODES>;

export interface StoredEpisodes {
  readonly rows: readonly StoredEpisode[];
  /** Season ids by number. */
  readonly seasonIds: ReadonlyMap<number, string>;
  readonly overrides: OverridesByRow;
  readonly elsewhere:
    | { readonly id: string; readonly name: string; readonly tmdb_episode_id: number | null }
    | undefined;
}

/**
 * Episode rows from TMDb. IMDb's and the predecessor's title, overview and date win; a renumbered episode keeps its row; an episode
 * TMDb no longer lists is retired after two complete fetches (`spec/pipeline.md` 6.8, 9, 14.2).
 */
export const episodesStage: Stage<SeasonSetFacts, StoredEpisodes> = {
  name: 'episodes',
  needs: ['seasons'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchSeasonSet('episodes', show, sources, ['episodes']),
  async load(tx, show, facts) {
    const rows = await tx.query(EPISODES, [show.id]);
    const ids = itemsOf(facts)
      .map((item) => item.tmdbEpisodeId)
      .filter((id) => id != null);
    const around = await tx.one(EPISODES_CONTEXT, [show.id, ids]);
    const seasonIds = Object.entries((around?.season_ids ?? {}) as Record<string, string>);
    return {
      rows,
      seasonIds: new Map(seasonIds.map(([number, id]) => [Number(number), id])),
      overrides: overridesIn(rows),
      elsewhere: (around?.elsewhere ?? undefined) as StoredEpisodes['elsewhere'],
    };
  },
  plan(facts, stored, show, context): Plan {
    const { elsewhere } = stored;
    if (elsewhere !== undefined) return idConflict(`TMDb episode ${elsewhere.tmdb_episode_id}`, show, elsewhere);
    const partial = facts.seasons
      .filter((season) => season.episodes === undefined)
      .map((season) => `season ${season.seasonNumber}: episodes`);
    const homeless = new Set(
      itemsOf(facts)
        .map((item) => item.seasonNumber)
        .filter((number) => !stored.seasonIds.has(number)),
    );
    for (const number of homeless) partial.push(`seasons: season ${number} is not stored`);
    const complete = facts.complete && partial.length === 0;
    const items = itemsOf(facts).filter((item) => !homeless.has(item.seasonNumber));
    const first = matchEpisodes(items, stored.rows);
    const harmless = first.displaced.every((row) => row.retired_at !== null);
    const postponed = complete || harmless ? new Set<number>() : touchedSeasons(first);
    if (postponed.size > 0) partial.push('episodes: renumbering waits for a complete fetch');
    const match =
      postponed.size === 0
        ? first
        : matchEpisodes(
            items.filter((item) => !postponed.has(item.seasonNumber)),
            stored.rows.filter((row) => !postponed.has(row.season_number)),
          );
    return {
      changes: episodeChanges(match, stored, facts.tmdbId, show.id, complete, context),
      partial,
      warnings: match.warnings,
    };
  },
};

function itemsOf(facts: SeasonSetFacts): EpisodeFacts[] {
  return facts.seasons.flatMap((season) => season.episodes ?? []);
}

/** Seasons that a renumbering reaches: from where rows or their ids leave and where they go. No other season depends on these. */
function touchedSeasons(match: EpisodeMatch<StoredEpisode>): Set<number> {
  const home = new Map(
    [...match.matches.flatMap(({ stored }) => stored ?? []), ...match.unmatched].map((row) => [
      row.tmdb_episode_id,
      row,
    ]),
  );
  const touched = new Set(match.displaced.map((row) => row.season_number));
  for (const { facts, stored } of match.matches) {
    const from = [stored, facts.tmdbEpisodeId == null ? undefined : home.get(facts.tmdbEpisodeId)].filter(
      (row) => row != null,
    );
    if (from.every((row) => sameSlot(facts, row))) continue;
    for (const season of [facts.seasonNumber, ...from.map((row) => row.season_number)]) touched.add(season);
  }
  return touched;
}

function episodeChanges(
  match: EpisodeMatch<StoredEpisode>,
  stored: StoredEpisodes,
  tmdbSeriesId: number,
  showId: string,
  complete: boolean,
  context: PlanContext,
): TableChange[] {
  const making = makeRoom(match);
  const current = (row: StoredEpisode): StoredEpisode => making.after.get(row.id) ?? row;
  const rows: PlannedRow[] = match.matches.map(({ facts, stored: row }) => {
    const fixed = {
      id: row?.id ?? context.newId(),
      show_id: showId,
      season_id: stored.seasonIds.get(facts.seasonNumber),
      season_number: facts.seasonNumber,
      episode_number: facts.episodeNumber,
    };
    const overrides = row === null ? [] : stored.overrides.get(row.id);
    const synopsis = overrides?.find((override) => override.field === 'synopsis');
    const base = row === null ? null : withChosenOverview(current(row));
    const derived = (merged: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
      synopsis: synopsis === undefined ? (merged['overview'] ?? null) : synopsis.value,
    });
    const planned = planRow(
      EPISODES_TABLE,
      { stored: base, fixed, incoming: episodeValues(facts, tmdbSeriesId), overrides, derived },
      context,
    );
    // The overview was taken from the synopsis, so the stored overview differs although the merge saw no change.
    if (row === null || row.overview === base?.overview || planned.changed.includes('overview')) return planned;
    const changed = [...new Set([...planned.changed, 'overview', 'fetched_at'])].sort();
    return { ...planned, changed, values: { ...planned.values, fetched_at: context.source.at } };
  });
  const displaced = new Set(match.displaced.map((row) => row.id));
  let spare =
    1 +
    Math.max(
      0,
      ...stored.rows.map((row) => row.episode_number),
      ...match.matches.map(({ facts }) => facts.episodeNumber),
    );
  for (const row of match.unmatched) {
    const now = current(row);
    if (displaced.has(row.id)) {
      // Its number belongs to another episode now: it leaves the catalogue at once, at a number nobody uses.
      const values = { ...now, episode_number: spare, missing_count: 2, retired_at: now.retired_at ?? context.now };
      rows.push({ stored: now, values, changed: ['episode_number', 'missing_count', 'retired_at'] });
      spare += 1;
    } else if (complete && isOnlyTmdbEpisode(row)) {
      rows.push(planMissing(now, context));
    }
  }
  return [...making.changes, ...tableChanges('core.episodes', ['id'], insertColumns(EPISODES_TABLE, IDENTITY), rows)];
}

/**
 * The unique rules on numbers and ids are checked row by row, so rows that swap or shift places first step aside: ids are let go,
 * numbers parked. Empty when every row can go straight to its place.
 */
function makeRoom(match: EpisodeMatch<StoredEpisode>): { changes: TableChange[]; after: Map<string, StoredEpisode> } {
  const after = new Map<string, StoredEpisode>();
  const changes: TableChange[] = [];
  const released = match.released.map((row) => {
    const { tmdb_episode_id: _, ...provenance } = asProvenance(row.provenance);
    return { ...row, tmdb_episode_id: null, provenance };
  });
  if (released.length > 0) {
    const rows = released.map(({ id, tmdb_episode_id, provenance }) => ({ id, tmdb_episode_id, provenance }));
    changes.push({
      table: 'core.episodes',
      op: 'update',
      columns: ['provenance', 'tmdb_episode_id'],
      key: ['id'],
      rows,
      step: -2,
    });
  }
  for (const row of released) after.set(row.id, row);
  const movers = match.matches.flatMap(({ facts, stored }) =>
    stored !== null && !sameSlot(facts, stored) ? [stored] : [],
  );
  const leaving = [...movers, ...match.displaced];
  const left = new Set(leaving.map((row) => `${row.season_number}/${row.episode_number}`));
  const targets = match.matches
    .filter(({ facts, stored }) => stored !== null && !sameSlot(facts, stored))
    .map(({ facts }) => facts);
  if (targets.some((item) => left.has(`${item.seasonNumber}/${item.episodeNumber}`))) {
    const rows = leaving.map((row, index) => ({ id: row.id, episode_number: PARKING + index }));
    changes.push({ table: 'core.episodes', op: 'update', columns: ['episode_number'], key: ['id'], rows, step: -1 });
    for (const [index, row] of leaving.entries()) {
      after.set(row.id, { ...(after.get(row.id) ?? row), episode_number: PARKING + index });
    }
  }
  return { changes, after };
}

function sameSlot(facts: EpisodeFacts, row: StoredEpisode): boolean {
  return facts.seasonNumber === row.season_number && facts.episodeNumber === row.episode_number;
}
