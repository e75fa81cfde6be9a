import { distinctImages, IMAGE_KINDS, SHOW_IMAGE_RULES, showImageValues } from '../../catalogue/images/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { ImageFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { PlanContext, ShowIdentity, Stage } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { idConflict } from './conflict.ts';
import { SHOW_IMAGES, SHOW_IMAGES_ELSEWHERE, SHOW_PRIMARIES } from './image-queries.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';

const IMAGES: TableRules = {
  table: 'core.show_images',
  rules: SHOW_IMAGE_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};
const PRIMARIES: TableRules = {
  table: 'core.shows',
  rules: { primary_poster_image_id: 'mirror', primary_backdrop_image_id: 'mirror', primary_logo_image_id: 'mirror' },
  fetchedAt: null,
  retires: false,
};
const IDENTITY = ['id', 'show_id', 'source', 'source_image_id', 'kind', 'file_path'];

/** Absent when the answer had no images block: then nothing is known to be gone. */
export interface ShowImagesFacts {
  readonly tmdbId: number;
  readonly images: readonly ImageFacts[] | undefined;
}

export interface StoredShowImages {
  readonly rows: readonly Row<typeof SHOW_IMAGES>[];
  readonly show: Row<typeof SHOW_PRIMARIES> | undefined;
  readonly overrides: OverridesByRow;
  readonly showOverrides: OverridesByRow;
  readonly elsewhere: { readonly id: string; readonly name: string } | undefined;
}

/** Rows of a show's posters, backdrops and logos, and which of each kind comes first (`spec/sources-tmdb.md` 6.4). */
export const showImagesStage: Stage<ShowImagesFacts, StoredShowImages> = {
  name: 'show-images',
  needs: ['details'],
  applies: needsTmdbId,
  fetch: (show, sources) =>
    fetchBundle(show, sources, ['images'], ({ images }) => ({ tmdbId: show.tmdbId ?? 0, images })),
  async load(tx, show, facts) {
    const stored = await together({
      rows: tx.query(SHOW_IMAGES, [show.id]),
      show: tx.one(SHOW_PRIMARIES, [show.id]),
      showOverrides: loadOverrides(tx, 'shows', [show.id]),
      elsewhere: tx.one(SHOW_IMAGES_ELSEWHERE, [show.id, facts.tmdbId]),
    });
    const ids = stored.rows.map((row) => row.id);
    return { ...stored, overrides: await loadOverrides(tx, 'show_images', ids) };
  },
  plan(facts, stored, show, context): Plan {
    if (facts.images === undefined) return { changes: [], partial: [], warnings: [] };
    if (stored.elsewhere !== undefined) return idConflict(`TMDb images of ${facts.tmdbId}`, show, stored.elsewhere);
    const rows = imageRows(distinctImages(facts.images), facts.tmdbId, stored, show, context);
    const changes = tableChanges(IMAGES.table, ['id'], insertColumns(IMAGES, IDENTITY), rows);
    if (stored.show !== undefined) {
      const incoming = primaries(rows, stored.show);
      const overrides = stored.showOverrides.get(show.id);
      const row = planRow(PRIMARIES, { stored: stored.show, fixed: { id: show.id }, incoming, overrides }, context);
      // The images have to be there before the show can point at them.
      for (const change of tableChanges(PRIMARIES.table, ['id'], [], [row])) changes.push({ ...change, step: 1 });
    }
    return { changes, partial: [], warnings: [] };
  },
};

function imageRows(
  images: readonly ImageFacts[],
  tmdbId: number,
  stored: StoredShowImages,
  show: ShowIdentity,
  context: PlanContext,
): PlannedRow[] {
  const keyOf = (kind: string, path: string | null): string => JSON.stringify([kind, path]);
  const byKey = new Map(stored.rows.map((row) => [keyOf(row.kind, row.file_path ?? row.source_image_id), row]));
  const usedIds = new Set(stored.rows.map((row) => row.source_image_id));
  const rows = images.map((image) => {
    const row = byKey.get(keyOf(image.kind, image.filePath)) ?? null;
    // The path is the id; when another kind already has it, the kind becomes part of the id (`spec/media.md` 10.3).
    const free = usedIds.has(image.filePath) ? `${image.kind}:${image.filePath}` : image.filePath;
    const sourceImageId = row?.source_image_id ?? free;
    usedIds.add(sourceImageId);
    const fixed = {
      id: row?.id ?? context.newId(),
      show_id: show.id,
      source: 'tmdb',
      source_image_id: sourceImageId,
      kind: image.kind,
      file_path: image.filePath,
    };
    const overrides = row === null ? [] : stored.overrides.get(row.id);
    return planRow(IMAGES, { stored: row, fixed, incoming: showImageValues(image, tmdbId, row), overrides }, context);
  });
  const present = new Set(images.map((image) => keyOf(image.kind, image.filePath)));
  const gone = stored.rows.filter((row) => !present.has(keyOf(row.kind, row.file_path ?? row.source_image_id)));
  return [...rows, ...gone.map((row) => planMissing(row, context))];
}

/**
 * The first living image of each kind. Rows TMDb no longer lists come last and count until they retire. A kind without any has
 * none, unless another source's image was chosen: that is not TMDb's to clear.
 */
function primaries(rows: readonly PlannedRow[], show: Row<typeof SHOW_PRIMARIES>): Record<string, unknown> {
  const ours = new Set(rows.map((row) => row.values['id']));
  return Object.fromEntries(
    IMAGE_KINDS.map((kind) => {
      const column = `primary_${kind}_image_id` as const;
      const best = rows.find((row) => row.values['kind'] === kind && row.values['retired_at'] === null);
      const foreign = show[column] !== null && !ours.has(show[column]);
      return [column, best?.values['id'] ?? (foreign ? undefined : null)];
    }),
  );
}
