import type { CreditFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** Role and billing: IMDb's and the predecessor's win, TMDb fills gaps and follows its own. The category is whose word the row is. */
export const CAST_RULES: RowRules = { credit_category: 'stated', role: 'curated', billing_order: 'curated' };

export function castValues(credit: CreditFacts): RowValues {
  return { credit_category: credit.category, role: credit.role, billing_order: credit.billingOrder };
}

/** `core.show_cast` holds who is seen: as themselves or in a part. Crew credits are not cast. */
export function isOnScreen(credit: CreditFacts): boolean {
  const category = credit.category.toLowerCase();
  return category === 'self' || category === 'cast';
}

/**
 * Whether a credit makes its person a member of the cast (`spec/pipeline.md` 6.6, 8.4): seen, credited, not only in archive footage, and in
 * enough episodes where the source counts them. A place in the title's own billing is enough.
 */
export function isCast(credit: CreditFacts, minimumEpisodes: number): boolean {
  if (!isOnScreen(credit) || credit.uncredited === true || credit.archiveFootage === true) return false;
  return credit.episodeCount === null || credit.billingOrder !== null || credit.episodeCount >= minimumEpisodes;
}

/** Categories are one whatever their case: the predecessor's two writers used `self` and `Self` (`spec/pipeline.md` 8.4). */
export function categoryKey(category: string): string {
  return category.trim().toLowerCase();
}

export interface PersonCredit {
  readonly personId: string;
  readonly credit: CreditFacts;
}

/**
 * One credit per person and category, in that order: a repeated one keeps the lowest billing and its roles are joined,
 * distinct, in billing order (`spec/pipeline.md` 8.4). The result does not depend on the order of the input.
 */
export function mergeCredits(credits: readonly PersonCredit[]): { credits: PersonCredit[]; warnings: string[] } {
  const groups = new Map<string, PersonCredit[]>();
  for (const item of credits) {
    const key = JSON.stringify([item.personId, categoryKey(item.credit.category)]);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const warnings: string[] = [];
  const merged = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const [first, ...others] = group.toSorted((a, b) => compareCredits(a.credit, b.credit));
      const listings = group.reduce((sum, { credit }) => sum + (credit.listings ?? 1), 0);
      if (first !== undefined && listings > 1) {
        warnings.push(`${first.credit.person.name} is listed ${listings} times as ${first.credit.category}; merged`);
      }
      if (first === undefined || others.length === 0) return first;
      const roles = new Set([first, ...others].flatMap(({ credit }) => (credit.role === null ? [] : [credit.role])));
      return { ...first, credit: { ...first.credit, role: roles.size === 0 ? null : [...roles].join(', ') } };
    });
  return { credits: merged.filter((item) => item !== undefined), warnings };
}

function compareCredits(a: CreditFacts, b: CreditFacts): number {
  const billing = (a.billingOrder ?? Number.MAX_SAFE_INTEGER) - (b.billingOrder ?? Number.MAX_SAFE_INTEGER);
  if (billing !== 0) return billing;
  const [left, right] = [JSON.stringify([a.role ?? '', a.category]), JSON.stringify([b.role ?? '', b.category])];
  return left === right ? 0 : left < right ? -1 : 1;
}
