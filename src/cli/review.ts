import { defineCommand } from 'citty';
import type { ReviewQuestion } from '../pipeline/plan.ts';
import { acceptReview, type Decided, listReviews, type Review, rejectReview } from '../pipeline/reviews/service.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { EXIT, type ExitCode, integerArg, UsageError } from './command.ts';
import { whoAmI } from './pipeline-session.ts';

const json = { type: 'boolean', description: 'Print JSON' } as const;
const id = { type: 'positional', required: true, description: "The review's id or its beginning" } as const;
const reason = { type: 'string', description: 'Why, for the record' } as const;

const listCommand = defineCommand({
  meta: { name: 'list', description: 'Questions about identity that wait for a person, the newest first' },
  args: {
    json,
    status: { type: 'string', description: 'open, accepted or rejected', default: 'open' },
    limit: { type: 'string', description: 'How many', default: '50' },
  },
  async run({ args }) {
    const limit = integerArg('--limit', args.limit, { min: 1, max: 10_000 }) ?? 50;
    const { status } = args;
    if (!['open', 'accepted', 'rejected'].includes(status)) {
      throw new UsageError(`--status must be open, accepted or rejected, not "${status}"`);
    }
    return withDatabase(async (db) => {
      const reviews = await listReviews(db, { status, limit });
      if (args.json) console.log(JSON.stringify(reviews));
      else if (reviews.length === 0) console.log(`no review is ${status}`);
      else for (const review of reviews) for (const line of reviewLines(review)) console.log(line);
      return EXIT.ok;
    });
  },
});

function questionOf({ kind, about }: Review): string {
  if (kind === 'tmdb_id') return 'is it one of these at TMDb?';
  return kind === 'namesakes' ? 'are these two of its people one?' : `${about}: are these one show?`;
}

function reviewLines(review: Review): string[] {
  const what = questionOf(review);
  const candidates = review.candidates as ReviewQuestion['candidates'];
  return [
    `${review.id}  ${review.show_name} (${review.show_id}): ${what}`,
    ...candidates.map(
      ({ id: candidate, name, detail }) => `  ${candidate}  ${name ?? '?'}${detail === undefined ? '' : `, ${detail}`}`,
    ),
  ];
}

const acceptCommand = defineCommand({
  meta: { name: 'accept', description: 'Do what a question proposes: set the TMDb id, or merge the shows or people' },
  args: {
    id,
    choice: {
      type: 'string',
      description: 'Id of the candidate, when there are several; of people: who is kept, default the first',
    },
    reason,
    json,
  },
  async run({ args }) {
    return withDatabase(async (db) =>
      print(await acceptReview(db, args.id, args.choice, options(args.reason)), args.json),
    );
  },
});

const rejectCommand = defineCommand({
  meta: { name: 'reject', description: 'Leave it: the same candidates are not proposed again' },
  args: { id, reason, json },
  async run({ args }) {
    return withDatabase(async (db) => print(await rejectReview(db, args.id, options(args.reason)), args.json));
  },
});

/** `trr review`: what the pipeline does not dare to decide. */
export const reviewCommand = defineCommand({
  meta: {
    name: 'review',
    description: 'Decide about uncertain identities: likely ids, shows or people that may be one',
  },
  subCommands: { list: listCommand, accept: acceptCommand, reject: rejectCommand },
});

function options(why: string | undefined): { actor: string; reason: string | undefined } {
  return { actor: whoAmI(), reason: why };
}

function print(decided: Decided, asJson: boolean | undefined): ExitCode {
  console.log(asJson === true ? JSON.stringify(decided) : `${decided.status}: ${decided.done}`);
  return EXIT.ok;
}

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(loadConfig(), { applicationName: 'trr review' });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}
