/** A live episode, played with the typed client alone: people vote, post, react, reply and write to each other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type TrrClient, TrrProblem } from '../../client/src/index.ts';

export interface PlayOptions {
  readonly baseUrl: string;
  readonly adminToken: string;
  /** One person each. */
  readonly tokens: readonly string[];
  readonly seconds: number;
  readonly actionsPerMinute: number;
}

export interface PlayReport {
  readonly actions: number;
  readonly ok: number;
  /** Refusals that the play provokes on purpose (a second vote), by code. */
  readonly intended: Readonly<Record<string, number>>;
  /** Anything else, by status and code. Must be empty. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** What does not agree with a recount. Must be empty. */
  readonly differences: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const REACTIONS = ['upvote', 'downvote', 'lol', 'shade', 'fire', 'heart'];

/** Everybody acts at their own pace, a minute's actions spread evenly with jitter; then everything is counted again. */
export async function playEpisode(options: PlayOptions): Promise<PlayReport> {
  // One try each: a play that hides refusals behind repetition would prove nothing.
  const connect = (token: string) => createClient({ baseUrl: options.baseUrl, token, retry: { attempts: 1 } });
  const stage = await setTheStage(connect(options.adminToken));
  const people = await Promise.all(
    options.tokens.map(async (token) => {
      const trr = connect(token);
      return { trr, id: (await trr.getMe()).id };
    }),
  );
  const score = new Score();
  const known: Known = { posts: [], chosen: new Map(), votes: new Map(), people: people.map(({ id }) => id) };
  const end = Date.now() + options.seconds * 1000;
  const pauseMs = 60_000 / options.actionsPerMinute;
  await Promise.all(
    people.map(async (person) => {
      await sleep(Math.random() * pauseMs);
      while (Date.now() < end) {
        await score.count(() => act(person, stage, known));
        await sleep(pauseMs * (0.5 + Math.random()));
      }
    }),
  );
  return { ...score.report(), differences: await recount(connect(options.adminToken), stage, known) };
}

interface Stage {
  readonly thread: string;
  readonly survey: string;
  readonly question: string;
}

interface Person {
  readonly trr: TrrClient;
  readonly id: string;
}

/** What the players know they did. */
interface Known {
  readonly posts: string[];
  /** `post person` to the reactions that are on. */
  readonly chosen: Map<string, Set<string>>;
  readonly votes: Map<string, string>;
  readonly people: readonly string[];
}

async function setTheStage(admin: TrrClient): Promise<Stage> {
  const [show] = await admin.listShows({ limit: 1 });
  if (show === undefined) throw new Error('there is no show to play with');
  const seasons = await admin.listSeasons({ id: show.id });
  const season = seasons.find(({ episode_count: count }) => count > 0);
  if (season === undefined) throw new Error(`${show.name} has no season with episodes`);
  const [episode] = await admin.listEpisodes({ id: show.id, number: season.season_number });
  if (episode === undefined) throw new Error('the season has no episode');
  const options = ['a', 'b', 'c'].map((value) => ({ label: value.toUpperCase(), value }));
  const survey = await admin.createSurvey({
    body: {
      show_id: show.id,
      title: 'Who goes home?',
      questions: [{ prompt: 'Who goes home?', question_type: 'single_choice', options }],
    },
  });
  await admin.publishSurvey({ survey_id: survey.id });
  const thread = await admin.createThread({ episode_id: episode.id, body: { title: 'Live!', type: 'episode_live' } });
  return { thread: thread.id, survey: survey.id, question: survey.questions[0]?.id ?? '' };
}

/** One thing somebody does. */
async function act(person: Person, stage: Stage, known: Known): Promise<void> {
  const { trr } = person;
  const post = pick(known.posts);
  const dice = Math.random();
  if (dice < 0.07) return vote(person, stage, known);
  if (dice < 0.3 || post === undefined) {
    const made = await trr.createPost({ thread_id: stage.thread, body: { body: `What?! ${Math.random()}` } });
    known.posts.push(made.id);
  } else if (dice < 0.6) {
    await react(person, post, known);
  } else if (dice < 0.75) {
    await trr.createPost({ thread_id: stage.thread, body: { body: 'No way.', parent_post_id: post } });
  } else if (dice < 0.9) {
    const other = pick(known.people.filter((id) => id !== person.id));
    if (other === undefined) return;
    const talk = await trr.createConversation({ body: { other_user_id: other } });
    const message = await trr.sendMessage({ conversation_id: talk.id, body: { body: 'Did you see that?' } });
    await trr.markRead({ conversation_id: talk.id, body: { message_id: message.id } });
  } else {
    await trr.listPosts({ thread_id: stage.thread, limit: 50 });
    await trr.getSurveyResults({ survey_id: stage.survey });
  }
}

async function vote({ trr, id }: Person, stage: Stage, known: Known): Promise<void> {
  const choice = pick(['a', 'b', 'c']) ?? 'a';
  await trr.submitSurvey({
    survey_id: stage.survey,
    body: { answers: [{ question_id: stage.question, answer: choice }] },
  });
  known.votes.set(id, choice);
}

async function react({ trr, id }: Person, post: string, known: Known): Promise<void> {
  const reaction = pick(REACTIONS) ?? 'lol';
  const change = await trr.toggleReaction({ post_id: post, body: { reaction } });
  const key = `${post} ${id}`;
  const chosen = known.chosen.get(key) ?? new Set();
  known.chosen.set(key, chosen);
  if (change.replaced !== null) chosen.delete(change.replaced);
  if (change.active) chosen.add(reaction);
  else chosen.delete(reaction);
}

/** Compares what the server says with what the players know, and its counters with its rows. */
async function recount(admin: TrrClient, stage: Stage, known: Known): Promise<string[]> {
  const differences: string[] = [];
  const results = await admin.getSurveyResults({ survey_id: stage.survey });
  if (results.total_responses !== known.votes.size) {
    differences.push(`${results.total_responses} responses, ${known.votes.size} votes`);
  }
  const tally = counts([...known.votes.values()]);
  if (JSON.stringify(sorted(results.questions[0]?.distribution ?? {})) !== JSON.stringify(sorted(tally))) {
    differences.push(`tallies ${JSON.stringify(results.questions)}, votes ${JSON.stringify(tally)}`);
  }
  const { differences: inside } = await admin.recountSurvey({ survey_id: stage.survey });
  if (inside.length > 0) differences.push(`counters and answers of the survey differ: ${JSON.stringify(inside)}`);
  for (const post of known.posts) {
    const wanted = counts(
      [...known.chosen].filter(([key]) => key.startsWith(post)).flatMap(([, chosen]) => [...chosen]),
    );
    const { reactions } = await admin.getReactions({ post_id: post });
    if (JSON.stringify(sorted(reactions)) !== JSON.stringify(sorted(wanted))) {
      differences.push(`post ${post}: ${JSON.stringify(reactions)}, chosen ${JSON.stringify(wanted)}`);
    }
  }
  const listed: string[] = [];
  for await (const post of admin.all('listPosts', { thread_id: stage.thread, limit: 100 })) listed.push(post.id);
  if (listed.length !== known.posts.length)
    differences.push(`${listed.length} posts listed, ${known.posts.length} written`);
  return differences;
}

/** Second votes are what people do. */
const INTENDED = new Set(['already_submitted']);

class Score {
  readonly #times: number[] = [];
  readonly #intended: Record<string, number> = {};
  readonly #unexpected: Record<string, number> = {};
  #ok = 0;

  async count(action: () => Promise<void>): Promise<void> {
    const started = performance.now();
    try {
      await action();
      this.#ok += 1;
    } catch (error) {
      const [status, code] = error instanceof TrrProblem ? [error.status, error.code] : [0, String(error)];
      const [list, name] = INTENDED.has(code) ? [this.#intended, code] : [this.#unexpected, `${status} ${code}`];
      list[name] = (list[name] ?? 0) + 1;
    }
    this.#times.push(performance.now() - started);
  }

  report() {
    const times = this.#times.toSorted((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
    return {
      actions: times.length,
      ok: this.#ok,
      intended: this.#intended,
      unexpected: this.#unexpected,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
    };
  }
}

function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

function counts(values: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const value of values) found[value] = (found[value] ?? 0) + 1;
  return found;
}

function sorted(record: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
