import { findPerson } from '../../../catalogue/people/merge.ts';
import { imdbPhoto, tmdbPhoto, tmdbPhotos, wikiPhoto } from '../../../catalogue/people/photos.ts';
import type { Row } from '../../../platform/db/statement.ts';
import type { CreditFacts, ProfileFacts } from '../../../platform/facts.ts';
import { mapOutcome, type Outcome } from '../../../platform/outcome.ts';
import type { FandomSource } from '../../../sources/fandom/source.ts';
import type { ImdbSource } from '../../../sources/imdb/source.ts';
import type { TmdbPeople } from '../../../sources/tmdb/source.ts';
import { ofSources } from '../../parts.ts';
import type { Plan } from '../../plan.ts';
import { mapBounded, type ShowSources } from '../../show-sources.ts';
import type { ShowIdentity, Stage, StageFetch } from '../../stage.ts';
import { GALLERY_LIMIT, type StageLimits, type StageSources } from '../../stage-sources.ts';
import {
  askEach,
  type CastPerson,
  castPeople,
  chosen,
  FANDOM,
  findOnWiki,
  needsWiki,
  wikiOf,
} from '../fandom/people.ts';
import { needsImdbId } from '../imdb/voices.ts';
import { fetchCredits, loadPeople, profileOf } from '../people.ts';
import type { PEOPLE } from '../queries.ts';
import { needsTmdbId } from '../season-facts.ts';
import { loadPhotos, type PersonPhotos, planPhotos, type StoredPhotos } from './rows.ts';

/**
 * Rows of people's pictures from all sources (`spec/media.md` 10.5). Each source is limited for itself; nothing is downloaded here.
 */
export function castPhotosStage(
  { tmdbPeople, imdb, fandom, limits }: StageSources,
  part: (stage: unknown) => Stage,
): Stage {
  return ofSources(
    'cast-photos',
    ['cast'],
    [
      part(tmdbPart(limits?.galleries === true ? tmdbPeople : undefined, limits)),
      ...(imdb === undefined ? [] : [part(imdbPart(imdb, limits))]),
      ...(fandom === undefined ? [] : [part(fandomPart(fandom, limits))]),
    ],
  );
}

const WIDTH = 8;

interface TmdbPhotoFacts {
  readonly credits: readonly CreditFacts[];
  /** Whole galleries, of those people whose page was asked for. */
  readonly profiles: readonly ProfileFacts[];
}

interface StoredTmdbPhotos extends StoredPhotos {
  readonly people: readonly Row<typeof PEOPLE>[];
}

/** @param tmdb absent: only the one picture that each credit names anyway, which costs no request */
function tmdbPart(
  tmdb: TmdbPeople | undefined,
  limits: StageLimits | undefined,
): Stage<TmdbPhotoFacts, StoredTmdbPhotos> {
  return {
    name: 'cast-photos',
    needs: ['cast'],
    applies: needsTmdbId,
    async fetch(show, sources) {
      const fetched = await fetchCredits(show, sources);
      if (fetched.kind !== 'facts') return fetched;
      const credits = [...(fetched.facts.credits ?? [])].slice(0, limits?.cast);
      const ids = tmdb === undefined ? [] : [...new Set(credits.flatMap(({ person }) => person.tmdbId ?? []))];
      const answers = await mapBounded(ids, WIDTH, (id) => profile(tmdb, id, sources));
      const profiles = answers.flatMap((answer) => (answer?.kind === 'ok' ? [answer.value] : []));
      const failed = answers.filter(
        (answer) => answer !== undefined && answer.kind !== 'ok' && answer.kind !== 'not_recorded',
      );
      const missing = failed.length === 0 ? [] : [`profiles: ${failed.length} of ${ids.length} failed`];
      return { ...fetched, facts: { credits, profiles }, missing: [...fetched.missing, ...missing] };
    },
    async load(tx, _show, facts) {
      const people = await loadPeople(tx, facts.credits);
      const ids = people.map((row) => row.id);
      return { people, ...(await loadPhotos(tx, 'tmdb', ids)) };
    },
    plan(facts, stored, _show, context): Plan {
      const byId = new Map(facts.profiles.map((one) => [one.tmdbId, one]));
      const seen = new Map<string, PersonPhotos>();
      for (const { person } of facts.credits) {
        const row = findPerson(person, stored.people);
        if (row === undefined || seen.has(row.id)) continue;
        const page = byId.get(person.tmdbId ?? 0);
        const limit = limits?.gallery ?? GALLERY_LIMIT;
        if (page?.pictures !== undefined) {
          const complete = limit === 0 || page.pictures.length <= limit;
          seen.set(row.id, { personId: row.id, photos: tmdbPhotos(page, limit), complete });
        } else if (person.profilePath != null) {
          seen.set(row.id, {
            personId: row.id,
            photos: [tmdbPhoto(person.profilePath, person.tmdbId)],
            complete: false,
          });
        }
      }
      return planPhotos([...seen.values()], stored, context);
    },
  };
}

async function profile(
  tmdb: TmdbPeople | undefined,
  id: number,
  sources: ShowSources,
): Promise<Outcome<ProfileFacts> | undefined> {
  return tmdb === undefined ? undefined : profileOf(tmdb, id, sources);
}

const IMDB = { name: 'imdb-web', licence: 'imdb' } as const;

function imdbPart(
  imdb: ImdbSource,
  limits: StageLimits | undefined,
): Stage<readonly PersonPhotos[], StoredPhotos, readonly CastPerson[]> {
  const limit = limits?.gallery ?? GALLERY_LIMIT;
  return {
    name: 'cast-photos',
    source: IMDB,
    needs: ['cast'],
    applies: needsImdbId,
    before: castPeople,
    async fetch(_show, sources, people) {
      const named = (people ?? []).filter((person) => imdbIdOf(person) !== null);
      // Viewer pages of pictures whose details are known are not asked for again (P4).
      const asked = await askEach(chosen(named, limits), (person) =>
        imdb.personPhotos(imdbIdOf(person) ?? '', {
          ...(limit === 0 ? { limit: Number.MAX_SAFE_INTEGER } : { limit }),
          known: new Set(person.known_viewers ?? []),
        }),
      );
      return factsOf(asked, IMDB.name, sources.now(), (photos) => ({ photos: photos.map(imdbPhoto), complete: false }));
    },
    load: (tx, _show, facts) =>
      loadPhotos(
        tx,
        'imdb',
        facts.map(({ personId }) => personId),
      ),
    plan: (facts, stored, _show, context) => planPhotos(facts, stored, context),
  };
}

function imdbIdOf(person: CastPerson): string | null {
  const id = (person.external_ids as { imdb?: unknown } | null)?.imdb;
  return typeof id === 'string' ? id : null;
}

function fandomPart(
  fandom: FandomSource,
  limits: StageLimits | undefined,
): Stage<readonly PersonPhotos[], StoredPhotos, readonly CastPerson[]> {
  return {
    name: 'cast-photos',
    source: FANDOM,
    needs: ['cast'],
    applies: needsWiki(fandom),
    before: castPeople,
    async fetch(show, sources, people) {
      // Whose page it is has been settled by the stage before; nobody else gets pictures.
      const settled = (people ?? []).filter(({ wiki }) => wiki !== null && wiki === wikiOf(fandom, show)?.wiki);
      const asked = await askEach(chosen(settled, limits), (person) =>
        wikiPhotos(fandom, show, person, sources, limits),
      );
      return factsOf(asked, FANDOM.name, sources.now(), (found) => found);
    },
    load: (tx, _show, facts) =>
      loadPhotos(
        tx,
        'fandom',
        facts.map(({ personId }) => personId),
      ),
    plan: (facts, stored, _show, context) => planPhotos(facts, stored, context),
  };
}

type WikiPhotos = Omit<PersonPhotos, 'personId'>;

/** Pictures on the person's confirmed page, then those of their gallery. Asked again only when the page changed since pictures were read. */
async function wikiPhotos(
  fandom: FandomSource,
  show: ShowIdentity,
  person: CastPerson,
  sources: ShowSources,
  limits: StageLimits | undefined,
): Promise<Outcome<WikiPhotos>> {
  const wiki = wikiOf(fandom, show);
  if (wiki === null) return { kind: 'not_found', detail: 'fandom: no wiki is configured for the show' };
  const revision = person.photo_revision_id === person.revision_id ? person.revision_id : null;
  const search = await findOnWiki(fandom, wiki, show, person, revision, sources);
  if (search.kind !== 'ok') return search;
  const { confirmed } = search.value;
  if (confirmed === null || (person.page_id !== null && String(confirmed.origin.pageId) !== person.page_id))
    return { kind: 'not_found', detail: `fandom: no page is beyond doubt ${person.full_name}'s` };
  const gallery = await sources.shared(`fandom gallery ${wiki.wiki} ${confirmed.origin.pageTitle}`, (signal) =>
    fandom.gallery(wiki, confirmed, signal === undefined ? {} : { signal }),
  );
  if (gallery.kind === 'challenged' || gallery.kind === 'forbidden') return gallery;
  const limit = limits?.gallery ?? GALLERY_LIMIT;
  const more = gallery.kind === 'ok' ? gallery.value.photos : [];
  const kept = limit === 0 ? more : more.slice(0, limit);
  const whole = gallery.kind === 'ok' || gallery.kind === 'not_found' || gallery.kind === 'gone';
  return mapOutcome(
    { ...search, missing: whole ? [] : [`gallery of ${person.full_name}: ${gallery.kind}`] },
    (): WikiPhotos => ({
      photos: [...confirmed.photos, ...kept].map(wikiPhoto),
      complete: whole && kept.length === more.length,
    }),
  );
}

const SETTLED = new Set(['ok', 'not_modified', 'not_found', 'gone', 'not_recorded']);

function factsOf<T>(
  { answers, refused }: Awaited<ReturnType<typeof askEach<T>>>,
  source: string,
  now: string,
  read: (value: T) => WikiPhotos,
): StageFetch<readonly PersonPhotos[]> {
  if (refused !== undefined && answers.length === 0) return { kind: 'failed', reason: refused, source };
  const unrecorded = answers.flatMap(({ outcome }) => (outcome.kind === 'not_recorded' ? [outcome] : []));
  const [first] = unrecorded;
  if (first !== undefined && unrecorded.length === answers.length) return { kind: 'failed', reason: first, source };
  const answered = answers.flatMap(({ person, outcome }) => (outcome.kind === 'ok' ? [{ person, outcome }] : []));
  const missing = [
    ...answered.flatMap(({ outcome }) => outcome.missing),
    ...answers.flatMap(({ person, outcome }) =>
      SETTLED.has(outcome.kind) ? [] : [`photos of ${person.full_name}: ${outcome.kind}`],
    ),
    ...(refused === undefined ? [] : [`${source}: ${refused.kind}`]),
  ];
  const facts = answered.map(({ person, outcome }) => ({ personId: person.id, ...read(outcome.value) }));
  const newest = answered.reduce((latest, { outcome }) => (outcome.at > latest ? outcome.at : latest), '');
  return {
    kind: 'facts',
    facts,
    at: newest === '' ? now : newest,
    via: answered[0]?.outcome.via ?? 'live',
    missing,
  };
}
