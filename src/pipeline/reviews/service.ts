import { Refused } from '../../catalogue/merging/refused.ts';
import { type ChangeOptions, merge } from '../../catalogue/merging/service.ts';
import { setOverride } from '../../catalogue/overrides/service.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import type { ReviewQuestion } from '../plan.ts';
import { ASK_REVIEW, DECIDE_REVIEW, FIND_REVIEW, LIST_REVIEWS } from './queries.ts';

export type Review = Row<typeof LIST_REVIEWS>;

/** Puts a question into the queue, in the transaction of the unit that has it. */
export async function askReview(tx: Scope, runId: string, question: ReviewQuestion): Promise<void> {
  const { kind, showId, about, candidates } = question;
  await tx.query(ASK_REVIEW, [kind, showId, about, JSON.stringify(candidates), runId]);
}

export interface ReviewsPage {
  readonly status: string;
  readonly after?: { readonly time: string; readonly id: string };
  readonly limit: number;
}

export async function listReviews(db: Database, { status, after, limit }: ReviewsPage): Promise<Review[]> {
  return db.asService('reviews list', (tx) =>
    tx.query(LIST_REVIEWS, [status, after?.time ?? null, after?.id ?? null, limit]),
  );
}

/** @throws Refused `review_not_found`, `review_ambiguous`, `review_decided` */
async function openReview(db: Database, id: string): Promise<Review> {
  const [review, other] = await db.asService('review find', (tx) => tx.query(FIND_REVIEW, [id.toLowerCase()]));
  if (review === undefined) throw new Refused('review_not_found', `no review ${id}`);
  if (other !== undefined)
    throw new Refused('review_ambiguous', `several reviews begin with ${id}: give more of the id`);
  if (review.status !== 'open') throw new Refused('review_decided', `this review is ${review.status} already`);
  return review;
}

export interface Decided {
  readonly id: string;
  readonly status: 'accepted' | 'rejected';
  readonly choice: string | null;
  /** What was done about it, in words. */
  readonly done: string;
}

/**
 * Does what the question proposes: gives the show the chosen TMDb id, for good, merges it into the chosen show, or merges two people into the
 * chosen one.
 * @param choice id of a candidate; may be absent when there is only one, and of people, where the first is kept
 * @throws Refused
 */
export async function acceptReview(
  db: Database,
  id: string,
  choice: string | undefined,
  options: ChangeOptions,
): Promise<Decided> {
  const review = await openReview(db, id);
  const candidates = review.candidates as ReviewQuestion['candidates'];
  const chosen = choice ?? (candidates.length === 1 || review.kind === 'namesakes' ? candidates[0]?.id : undefined);
  if (chosen === undefined) {
    throw new Refused('choice_needed', `choose one of ${candidates.map((candidate) => candidate.id).join(', ')}`);
  }
  if (!candidates.some((candidate) => candidate.id === chosen)) {
    throw new Refused(
      'unknown_choice',
      `${chosen} is no candidate: choose one of ${candidates.map((c) => c.id).join(', ')}`,
    );
  }
  const decide = () =>
    db.asService('review accept', (tx) =>
      tx.query(DECIDE_REVIEW, [review.id, 'accepted', chosen, options.actor, options.reason ?? null]),
    );
  if (review.kind === 'id_conflict') {
    // The question goes with the show that is merged.
    await merge(db, 'show', review.show_id, chosen, options);
    await decide();
    return { id: review.id, status: 'accepted', choice: chosen, done: `merged ${review.show_id} into ${chosen}` };
  }
  if (review.kind === 'namesakes') {
    const other = candidates.find((candidate) => candidate.id !== chosen)?.id ?? chosen;
    await merge(db, 'person', other, chosen, options);
    await decide();
    return { id: review.id, status: 'accepted', choice: chosen, done: `merged ${other} into ${chosen}` };
  }
  await setOverride(db, 'shows', review.show_id, 'tmdb_id', chosen, options);
  await decide();
  return { id: review.id, status: 'accepted', choice: chosen, done: `${review.show_name} has TMDb id ${chosen}` };
}

/** Nothing is done; the same candidates are not proposed again. @throws Refused */
export async function rejectReview(db: Database, id: string, options: ChangeOptions): Promise<Decided> {
  const review = await openReview(db, id);
  await db.asService('review reject', (tx) =>
    tx.query(DECIDE_REVIEW, [review.id, 'rejected', null, options.actor, options.reason ?? null]),
  );
  return { id: review.id, status: 'rejected', choice: null, done: 'nothing was changed' };
}
