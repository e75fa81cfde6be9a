import { type EpisodeIds, type EpisodeMatch, matchEpisodes } from '../../catalogue/episodes/match.ts';
import { withChosenOverview } from '../../catalogue/episodes/merge.ts';
import type { RowValues } from '../../catalogue/provenance/merge-row.ts';
import { asProvenance } from '../../catalogue/provenance/types.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { EpisodeFacts } from '../../platform/facts.ts';
import type { Plan, TableChange } from '../plan.ts';
import type { PlanContext } from '../stage.ts';
import type { OverridesByRow } from './overrides.ts';
import type { EPISODES } from './queries.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';

const IDENTITY = ['id', 'show_id', 'season_id', 'season_number', 'episode_number', 'synopsis'];

/** Numbers no source uses, where rows wait while others take their places within one transaction. */
const PARKING = 1_000_000;

export type StoredEpisode = Row<typeof EPISODES>;

/** How one source speaks about episodes. */
export interface EpisodeVoice {
  readonly rules: TableRules;
  readonly ids: EpisodeIds;
  readonly values: (facts: EpisodeFacts) => RowValues;
  readonly licences?: Readonly<Record<string, string>>;
  /** Whether the source alone vouches for a stored row, so that its absence there may retire it. */
  readonly vouchesAlone: (row: StoredEpisode) => boolean;
}

export interface EpisodesInput {
  readonly showId: string;
  readonly items: readonly EpisodeFacts[];
  readonly rows: readonly StoredEpisode[];
  /** Season ids by number. */
  readonly seasonIds: ReadonlyMap<number, string>;
  readonly overrides: OverridesByRow;
  /** Every episode the source has was answered: only then may a row be counted as missing. */
  readonly complete: boolean;
  /** What is missing so far; more may come. */
  readonly partial: string[];
}

/**
 * Plans a source's episodes against the stored ones: each finds its row, renumbered ones keep theirs and move, those a complete answer no
 * longer has are counted as missing. A renumbering that pushes rows out of their places waits for a complete answer.
 */
export function planEpisodes(input: EpisodesInput, voice: EpisodeVoice, context: PlanContext): Plan {
  const { items, rows, partial, complete } = input;
  const first = matchEpisodes(items, rows, voice.ids);
  const harmless = first.displaced.every((row) => row.retired_at !== null);
  const postponed = complete || harmless ? new Set<number>() : touchedSeasons(first, voice.ids);
  if (postponed.size > 0) partial.push('episodes: renumbering waits for a complete fetch');
  const match =
    postponed.size === 0
      ? first
      : matchEpisodes(
          items.filter((item) => !postponed.has(item.seasonNumber)),
          rows.filter((row) => !postponed.has(row.season_number)),
          voice.ids,
        );
  return { changes: episodeChanges(match, input, voice, context), partial, warnings: match.warnings };
}

/** Seasons that a renumbering reaches: from where rows or their ids leave and where they go. No other season depends on these. */
function touchedSeasons(match: EpisodeMatch<StoredEpisode>, ids: EpisodeIds): Set<number> {
  const home = new Map<number | string | null, StoredEpisode>(
    [...match.matches.flatMap(({ stored }) => stored ?? []), ...match.unmatched].map((row) => [row[ids.column], row]),
  );
  const touched = new Set(match.displaced.map((row) => row.season_number));
  for (const { facts, stored } of match.matches) {
    const id = ids.ofItem(facts);
    const from = [stored, id == null ? undefined : home.get(id)].filter((row) => row != null);
    if (from.every((row) => sameSlot(facts, row))) continue;
    for (const season of [facts.seasonNumber, ...from.map((row) => row.season_number)]) touched.add(season);
  }
  return touched;
}

function episodeChanges(
  match: EpisodeMatch<StoredEpisode>,
  { showId, seasonIds, overrides: allOverrides, rows: stored, complete }: EpisodesInput,
  voice: EpisodeVoice,
  context: PlanContext,
): TableChange[] {
  const making = makeRoom(match, voice.ids);
  const current = (row: StoredEpisode): StoredEpisode => making.after.get(row.id) ?? row;
  const rows: PlannedRow[] = match.matches.map(({ facts, stored: row }) => {
    const fixed = {
      id: row?.id ?? context.newId(),
      show_id: showId,
      season_id: seasonIds.get(facts.seasonNumber),
      season_number: facts.seasonNumber,
      episode_number: facts.episodeNumber,
    };
    const overrides = row === null ? [] : allOverrides.get(row.id);
    const synopsis = overrides?.find((override) => override.field === 'synopsis');
    const base = row === null ? null : withChosenOverview(current(row));
    const derived = (merged: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
      synopsis: synopsis === undefined ? (merged['overview'] ?? null) : synopsis.value,
    });
    const planned = planRow(
      voice.rules,
      {
        stored: base,
        fixed,
        incoming: voice.values(facts),
        overrides,
        derived,
        ...(voice.licences === undefined ? {} : { licences: voice.licences }),
      },
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
    Math.max(0, ...stored.map((row) => row.episode_number), ...match.matches.map(({ facts }) => facts.episodeNumber));
  for (const row of match.unmatched) {
    const now = current(row);
    if (displaced.has(row.id)) {
      // Its number belongs to another episode now: it leaves the catalogue at once, at a number nobody uses.
      const values = { ...now, episode_number: spare, missing_count: 2, retired_at: now.retired_at ?? context.now };
      rows.push({ stored: now, values, changed: ['episode_number', 'missing_count', 'retired_at'] });
      spare += 1;
    } else if (complete && voice.vouchesAlone(row)) {
      rows.push(planMissing(now, context));
    }
  }
  return [...making.changes, ...tableChanges('core.episodes', ['id'], insertColumns(voice.rules, IDENTITY), rows)];
}

/**
 * The unique rules on numbers and ids are checked row by row, so rows that swap or shift places first step aside: ids are let go,
 * numbers parked. Empty when every row can go straight to its place.
 */
function makeRoom(
  match: EpisodeMatch<StoredEpisode>,
  { column }: EpisodeIds,
): { changes: TableChange[]; after: Map<string, StoredEpisode> } {
  const after = new Map<string, StoredEpisode>();
  const changes: TableChange[] = [];
  const released = match.released.map((row) => {
    const { [column]: _, ...provenance } = asProvenance(row.provenance);
    return { ...row, [column]: null, provenance };
  });
  if (released.length > 0) {
    const rows = released.map(({ id, provenance }) => ({ id, [column]: null, provenance }));
    changes.push({
      table: 'core.episodes',
      op: 'update',
      columns: [column, 'provenance'].sort(),
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
