import type { Row, Statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, showReference } from '../params.ts';
import { GET_SEASON, LIST_SEASONS } from './queries.ts';

/** All seasons of a show by number; `[]` for an unknown show (S6). */
export async function listSeasons(
  db: Database,
  { licences, mediaBaseUrl }: CatalogueOptions,
  showId: string,
): Promise<PublicAnswer> {
  const row = await db.public.one(LIST_SEASONS, [...showReference(showId), licences, mediaBaseUrl]);
  return { body: row?.body ?? '[]' };
}

/** One season. @throws Problem 404 (S7) */
export async function getSeason(
  db: Database,
  options: CatalogueOptions,
  showId: string,
  number: number,
): Promise<PublicAnswer> {
  return bySeason(db, options, GET_SEASON, showId, number, options.mediaBaseUrl);
}

/**
 * The row a statement gives for a show, the licences and a season number, and `more` values behind them.
 * @throws Problem 404 when the season is unknown, whatever size its number has
 */
export async function bySeason<S extends Statement>(
  db: Database,
  { licences }: CatalogueOptions,
  statement: S,
  showId: string,
  number: number,
  ...more: readonly unknown[]
): Promise<Row<S>> {
  const row =
    Math.abs(number) > 2_147_483_647
      ? undefined
      : await db.public.one(statement, [...showReference(showId), licences, number, ...more]);
  if (row === undefined) throw notFound('Season');
  return row;
}
