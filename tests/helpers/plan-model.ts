import type { Plan } from '../../src/pipeline/plan.ts';
import type { PlanContext, ShowIdentity } from '../../src/pipeline/stage.ts';

export type ModelRow = Readonly<Record<string, unknown>>;

export const SHOW: ShowIdentity = {
  id: '00000000-0000-0000-0000-000000000010',
  name: 'Show',
  imdbId: null,
  tmdbId: 12345,
  premiereDate: null,
  mostRecentEpisode: null,
};

/** A unit's context at a fixed time; new ids count up, so that plans can be compared. */
export function planContext(over: { at?: string; today?: string; prefix?: string } = {}): PlanContext {
  const at = over.at ?? '2025-12-18T00:00:00Z';
  let made = 0;
  return {
    now: at,
    today: over.today ?? at.slice(0, 10),
    source: { name: 'tmdb', licence: 'tmdb', at, via: 'live' },
    newId: () => {
      made += 1;
      return `${over.prefix ?? 'new'}-${made}`;
    },
  };
}

/**
 * What a plan makes of one table, row by row as the database checks unique rules: steps in order, updates before inserts.
 * @param unique lists of columns that no two rows may share (null counts as distinct)
 * @throws Error when two rows collide, an updated row is unknown, or one row is updated twice in a step
 */
export function carryOut(
  table: string,
  rows: readonly ModelRow[],
  plan: Plan,
  unique: readonly (readonly string[])[],
): ModelRow[] {
  let now = [...rows];
  const check = (): void => {
    for (const columns of unique) {
      const seen = new Set<string>();
      for (const row of now) {
        if (columns.some((column) => row[column] === null)) continue;
        const key = JSON.stringify(columns.map((column) => row[column]));
        if (seen.has(key)) throw new Error(`${columns.join(', ')} ${key} twice`);
        seen.add(key);
      }
    }
  };
  const changes = plan.changes.filter((change) => change.table === table);
  for (const step of [...new Set(changes.map((change) => change.step ?? 0))].sort((a, b) => a - b)) {
    const ofStep = changes.filter((change) => (change.step ?? 0) === step);
    const touched = new Set<unknown>();
    for (const change of ofStep.filter(({ op }) => op === 'update')) {
      for (const values of change.rows) {
        const at = now.findIndex((row) => change.key.every((column) => row[column] === values[column]));
        if (at < 0 || touched.has(at)) throw new Error(`update of ${at < 0 ? 'an unknown row' : 'one row twice'}`);
        touched.add(at);
        now[at] = { ...now[at], ...values };
        check();
      }
    }
    for (const change of ofStep.filter(({ op }) => op === 'delete')) {
      now = now.filter(
        (row) => !change.rows.some((gone) => change.key.every((column) => row[column] === gone[column])),
      );
    }
    for (const change of ofStep.filter(({ op }) => op === 'insert')) {
      for (const values of change.rows) {
        now.push(values);
        check();
      }
    }
  }
  return now;
}
