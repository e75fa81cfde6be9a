import type { FandomConfig, WikiConfig } from '../../platform/config/wikis.ts';
import { mapOutcome, notOk, type Outcome, ok } from '../../platform/outcome.ts';
import type { WikiPersonFacts } from '../../platform/wiki-facts.ts';
import type { Fetcher } from '../types.ts';
import { type Ask, type AskOptions, createAsk } from './ask.ts';
import { type FileRecords, galleryFacts, personFacts, seasonFacts } from './facts.ts';
import { findPerson } from './find.ts';
import { type Asked, readPage } from './page.ts';
import { type FileRecord, parseImageInfo, parseRevisions, parseSearch } from './parse/api.ts';
import { parseGallery, photosOfPerson } from './parse/gallery.ts';
import { type PersonPage, parsePerson } from './parse/person.ts';
import type { PagePhoto } from './parse/photos.ts';
import { parseSeason } from './parse/season.ts';
import { BATCH, imageInfoRequest, type PageKey, revisionsRequest, searchRequest } from './requests.ts';
import type { FandomSource, PageRevision, WikiRequestOptions } from './source.ts';
import { wikiOf } from './wikis.ts';

/** Files of one page whose records are asked for; more than that is a gallery nobody looks through. */
const MAX_FILES = 300;

/** Fandom's wikis behind one fetcher; `FandomSource` says what each call asks. */
export function createFandomSource(fetcher: Fetcher, config: FandomConfig, options: AskOptions = {}): FandomSource {
  const ask = createAsk(fetcher, config, options);
  return {
    wikiOf: (show) => wikiOf(config.wikis, show),
    findPerson: (wiki, query, options) =>
      findPerson(
        {
          page: (key) => personPage(ask, wiki, key, options),
          withFiles: (asked, page) => withFiles(ask, wiki, asked, page, options),
          revisions: (pageIds) => revisions(ask, wiki.wiki, pageIds, options),
          search: async (name) => (await ask(wiki.wiki, searchRequest(name), parseSearch, options)).outcome,
        },
        wiki.wiki,
        query,
      ),
    async person(wiki, title, options) {
      const { outcome } = await personPage(ask, wiki, { title }, options);
      return outcome.kind === 'ok' ? withFiles(ask, wiki, title, outcome, options) : outcome;
    },
    gallery: (wiki, person, options) => gallery(ask, wiki, person, options),
    season: (wiki, seasonNumber, options) => season(ask, wiki, seasonNumber, options),
    revisions: (wiki, pageIds, options) => revisions(ask, wiki.wiki, pageIds, options),
  };
}

function personPage(
  ask: Ask,
  wiki: WikiConfig,
  key: PageKey,
  options?: WikiRequestOptions,
): Promise<Asked<PersonPage>> {
  const { personTemplates } = wiki;
  return readPage(ask, wiki.wiki, key, (body) => parsePerson(body, { personTemplates }), options);
}

/** A person page with the true sizes, licences and uploaders of its pictures. */
async function withFiles(
  ask: Ask,
  wiki: WikiConfig,
  asked: string,
  page: Outcome<PersonPage>,
  options?: WikiRequestOptions,
): Promise<Outcome<WikiPersonFacts>> {
  if (page.kind !== 'ok') return page;
  const { files, missing } = await fileRecords(ask, wiki.wiki, page.value.photos, options);
  return ok(personFacts(wiki.wiki, asked, page.value, files), { ...page, missing: [...page.missing, ...missing] });
}

async function gallery(ask: Ask, wiki: WikiConfig, person: WikiPersonFacts, options?: WikiRequestOptions) {
  const title = wiki.galleryTitle.replace('{name}', person.origin.pageTitle);
  const { outcome } = await readPage(ask, wiki.wiki, { title }, (body) => parseGallery(body), options);
  if (outcome.kind !== 'ok') return outcome;
  const names = [
    person.origin.pageTitle,
    person.name,
    ...(typeof person.fullName === 'string' ? [person.fullName] : []),
  ];
  const own = photosOfPerson(outcome.value, names);
  const { files, missing } = await fileRecords(ask, wiki.wiki, own.photos, options);
  return ok(galleryFacts(wiki.wiki, title, own, files), { ...outcome, missing: [...outcome.missing, ...missing] });
}

async function season(ask: Ask, wiki: WikiConfig, seasonNumber: number, options?: WikiRequestOptions) {
  if (wiki.seasonTitle === null) {
    return notOk('not_found', `fandom: ${wiki.wiki} has no pattern for season pages: set "season" in TRR_FANDOM_WIKIS`);
  }
  const title = wiki.seasonTitle.replaceAll('{n}', String(seasonNumber));
  const { outcome } = await readPage(ask, wiki.wiki, { title }, parseSeason, options);
  if (outcome.kind !== 'ok') return outcome;
  const read = outcome.value.season.seasonNumber;
  if (read !== null && read !== seasonNumber) {
    return notOk(
      'schema_changed',
      `fandom: asked ${wiki.wiki} for season ${seasonNumber}, the page is about season ${read}`,
    );
  }
  const photos = outcome.value.cast.map(({ photo }) => photo);
  const { files, missing } = await fileRecords(ask, wiki.wiki, photos, options);
  return ok(seasonFacts(wiki.wiki, title, outcome.value, files), {
    ...outcome,
    missing: [...outcome.missing, ...missing],
  });
}

/** Records of the files, `BATCH` in a request; what cannot be had is named, for the page is worth having without. */
async function fileRecords(
  ask: Ask,
  wiki: string,
  photos: readonly PagePhoto[],
  options?: WikiRequestOptions,
): Promise<{ readonly files: FileRecords; readonly missing: readonly string[] }> {
  const names = [...new Set(photos.map(({ address }) => address.fileName))];
  const files = new Map<string, FileRecord>();
  for (const some of chunks(names.slice(0, MAX_FILES))) {
    const { outcome } = await ask(wiki, imageInfoRequest(some), parseImageInfo, options);
    if (outcome.kind !== 'ok') return { files, missing: ['imageinfo'] };
    for (const file of outcome.value) files.set(file.fileName, file);
  }
  return { files, missing: names.length > MAX_FILES ? ['imageinfo'] : [] };
}

async function revisions(
  ask: Ask,
  wiki: string,
  pageIds: readonly number[],
  options?: WikiRequestOptions,
): Promise<Outcome<readonly PageRevision[]>> {
  const [first, ...rest] = chunks(pageIds);
  if (first === undefined) return ok([], { at: new Date().toISOString(), via: 'live' });
  let { outcome: whole } = await ask(wiki, revisionsRequest(first), parseRevisions, options);
  for (const ids of rest) {
    if (whole.kind !== 'ok') return whole;
    const known = whole.value;
    const { outcome } = await ask(wiki, revisionsRequest(ids), parseRevisions, options);
    whole = mapOutcome(outcome, (found) => [...known, ...found]);
  }
  return whole;
}

/** Parts of at most `BATCH` items. */
function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH);
  return Array.from({ length: count }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));
}
