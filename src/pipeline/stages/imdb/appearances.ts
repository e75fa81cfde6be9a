import { type RollUp, rollUp } from '../../../catalogue/people/appearances.ts';
import { findPerson } from '../../../catalogue/people/merge.ts';
import type { RowValues } from '../../../catalogue/provenance/merge-row.ts';
import { asProvenance } from '../../../catalogue/provenance/types.ts';
import type { AppearanceFacts, CreditFacts } from '../../../platform/facts.ts';
import type { NotOk } from '../../../platform/outcome.ts';
import type { Plan } from '../../plan.ts';
import type { ShowSources } from '../../show-sources.ts';
import type { ShowIdentity, Stage, StageFetch, StageSource } from '../../stage.ts';
import type { StageSources } from '../../stage-sources.ts';
import { appearanceChanges, loadAppearances, type StoredAppearances } from '../appearance-rows.ts';
import { type CastContext, fetchImdbCast, readCastContext } from './cast.ts';
import { type ImdbVoice, imdbIdOf, needsImdbId } from './voices.ts';

export interface ImdbAppearanceFacts {
  /** People who were asked about, each once. */
  readonly people: readonly CreditFacts[];
  /** By the person's IMDb id, what each voice said, the stronger one first; people nobody could be asked about are absent. */
  readonly credits: ReadonlyMap<string, readonly AppearanceFacts[]>;
  /** Who answered. */
  readonly voices: readonly string[];
  /** Every voice that is on has answered about everybody. */
  readonly complete: boolean;
}

/**
 * Which episodes the members of IMDb's cast are in, rolled up per person (`spec/pipeline.md` 8.5). All of IMDb's voices speak at once here,
 * because a person's episodes are one list.
 */
export function imdbAppearances(
  voices: readonly ImdbVoice[],
  options: StageSources,
): Stage<ImdbAppearanceFacts, StoredAppearances, CastContext> {
  const [strongest] = voices;
  return {
    name: 'appearances',
    ...(strongest === undefined ? {} : { source: strongest.source }),
    needs: ['people'],
    applies: needsImdbId,
    before: readCastContext,
    async fetch(show, sources, context) {
      const answers = await Promise.all(voices.map((voice) => ask(voice, show, sources, options, context)));
      return together(answers);
    },
    load: (tx, show, facts) => loadAppearances(tx, show, facts.people),
    plan(facts, stored, show, context): Plan {
      const byPerson = new Map(stored.rows.map((row) => [row.person_id, row]));
      const said = new Map<string, RowValues>();
      for (const { person } of facts.people) {
        const credits = facts.credits.get(person.imdbId ?? '');
        const row = findPerson(person, stored.people);
        if (credits === undefined || row === undefined) continue;
        const before = byPerson.get(row.id);
        const author = asProvenance(before?.provenance)['imdb_episode_title_ids']?.source;
        // What another way of asking IMDb brought is not gone because this one does not have it.
        const replaced = facts.complete && (author === undefined || facts.voices.includes(author));
        const kept = replaced ? [] : (before?.imdb_episode_title_ids ?? []).map(knownOnly);
        said.set(row.id, valuesOf(rollUp([...credits, ...kept], stored.episodes)));
      }
      return { changes: appearanceChanges(said, stored, show, context), partial: [], warnings: [] };
    },
  };
}

function valuesOf(rolled: RollUp | null): RowValues {
  return {
    seasons: rolled?.seasons ?? [],
    imdb_episode_title_ids: rolled?.titleIds ?? [],
    tmdb_episode_ids: rolled?.tmdbEpisodeIds ?? [],
  };
}

/** A stored episode id as a credit that says nothing else. */
function knownOnly(episodeId: string): AppearanceFacts {
  return {
    episodeId,
    seasonNumber: null,
    episodeNumber: null,
    title: null,
    year: null,
    airDate: null,
    job: null,
    category: null,
    characters: [],
    attributes: [],
    archiveFootage: false,
  };
}

interface Said {
  readonly source: StageSource;
  readonly people: readonly CreditFacts[];
  readonly credits: ReadonlyMap<string, readonly AppearanceFacts[]>;
  readonly at: string;
  readonly via: 'live' | 'snapshot';
  readonly missing: readonly string[];
}
type Answer =
  | Said
  | { readonly source: StageSource; readonly reason: NotOk }
  | { readonly source: StageSource; readonly nothing: string };

async function ask(
  voice: ImdbVoice,
  show: ShowIdentity,
  sources: ShowSources,
  { sheet, limits }: StageSources,
  context: CastContext,
): Promise<Answer> {
  const { source } = voice;
  const cast = await fetchImdbCast(voice, show, sources, sheet, context);
  if (cast.kind === 'failed') return { source, reason: cast.reason };
  if (cast.kind === 'nothing') return { source, nothing: cast.reason };
  const byId = new Map(cast.facts.credits.map((credit) => [credit.person.imdbId, credit]));
  const people = [...byId.values()].sort(byBilling).slice(0, limits?.cast ?? byId.size);
  if (people.length === 0) return { source, people, credits: new Map(), at: cast.at, via: cast.via, missing: [] };
  const asked = people.flatMap(({ person: { imdbId }, categoryId }) =>
    imdbId === undefined ? [] : [{ nameId: imdbId, ...(categoryId === undefined ? {} : { categoryId }) }],
  );
  const outcome = await voice.appearances(imdbIdOf(show), asked, sources);
  if (outcome.kind !== 'ok') return { source, reason: outcome };
  const credits = new Map(asked.map(({ nameId }) => [nameId, outcome.value.get(nameId)]));
  // A file names everybody it knows at once, so whoever is not in it has no episode; a page that failed says nothing.
  const failed = new Set(outcome.missing.flatMap((name) => /^appearances of (nm\d+)/.exec(name)?.[1] ?? []));
  const heard = [...credits].flatMap(([id, list]) => (failed.has(id) ? [] : [[id, list ?? []] as const]));
  return {
    source,
    people,
    credits: new Map(heard),
    at: outcome.at,
    via: outcome.via,
    missing: [...cast.missing, ...outcome.missing],
  };
}

function byBilling(a: CreditFacts, b: CreditFacts): number {
  return (a.billingOrder ?? Number.MAX_SAFE_INTEGER) - (b.billingOrder ?? Number.MAX_SAFE_INTEGER);
}

/** What says that a voice knows nothing of the show, which is no gap. */
const UNKNOWN = new Set(['not_recorded', 'not_found', 'gone']);

function together(answers: readonly Answer[]): StageFetch<ImdbAppearanceFacts> {
  const said = answers.flatMap((answer) => ('people' in answer ? [answer] : []));
  const [first] = said;
  if (first === undefined) {
    const failed = answers.find((answer) => 'reason' in answer);
    if (failed !== undefined) return { kind: 'failed', reason: failed.reason, source: failed.source.name };
    return { kind: 'nothing', reason: answers.map((answer) => ('nothing' in answer ? answer.nothing : '')).join('; ') };
  }
  const people = new Map<string | undefined, CreditFacts>();
  const credits = new Map<string, AppearanceFacts[]>();
  for (const one of said) {
    for (const credit of one.people) if (!people.has(credit.person.imdbId)) people.set(credit.person.imdbId, credit);
    for (const [id, list] of one.credits) credits.set(id, [...(credits.get(id) ?? []), ...list]);
  }
  const silent = answers.flatMap((answer) =>
    'reason' in answer && !UNKNOWN.has(answer.reason.kind) ? [`${answer.source.name}: ${answer.reason.kind}`] : [],
  );
  const missing = [...said.flatMap((one) => one.missing), ...silent];
  const facts: ImdbAppearanceFacts = {
    people: [...people.values()],
    credits,
    voices: said.map(({ source }) => source.name),
    complete: missing.length === 0,
  };
  return { kind: 'facts', facts, at: first.at, via: first.via, missing, source: first.source };
}
