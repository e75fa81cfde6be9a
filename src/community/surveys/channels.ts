import type { Authenticator } from '../../platform/auth/caller.ts';
import type { Database } from '../../platform/db/types.ts';
import { type ChannelKind, channelNamed, idOf } from '../../platform/live/channels.ts';
import { PUBLIC_SURVEYS, RESULTS } from './queries.ts';

const PREFIX = 'surveys:survey:';

/**
 * `surveys:survey:<survey>`: results at most once a second, the final ones always; changes of its state. As public as the survey: a draft is
 * there for administrators only.
 */
export function surveysChannel(db: Database, authenticator: Pick<Authenticator, 'isAdmin'>): ChannelKind {
  const published = async (surveys: readonly string[]): Promise<ReadonlySet<string>> =>
    new Set((await db.public.query(PUBLIC_SURVEYS, [surveys])).map(({ id }) => id));
  const isAdmin = async (caller: Parameters<ChannelKind['authorize']>[1]) =>
    caller !== null && authenticator.isAdmin(caller);
  return {
    name: 'surveys',
    parse: channelNamed(PREFIX),
    async authorize(channel, caller) {
      const survey = idOf(channel);
      return (await published([survey])).has(survey) || (await isAdmin(caller)) ? 'ok' : 'NOT_FOUND';
    },
    async stillOpen(asked) {
      const open = await published([...new Set(asked.map(({ channel }) => idOf(channel)))]);
      return Promise.all(asked.map(async ({ channel, caller }) => open.has(idOf(channel)) || isAdmin(caller)));
    },
    reopensOn: new Set(['survey_updated']),
    digest: {
      type: 'results_updated',
      everyMs: 1_000,
      async read(scope, channel) {
        const survey = idOf(channel);
        if ((await scope.one(PUBLIC_SURVEYS, [[survey]])) === undefined) return null;
        return (await scope.one(RESULTS, [survey]))?.body ?? null;
      },
    },
    hasMembers: false,
    hasEventStream: true,
  };
}
