import type { Scope } from '../platform/db/types.ts';
import type { Via } from '../platform/outcome.ts';
import type { ShowSources } from './show-sources.ts';
import type { ShowIdentity, Stage, StageFetch, StageName } from './stage.ts';

type Facts = Extract<StageFetch<unknown>, { kind: 'facts' }>;

/** A source's answer, to be planned by its part. */
export interface PartAnswer {
  readonly part: Stage;
  readonly facts: Facts;
}

/** Answers that say that a source knows nothing of the show; of sources other than TMDb, which names every show, that is no gap. */
const UNKNOWN = new Set(['not_found', 'gone']);

/**
 * A stage whose facts come from several sources. Each part fetches at the same time as the others and is planned after the ones before it,
 * on top of what they wrote. A source that fails leaves the unit partial, by its name; the unit fails when no source answered.
 * @param parts in the order in which they speak; the first is the one the stage cannot do without where it applies
 */
export function ofSources(name: StageName, needs: readonly StageName[], parts: readonly Stage[]): Stage {
  const applying = (show: ShowIdentity) => parts.filter((part) => part.applies(show) === true);
  return {
    name,
    needs,
    parts,
    applies(show) {
      const reasons = parts.map((part) => part.applies(show));
      return reasons.includes(true) || [...new Set(reasons)].filter((reason) => reason !== true).join('; ');
    },
    ...(parts.some(({ before }) => before !== undefined)
      ? { before: (tx, show) => beforeAll(tx, show, applying(show)) }
      : {}),
    async fetch(show, sources, before) {
      return fetchAll(show, sources, applying(show), (before ?? new Map()) as ReadonlyMap<Stage, unknown>);
    },
    async load() {
      throw new Error(`bug: the parts of ${name} load for themselves`);
    },
    plan() {
      throw new Error(`bug: the parts of ${name} plan for themselves`);
    },
  };
}

async function beforeAll(tx: Scope, show: ShowIdentity, parts: readonly Stage[]): Promise<ReadonlyMap<Stage, unknown>> {
  const known = new Map<Stage, unknown>();
  for (const part of parts) if (part.before !== undefined) known.set(part, await part.before(tx, show));
  return known;
}

async function fetchAll(
  show: ShowIdentity,
  sources: ShowSources,
  parts: readonly Stage[],
  before: ReadonlyMap<Stage, unknown>,
): Promise<StageFetch<readonly PartAnswer[]>> {
  const fetched = await Promise.all(
    parts.map(async (part) => ({ part, answer: await part.fetch(show, sources, before.get(part)) })),
  );
  const answers: PartAnswer[] = [];
  const missing: string[] = [];
  const nothing: string[] = [];
  let unknown = false;
  let failure: Extract<StageFetch<unknown>, { kind: 'failed' }> | undefined;
  for (const { part, answer } of fetched) {
    if (answer.kind === 'facts') answers.push({ part, facts: answer });
    else if (answer.kind === 'nothing') nothing.push(answer.reason);
    else if (part.source !== undefined && UNKNOWN.has(answer.reason.kind)) unknown = true;
    else if (part.source !== undefined && answer.reason.kind === 'not_recorded') nothing.push(answer.reason.detail);
    else {
      failure ??= { ...answer, ...(part.source === undefined ? {} : { source: part.source.name }) };
      missing.push(`${part.source?.name ?? 'tmdb'}: ${answer.reason.kind}`);
    }
  }
  if (answers.length === 0 && failure !== undefined) return failure;
  if (answers.length === 0 && !unknown) return { kind: 'nothing', reason: [...new Set(nothing)].join('; ') };
  const at = answers.reduce((latest, { facts }) => (facts.at > latest ? facts.at : latest), sources.now());
  const via: Via = answers.some(({ facts }) => facts.via === 'live') ? 'live' : 'snapshot';
  return { kind: 'facts', facts: answers, at, via, missing };
}
