import type pg from 'pg';
import { type Difference, differences } from '../catalogue/compare.ts';
import { PREDECESSOR_SCHEMAS, predecessorCatalogue } from '../catalogue/expected.ts';
import { factsOf } from '../catalogue/facts.ts';
import type { Catalogue } from '../catalogue/model.ts';
import { type Query, readCatalogue } from '../catalogue/read.ts';
import { type MigrationFile, readMigrations } from '../migrate/files.ts';
import { MIGRATIONS_FOLDER, takeMigrationLock } from '../migrate/migrate.ts';
import { withOwner } from '../owner.ts';
import { explain } from './explain.ts';
import { type HistoryVerdict, judgeHistory, PREDECESSOR_LAST, replaceHistory } from './history.ts';
import { findRowProblems, type RowProblem } from './preconditions.ts';

export interface AdoptOptions {
  /** Owner's URL. */
  readonly url: string;
  /** Ids of differences that are meant to be so. */
  readonly accept?: readonly string[];
  readonly acceptAll?: boolean;
  /** Compare and check, change nothing. */
  readonly dryRun?: boolean;
  /**
   * Also run all migrations and take them back: finds every row they would stop at, not only what the checks look for. Holds
   * locks on all tables meanwhile. Implies `dryRun`.
   */
  readonly rehearse?: boolean;
  /** Default: the project's `supabase/migrations`. */
  readonly folder?: string;
  /** Default: the predecessor's structure at 0051. */
  readonly expected?: Catalogue;
}

export interface ExplainedDifference extends Difference {
  /** One line: what differs and what upgrading makes of it. */
  readonly line: string;
  readonly accepted: boolean;
}

export interface Adoption {
  /**
   * `adopted`: the history now lists the baseline. `ready`: a dry run found nothing in the way. `refused`: differences nobody
   * accepted, or rows in the way. `nothing`: this is no predecessor's database at 0051; `message` says what it is.
   */
  readonly outcome: 'adopted' | 'ready' | 'refused' | 'nothing';
  readonly verdict: HistoryVerdict['kind'];
  readonly message: string;
  readonly differences: readonly ExplainedDifference[];
  readonly problems: readonly RowProblem[];
  /** Accepted ids that name no difference: a typing error, or already repaired. */
  readonly unknownAccepts: readonly string[];
  /** Versions of the baseline files that stand in the history afterwards. */
  readonly baseline: readonly string[];
}

/**
 * Moves the predecessor's database in: compares its structure with the expected one, looks for rows our migrations would
 * stop at, and, when nothing is in the way, replaces 0001-0051 of the history by the baseline files, in one transaction.
 * Runs no migration. Afterwards `migrate` upgrades it.
 * @throws DatabaseUnavailable; MigrationRefused when another process migrates or a migration file is broken.
 */
export async function adoptDatabase(options: AdoptOptions): Promise<Adoption> {
  const files = await readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  return withOwner(
    options.url,
    async (client) => {
      await takeMigrationLock(client, 10_000);
      await client.query('begin');
      await client.query("select set_config('search_path', '', true)");
      const verdict = await judgeHistory(client, files);
      if (verdict.kind !== 'predecessor') {
        await client.query('rollback');
        return nothing(verdict.kind, verdict.message);
      }
      const examined = await examine(client, options, files, verdict.gaps);
      const adoption = options.rehearse === true ? await rehearsed(client, examined, files) : examined;
      if (adoption.outcome === 'ready' && options.dryRun !== true && options.rehearse !== true) {
        await replaceHistory(client, baselineOf(files));
        await client.query('commit');
        return { ...adoption, outcome: 'adopted', message: adoptedMessage(verdict.versions.length, adoption.baseline) };
      }
      await client.query('rollback');
      return adoption;
    },
    { applicationName: 'trr db adopt' },
  );
}

function nothing(verdict: HistoryVerdict['kind'], message: string): Adoption {
  return { outcome: 'nothing', verdict, message, differences: [], problems: [], unknownAccepts: [], baseline: [] };
}

function baselineOf(files: readonly MigrationFile[]): MigrationFile[] {
  return files.filter(({ version }) => version <= PREDECESSOR_LAST);
}

function adoptedMessage(kept: number, baseline: readonly string[]): string {
  return `adopted: ${kept} rows of the old history kept in pipeline.adopted_migrations, ${baseline.length} baseline files recorded; run trr db migrate to upgrade`;
}

async function examine(
  client: pg.ClientBase,
  options: AdoptOptions,
  files: readonly MigrationFile[],
  gaps: readonly string[],
): Promise<Adoption> {
  const query: Query = async <R extends Record<string, unknown>>(text: string, values?: unknown[]) =>
    (await client.query<R>(text, values)).rows;
  const expected = options.expected ?? predecessorCatalogue();
  const live = withKnownBodies(await readCatalogue(query, PREDECESSOR_SCHEMAS), expected);
  const detail = { detail: 'baseline' } as const;
  const found = [...historyGaps(gaps), ...differences(factsOf(expected, detail), factsOf(live, detail))];
  const later = files.filter(({ version }) => version > PREDECESSOR_LAST);
  const accept = new Set(options.accept ?? []);
  const explained = found.map((one) => ({
    ...one,
    line: explain(one, later),
    accepted: options.acceptAll === true || accept.has(one.id),
  }));
  const ids = new Set(found.map(({ id }) => id));
  const problems = await findRowProblems(client);
  const open = explained.filter(({ accepted }) => !accepted).length;
  return {
    outcome: open > 0 || problems.length > 0 ? 'refused' : 'ready',
    verdict: 'predecessor',
    message: verdictMessage(open, problems.length),
    differences: explained,
    problems,
    unknownAccepts: [...accept].filter((id) => !ids.has(id)),
    baseline: baselineOf(files).map(({ version }) => version),
  };
}

function verdictMessage(open: number, problems: number): string {
  if (open === 0 && problems === 0) return 'nothing is in the way of adopting this database';
  const parts = [
    open === 0
      ? ''
      : `${open} difference(s) nobody accepted: repair them, or say --accept ID for each (or --accept-all)`,
    problems === 0 ? '' : `${problems} kind(s) of rows the migrations would stop at: put them right first`,
  ];
  return `not adopted: ${parts.filter((part) => part !== '').join('; ')}`;
}

/** Marks and upgrades inside the open transaction, which the caller takes back; a failing file becomes a problem. */
async function rehearsed(
  client: pg.ClientBase,
  adoption: Adoption,
  files: readonly MigrationFile[],
): Promise<Adoption> {
  if (adoption.outcome !== 'ready') return adoption;
  await replaceHistory(client, baselineOf(files));
  for (const file of files.filter(({ version }) => version > PREDECESSOR_LAST)) {
    try {
      await client.query('set local search_path to default');
      await client.query(file.text);
      await client.query('reset all; reset session authorization');
    } catch (error) {
      const what = `statement(s) of ${file.file} fail on these rows`;
      const example = error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error);
      const problem: RowProblem = { id: `rehearsal:${file.version}`, what, count: 1, examples: [example] };
      return { ...adoption, outcome: 'refused', message: verdictMessage(0, 1), problems: [problem] };
    }
  }
  return { ...adoption, message: 'all migrations ran on this database and were taken back: nothing is in the way' };
}

function historyGaps(gaps: readonly string[]): Difference[] {
  return gaps.map((version) => ({
    id: `history:${version}`,
    kind: 'history',
    how: 'missing',
    on: version,
    name: '',
    expected: 'to have been applied',
    found: null,
  }));
}

/**
 * How the expected hashes treat blanks is not known, so a body counts as the migrated one when its hash as stored, without
 * outer blanks or with single blanks is the expected one.
 */
function withKnownBodies(live: Catalogue, expected: Catalogue): Catalogue {
  const known = new Map(expected.functions.map((fn) => [`${fn.schema}.${fn.name}(${fn.signature})`, fn.body_md5]));
  return {
    ...live,
    functions: live.functions.map((fn) => {
      const md5 = known.get(`${fn.schema}.${fn.name}(${fn.signature})`);
      return md5 !== undefined && fn.body_md5_variants.includes(md5) ? { ...fn, body_md5: md5 } : fn;
    }),
  };
}
