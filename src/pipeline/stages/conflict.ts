import type { Plan } from '../plan.ts';

/** The plan of a unit whose outside id another show holds: nothing is written, and both shows are named so that they can be merged. */
export function idConflict(
  what: string,
  show: { readonly id: string; readonly name: string },
  holder: { readonly id: string; readonly name: string },
): Plan {
  const detail = `${what} of "${show.name}" (${show.id}) is held by "${holder.name}" (${holder.id}); merge the two shows: trr shows merge ${show.id} ${holder.id}`;
  const review = {
    kind: 'id_conflict',
    showId: show.id,
    about: what,
    candidates: [{ id: holder.id, name: holder.name }],
  } as const;
  return { changes: [], partial: [], warnings: [], conflict: { code: 'id_conflict', detail }, reviews: [review] };
}
