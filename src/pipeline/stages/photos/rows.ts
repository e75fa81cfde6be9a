import { PHOTO_RULES, type PhotoFacts, photoValues } from '../../../catalogue/people/photos.ts';
import type { Row } from '../../../platform/db/statement.ts';
import type { Scope } from '../../../platform/db/types.ts';
import type { Plan, TableChange } from '../../plan.ts';
import type { PlanContext } from '../../stage.ts';
import { loadOverrides, type OverridesByRow } from '../overrides.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from '../rows.ts';
import { PHOTOS } from './queries.ts';

const TABLE: TableRules = { table: 'core.cast_photos', rules: PHOTO_RULES, fetchedAt: 'fetched_at', retires: true };
const IDENTITY = ['id', 'person_id', 'source', 'source_image_id'];

type StoredRow = Row<typeof PHOTOS>;

/** One person's pictures from one source. */
export interface PersonPhotos {
  readonly personId: string;
  readonly photos: readonly PhotoFacts[];
  /** All pictures the source has of the person: only then is one that is not among them missing. */
  readonly complete: boolean;
}

export interface StoredPhotos {
  readonly rows: readonly StoredRow[];
  readonly overrides: OverridesByRow;
}

export async function loadPhotos(tx: Scope, source: string, people: readonly string[]): Promise<StoredPhotos> {
  const rows = people.length === 0 ? [] : await tx.query(PHOTOS, [people, source]);
  const ids = rows.map((row) => row.id);
  return { rows, overrides: await loadOverrides(tx, 'cast_photos', ids) };
}

/**
 * Rows of people's pictures: each picture one row, known by its id at the source or by its address (`spec/media.md` 10.6). Nothing is
 * downloaded. Two stored rows that turn out to be one picture become one; a picture without an address is told and left out, the
 * others are stored (C14).
 */
export function planPhotos(people: readonly PersonPhotos[], stored: StoredPhotos, context: PlanContext): Plan {
  const warnings: string[] = [];
  const gone: { id: string }[] = [];
  const rows: PlannedRow[] = [];
  for (const { personId, photos, complete } of people) {
    const own = stored.rows.filter((row) => row.person_id === personId);
    const byId = new Map(own.map((row) => [row.source_image_id, row]));
    const byUrl = new Map(
      own.flatMap((row) => (row.image_url_canonical === null ? [] : [[row.image_url_canonical, row]])),
    );
    const seen = new Set<StoredRow>();
    for (const photo of distinct(photos)) {
      if (!/^https:\/\/\S+$/.test(photo.url) || photo.sourceImageId.trim() === '') {
        warnings.push(`a picture of person ${personId} from ${photo.source} has no address or id; left out`);
        continue;
      }
      const found = [
        byId.get(photo.sourceImageId),
        photo.canonicalUrl === null ? undefined : byUrl.get(photo.canonicalUrl),
      ];
      const matches = [...new Set(found.filter((row) => row !== undefined))].filter((row) => !seen.has(row));
      const [row = null, other] = matches.sort((a, b) => Number(b.hosted) - Number(a.hosted));
      if (row !== null) seen.add(row);
      if (other !== undefined) {
        seen.add(other);
        gone.push({ id: other.id });
      }
      const fixed = {
        id: row?.id ?? context.newId(),
        person_id: personId,
        source: photo.source,
        source_image_id: other === undefined ? (row?.source_image_id ?? photo.sourceImageId) : photo.sourceImageId,
      };
      const overrides = row === null ? [] : stored.overrides.get(row.id);
      const said = { ...context, source: { ...context.source, licence: photo.licence } };
      rows.push(planRow(TABLE, { stored: row, fixed, incoming: photoValues(photo, row), overrides }, said));
    }
    if (complete) rows.push(...own.filter((row) => !seen.has(row)).map((row) => planMissing(row, context)));
  }
  const changes: TableChange[] = [];
  // A row that gives its key to another has to be gone before.
  if (gone.length > 0)
    changes.push({ table: TABLE.table, op: 'delete', columns: [], key: ['id'], rows: gone, step: -1 });
  changes.push(...tableChanges(TABLE.table, ['id'], insertColumns(TABLE, IDENTITY), rows));
  return { changes, partial: [], warnings };
}

/** A picture that is listed twice is one; the first listing, which is the more prominent, stands. */
function distinct(photos: readonly PhotoFacts[]): PhotoFacts[] {
  const ids = new Set<string>();
  const urls = new Set<string>();
  return photos.filter((photo) => {
    if (ids.has(photo.sourceImageId) || (photo.canonicalUrl !== null && urls.has(photo.canonicalUrl))) return false;
    ids.add(photo.sourceImageId);
    if (photo.canonicalUrl !== null) urls.add(photo.canonicalUrl);
    return true;
  });
}
