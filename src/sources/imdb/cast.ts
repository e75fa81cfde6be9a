import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import { mapOutcome, type Outcome } from '../../platform/outcome.ts';
import type { Ask } from './ask.ts';
import { creditFacts } from './facts.ts';
import { CAST_GROUP, categoryId, titleId } from './ids.ts';
import { joinRows } from './parse/credit-row.ts';
import type { ImdbCreditCategory, ImdbCredits } from './parse/credits.ts';
import { creditsRequest, moreCreditsRequest, referenceRequest } from './requests.ts';
import type { ImdbCast, ImdbRequestOptions } from './source.ts';

const MAX_PAGES = 40;

/**
 * Everybody on the full credits page; when that cannot be had, on the reference page. A cast of which the page shows only a part is read
 * on (`spec/sources-imdb.md` 6.2, 13); what is still lacking is missed by name: `cast`. Crew is taken as far as the page shows it.
 */
export async function readCast(
  ask: Ask,
  id: string,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<ImdbCast>> {
  const outcome = await creditsPage(ask, id, options);
  if (outcome.kind !== 'ok') return outcome;
  const { canonicalId, categories } = outcome.value;
  const read: ImdbCreditCategory[] = [];
  for (const category of categories) {
    read.push(category.isCast ? await whole(ask, canonicalId ?? id, category, hashes, options) : category);
  }
  const short = read.some(({ isCast, credits, total }) => isCast && total !== null && credits.length < total);
  return mapOutcome({ ...outcome, missing: short ? ['cast'] : [] }, () => {
    const cast = read.filter(({ isCast }) => isCast);
    const [first] = cast;
    return {
      imdbId: canonicalId ?? id,
      credits: creditFacts(read),
      castCategoryId: categoryId(first?.id) ?? CAST_GROUP,
      castTotal: first?.total ?? null,
    };
  });
}

async function creditsPage(ask: Ask, id: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbCredits>> {
  const full = await ask(creditsRequest(id), options);
  if (full.kind === 'ok' || full.kind === 'not_found' || full.kind === 'gone') return full;
  const reference = await ask(referenceRequest(id), options);
  return reference.kind === 'ok' ? reference : full;
}

/** The category with the pages behind its first one, as far as they can be had. */
async function whole(
  ask: Ask,
  id: string,
  category: ImdbCreditCategory,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<ImdbCreditCategory> {
  const { total } = category;
  let credits = category.credits;
  let cursor = total !== null && credits.length < total ? category.endCursor : null;
  const seen = new Set<string>();
  for (let page = 1; cursor !== null && page < MAX_PAGES && !seen.has(cursor); page++) {
    seen.add(cursor);
    const more = await ask(moreCreditsRequest(id, category.id, cursor, hashes), options);
    if (more.kind !== 'ok' || (titleId(more.value.id) ?? id) !== id) break;
    credits = joinRows([...credits, ...more.value.credits]);
    cursor = more.value.endCursor;
  }
  return { ...category, credits };
}
