import { distinctImages, SEASON_IMAGE_RULES, seasonImageValues } from '../../catalogue/images/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { SeasonFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { PlanContext, Stage } from '../stage.ts';
import { idConflict } from './conflict.ts';
import { SEASON_IMAGES, SEASON_IMAGES_ELSEWHERE } from './image-queries.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { SEASONS } from './queries.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { fetchSeasonSet, needsTmdbId, type SeasonSetFacts } from './season-facts.ts';

const IMAGES: TableRules = {
  table: 'core.season_images',
  rules: SEASON_IMAGE_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};
const IDENTITY = ['id', 'show_id', 'season_id', 'tmdb_series_id', 'season_number', 'source', 'kind', 'file_path'];

export interface StoredSeasonImages {
  readonly rows: readonly Row<typeof SEASON_IMAGES>[];
  /** Season ids by number. */
  readonly seasonIds: ReadonlyMap<number, string>;
  readonly overrides: OverridesByRow;
  readonly elsewhere: { readonly id: string; readonly name: string } | undefined;
}

/** Season posters from TMDb (`spec/media.md` 10.4). A poster is counted as missing only against its own season's complete answer. */
export const seasonImagesStage: Stage<SeasonSetFacts, StoredSeasonImages> = {
  name: 'season-images',
  needs: ['seasons'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchSeasonSet('season-images', show, sources, ['images']),
  async load(tx, show, facts) {
    const { rows, seasons, elsewhere } = await together({
      rows: tx.query(SEASON_IMAGES, [show.id]),
      seasons: tx.query(SEASONS, [show.id]),
      elsewhere: tx.one(SEASON_IMAGES_ELSEWHERE, [show.id, facts.tmdbId]),
    });
    const ids = rows.map((row) => row.id);
    return {
      rows,
      seasonIds: new Map(seasons.map((season) => [season.season_number, season.id])),
      overrides: await loadOverrides(tx, 'season_images', ids),
      elsewhere,
    };
  },
  plan(facts, stored, show, context): Plan {
    if (stored.elsewhere !== undefined) return idConflict(`TMDb series ${facts.tmdbId}`, show, stored.elsewhere);
    const partial: string[] = [];
    const rows: PlannedRow[] = [];
    for (const season of facts.seasons) {
      const seasonId = stored.seasonIds.get(season.seasonNumber);
      if (season.posters === undefined) continue;
      if (seasonId === undefined) partial.push(`seasons: season ${season.seasonNumber} is not stored`);
      else rows.push(...posterRows(season, seasonId, facts.tmdbId, show.id, stored, context));
    }
    return {
      changes: tableChanges(IMAGES.table, ['id'], insertColumns(IMAGES, IDENTITY), rows),
      partial,
      warnings: [],
    };
  },
};

function posterRows(
  season: SeasonFacts,
  seasonId: string,
  tmdbId: number,
  showId: string,
  stored: StoredSeasonImages,
  context: PlanContext,
): PlannedRow[] {
  const storedRows = stored.rows.filter(
    (row) => row.season_number === season.seasonNumber && row.tmdb_series_id === tmdbId,
  );
  const byPath = new Map(storedRows.map((row) => [row.file_path, row]));
  const posters = distinctImages(season.posters ?? []).filter(
    (image) => image.kind === 'poster' && image.width !== null && image.height !== null,
  );
  const rows = posters.map((image) => {
    const row = byPath.get(image.filePath) ?? null;
    const fixed = {
      id: row?.id ?? context.newId(),
      show_id: showId,
      season_id: seasonId,
      tmdb_series_id: tmdbId,
      season_number: season.seasonNumber,
      source: 'tmdb',
      kind: 'poster',
      file_path: image.filePath,
    };
    const overrides = row === null ? [] : stored.overrides.get(row.id);
    return planRow(IMAGES, { stored: row, fixed, incoming: seasonImageValues(image), overrides }, context);
  });
  const present = new Set(posters.map((image) => image.filePath));
  return [...rows, ...storedRows.filter((row) => !present.has(row.file_path)).map((row) => planMissing(row, context))];
}
