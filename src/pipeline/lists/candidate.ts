import { asProvenance, type FieldOverride } from '../../catalogue/provenance/types.ts';
import { filledImdbMeta } from '../../catalogue/shows/imdb.ts';
import { resolutionFlags } from '../../catalogue/shows/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import type { ShowFacts } from '../../platform/facts.ts';
import type { ImdbListItem } from '../../sources/imdb/source.ts';
import type { Plan } from '../plan.ts';
import type { PlanContext, ShowIdentity } from '../stage.ts';
import { loadOverrides } from '../stages/overrides.ts';
import { type PlannedRow, planRow, type TableRules, tableChanges } from '../stages/rows.ts';
import { CANDIDATE_ROWS } from './queries.ts';
import type { Candidate, ListedTitle } from './union.ts';

/** What an import says about a show's row (`spec/pipeline.md` 6.4): everything else belongs to the stages. */
const SHOWS: TableRules = {
  table: 'core.shows',
  rules: { name: 'fill', premiere_date: 'fill', imdb_id: 'mirror', tmdb_id: 'fill', listed_on: 'union' },
  fetchedAt: null,
  retires: false,
};
/** What an IMDb list says of a show (`spec/sources-imdb.md` 4.1). */
const LISTED: TableRules = {
  table: 'core.shows',
  rules: {
    name: 'fill',
    genres: 'union',
    listed_on: 'union',
    imdb_title: 'fill',
    imdb_content_rating: 'fill',
    imdb_rating_value: 'latest',
    imdb_rating_count: 'latest',
    imdb_end_year: 'fill',
    imdb_meta: 'curated',
  },
  fetchedAt: 'imdb_fetched_at',
  retires: false,
};
const INSERTED = [
  'id',
  ...Object.keys(SHOWS.rules),
  'provenance',
  'needs_imdb_resolution',
  'needs_tmdb_resolution',
] as const;

export type CandidateRow = Row<typeof CANDIDATE_ROWS>;

export interface PlannedCandidate {
  readonly plan: Plan;
  /** The show's identity once the plan is carried out; undefined when there is nothing to carry out. */
  readonly show?: ShowIdentity;
}

/** How a candidate is called in records: its ids, else its name. */
export function candidateName(candidate: Candidate): string {
  const ids = [
    candidate.tmdbId === null ? [] : `tmdb:${candidate.tmdbId}`,
    candidate.imdbId === null ? [] : `imdb:${candidate.imdbId}`,
  ].flat();
  return ids.length > 0 ? ids.join(' ') : `"${candidate.name ?? '?'}"`;
}

/** The candidate with what the source's details add to it; its own word comes first. */
export function withDetails(candidate: Candidate, facts: ShowFacts | undefined): Candidate {
  return {
    ...candidate,
    imdbId: candidate.imdbId ?? facts?.externalIds?.imdb ?? null,
    name: candidate.name?.trim() ? candidate.name : (facts?.name ?? null),
    firstAirDate: candidate.firstAirDate ?? facts?.firstAirDate ?? null,
  };
}

/** Stored shows the candidate may be, the one with its IMDb id first. */
export async function candidateRows(tx: Scope, candidate: Candidate): Promise<CandidateRow[]> {
  return tx.query(CANDIDATE_ROWS, [candidate.imdbId, candidate.tmdbId]);
}

/** Inserts the candidate as a show, or fills what its stored row lacks. Two rows for one candidate are a conflict. */
export async function planCandidate(tx: Scope, candidate: Candidate, context: PlanContext): Promise<PlannedCandidate> {
  const [stored, other] = await candidateRows(tx, candidate);
  if (stored !== undefined && other !== undefined) return { plan: conflict(candidate, stored, other) };
  const name = stored?.name ?? (candidate.name?.trim() || candidate.listed?.item.title.trim() || '');
  if (name === '')
    return { plan: refusal('no_name', `${candidateName(candidate)} has no name, and its details tell none`) };
  // An id of a show that was merged into this one finds it, and does not displace its own.
  const imdbId = stored?.merged_imdb && stored.imdb_id !== null ? undefined : (candidate.imdbId ?? undefined);
  const tmdbId = stored?.merged_tmdb && stored.tmdb_id !== null ? undefined : (candidate.tmdbId ?? undefined);
  if (stored?.tmdb_id != null && tmdbId !== undefined && stored.tmdb_id !== tmdbId) {
    const detail = `${candidateName(candidate)} matches "${stored.name}" (${stored.id}), which has the TMDb id ${stored.tmdb_id}`;
    return { plan: refusal('id_conflict', detail) };
  }
  const id = stored?.id ?? context.newId();
  const overrides = stored === undefined ? undefined : (await loadOverrides(tx, 'shows', [id])).get(id);
  const identity = planRow(
    SHOWS,
    {
      stored: stored ?? null,
      fixed: { id },
      incoming: {
        name: candidate.name ?? undefined,
        premiere_date: candidate.firstAirDate ?? undefined,
        imdb_id: imdbId,
        tmdb_id: tmdbId,
        listed_on: candidate.tags.some((tag) => tag.startsWith('tmdb-list:')) ? ['tmdb'] : undefined,
      },
      overrides,
      derived: (merged) =>
        resolutionFlags({ imdbId: merged['imdb_id'] as string | null, tmdbId: merged['tmdb_id'] as number | null }),
    },
    context,
  );
  const planned =
    candidate.listed === undefined ? identity : withListed(identity, candidate.listed, overrides, context);
  const values = planned.values;
  const show: ShowIdentity = {
    id,
    name: String(values['name'] ?? name),
    imdbId: (values['imdb_id'] ?? null) as string | null,
    tmdbId: (values['tmdb_id'] ?? null) as number | null,
    premiereDate: (values['premiere_date'] ?? null) as string | null,
    mostRecentEpisode: stored?.most_recent_episode ?? null,
  };
  return {
    plan: {
      changes: tableChanges('core.shows', ['id'], insertedColumns(candidate), [planned]),
      partial: [],
      warnings: [],
    },
    show,
  };
}

function insertedColumns({ listed }: Candidate): string[] {
  return [...INSERTED, ...(listed === undefined ? [] : [...Object.keys(LISTED.rules), 'imdb_fetched_at'])];
}

/** What IMDb's list says, on top of the row as it will be. */
function withListed(
  row: PlannedRow,
  { item, at, via }: ListedTitle,
  overrides: readonly FieldOverride[] | undefined,
  context: PlanContext,
): PlannedRow {
  // The title's own page says more about genres than a list does.
  const known = asProvenance(row.values['provenance'])['genres']?.values?.['imdb-web'];
  const incoming = {
    name: item.title,
    genres: known === undefined ? item.genres : undefined,
    listed_on: ['imdb'],
    imdb_title: item.title,
    imdb_content_rating: item.certificate ?? undefined,
    imdb_rating_value: item.ratingValue ?? undefined,
    imdb_rating_count: item.ratingCount ?? undefined,
    imdb_end_year: item.endYear ?? undefined,
    imdb_meta: filledImdbMeta(listedMeta(item), row.stored?.['imdb_meta']),
  };
  const said = { ...context, source: { name: 'imdb-web', licence: 'imdb', at, via } };
  const fixed = { id: row.values['id'] };
  const listed = planRow(LISTED, { stored: row.values, fixed, incoming, overrides }, said);
  return {
    stored: row.stored,
    values: listed.values,
    changed: [...new Set([...row.changed, ...listed.changed])].sort(),
  };
}

function conflict(candidate: Candidate, a: CandidateRow, b: CandidateRow): Plan {
  return refusal(
    'id_conflict',
    `${candidateName(candidate)} is two stored shows: "${a.name}" (${a.id}) and "${b.name}" (${b.id}); merge them: trr shows merge ${b.id} ${a.id}`,
  );
}

function refusal(code: string, detail: string): Plan {
  return { changes: [], partial: [], warnings: [], conflict: { code, detail } };
}

/** An entry of a list in the schema of `imdb_meta`, with its place and its owner's note (`spec/sources-imdb.md` 6.2, 20). */
function listedMeta(item: ImdbListItem): Readonly<Record<string, unknown>> {
  return {
    title: item.title,
    imdb_url: `https://www.imdb.com/title/${item.imdbId}/`,
    title_type: item.titleType,
    description: item.description,
    start_year: item.year,
    end_year: item.endYear,
    content_rating: item.certificate,
    runtime_minutes: item.runtimeMinutes,
    total_episodes: item.episodeCount,
    genres: item.genres,
    poster_image_url: item.posterUrl,
    poster_image_caption: item.posterCaption,
    list_rank: item.rank,
    list_note: item.note,
  };
}
