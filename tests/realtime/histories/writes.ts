import {
  createPost,
  createThread,
  deletePost,
  setReaction,
  updatePost,
  updateThread,
} from '../../../src/community/discussions/service.ts';
import { block, markRead, sendMessage, unblock } from '../../../src/community/messages/service.ts';
import { restorePost, setLock, setRemoved } from '../../../src/community/moderation/service.ts';
import { submit } from '../../../src/community/surveys/service.ts';
import { errorCode } from '../../../src/platform/db/errors.ts';
import type { Scope } from '../../../src/platform/db/types.ts';
import { Problem } from '../../../src/platform/errors/problem.ts';
import type { TestDatabase } from '../../helpers/database.ts';
import { ADMIN, anonymousKey, type World } from './world.ts';

/** Numbers pick by remainder, so that every one means something. */
export type Write =
  | { readonly what: 'thread' | 'message' | 'receipt' | 'leave' | 'enter'; readonly by: number; readonly in: number }
  | { readonly what: 'post' | 'edit' | 'retitle' | 'retract' | 'react'; readonly by: number; readonly of: number }
  | { readonly what: 'remove' | 'restore' | 'lock' | 'unlock' | 'moderate' | 'bringBack'; readonly of: number }
  | { readonly what: 'block' | 'unblock'; readonly by: number; readonly whom: number }
  | { readonly what: 'submit'; readonly by: number }
  | { readonly what: 'submitAnonymously' | 'hideSurvey' | 'publishSurvey' | 'closeSurvey' | 'renameSurvey' }
  | { readonly what: 'deleteMessage'; readonly of: number }
  | { readonly what: 'deletePost' | 'deleteThread'; readonly of: number }
  | { readonly what: 'deleteAccount'; readonly by: number };

let texts = 0;
const text = (of: string) => {
  texts += 1;
  return `${of} ${texts}`;
};

const pick = <T>(list: readonly T[], n: number): T | undefined =>
  list.length === 0 ? undefined : list[n % list.length];

const idIn = (body: string) => (JSON.parse(body) as { id: string }).id;

/** Does it through the door a client would use. Refusals are part of life; what else goes wrong is thrown. */
export async function write(database: TestDatabase, world: World, given: Write): Promise<'done' | 'refused'> {
  try {
    await attempt(database, world, given);
    return 'done';
  } catch (error) {
    if (error instanceof Problem || /^(TR\d{3}|42501|23503|23505)$/.test(errorCode(error) ?? '')) return 'refused';
    throw error;
  }
}

async function attempt(database: TestDatabase, world: World, given: Write): Promise<void> {
  const { db } = database;
  const as = <T>(n: number, fn: (tx: Scope) => Promise<T>) =>
    db.asUser({ sub: pick(world.users, n) ?? '', role: 'authenticated' }, fn, 'history');
  const service = (statement: string, values: readonly unknown[]) =>
    db.asService('history', (tx) => tx.raw(statement, values));
  const { threads, posts, messages } = world;

  switch (given.what) {
    case 'thread': {
      const episode = pick(world.episodes, given.in) ?? '';
      threads.push(idIn(await as(given.by, (tx) => createThread(tx, episode, text('title'), 'general'))));
      return;
    }
    case 'post': {
      const thread = pick(threads, given.of);
      if (thread === undefined) return;
      posts.push(idIn(await as(given.by, (tx) => createPost(tx, thread, text('post'), null))));
      return;
    }
    case 'edit': {
      const post = pick(posts, given.of);
      if (post !== undefined) await as(given.by, (tx) => updatePost(tx, post, text('edit')));
      return;
    }
    case 'retitle': {
      const thread = pick(threads, given.of);
      if (thread !== undefined) await as(given.by, (tx) => updateThread(tx, thread, text('retitle')));
      return;
    }
    case 'retract': {
      const post = pick(posts, given.of);
      if (post !== undefined) await as(given.by, (tx) => deletePost(tx, post, undefined));
      return;
    }
    case 'react': {
      const post = pick(posts, given.of);
      const reaction = pick(['upvote', 'downvote', 'fire'], given.by + given.of) ?? 'fire';
      if (post !== undefined) await as(given.by, (tx) => setReaction(tx, post, reaction));
      return;
    }
    case 'remove':
    case 'restore': {
      const thread = pick(threads, given.of);
      if (thread !== undefined) await as(ADMIN, (tx) => setRemoved(tx, thread, given.what === 'remove', null));
      return;
    }
    case 'lock':
    case 'unlock': {
      const thread = pick(threads, given.of);
      if (thread !== undefined) await as(ADMIN, (tx) => setLock(tx, thread, given.what === 'lock', null));
      return;
    }
    case 'moderate': {
      const post = pick(posts, given.of);
      if (post !== undefined) await as(ADMIN, (tx) => deletePost(tx, post, 'spam'));
      return;
    }
    case 'bringBack': {
      const post = pick(posts, given.of);
      if (post !== undefined) await as(ADMIN, (tx) => restorePost(tx, post, null));
      return;
    }
    case 'message': {
      const conversation = pick(world.conversations, given.in) ?? '';
      const body = await as(given.by, (tx) => sendMessage(tx, conversation, text('message')));
      messages.push({ id: idIn(body), conversation });
      return;
    }
    case 'receipt': {
      const conversation = pick(world.conversations, given.in) ?? '';
      const last = messages.findLast((message) => message.conversation === conversation);
      if (last !== undefined) await as(given.by, (tx) => markRead(tx, conversation, last.id));
      return;
    }
    case 'leave':
      await service('delete from social.dm_members where conversation_id = $1 and user_id = $2', [
        pick(world.conversations, given.in),
        pick(world.users, given.by),
      ]);
      return;
    case 'enter':
      // Groups only: a direct conversation is of its two.
      await service('insert into social.dm_members (conversation_id, user_id) values ($1, $2) on conflict do nothing', [
        world.conversations[1],
        pick(world.users, given.by),
      ]);
      return;
    case 'block':
    case 'unblock': {
      const [by, whom] = [given.by % 3, given.whom % 3];
      const caller = world.users[by] ?? '';
      const other = world.users[whom] ?? '';
      await as(
        by,
        async (tx): Promise<object> => (given.what === 'block' ? block(tx, caller, other) : unblock(tx, other)),
      );
      return;
    }
    case 'submit':
      await as(given.by, (tx) => submit(tx, world.survey, { answers: answers(world, given.by), anonymous: null }));
      return;
    case 'submitAnonymously':
      world.anonymous += 1;
      await db.asService('history', (tx) =>
        submit(tx, world.survey, {
          answers: answers(world, world.anonymous),
          anonymous: { id: anonymousKey(world.anonymous), addressHash: null },
        }),
      );
      return;
    case 'hideSurvey':
    case 'publishSurvey':
    case 'closeSurvey':
      await service('update surveys.surveys set status = $2 where id = $1', [world.survey, STATUS[given.what]]);
      return;
    case 'renameSurvey':
      await service('update surveys.surveys set title = $2 where id = $1', [world.survey, text('survey')]);
      return;
    case 'deleteMessage': {
      const message = pick(messages, given.of);
      if (message !== undefined) await service('delete from social.dm_messages where id = $1', [message.id]);
      return;
    }
    case 'deletePost': {
      const post = pick(posts, given.of);
      if (post !== undefined) await service('delete from social.posts where id = $1', [post]);
      return;
    }
    case 'deleteThread': {
      const thread = pick(threads, given.of);
      if (thread !== undefined) await service('delete from social.threads where id = $1', [thread]);
      return;
    }
    case 'deleteAccount':
      // Not the administrator, who is needed.
      await service('delete from identity.users where id = $1', [pick(world.users.slice(0, ADMIN), given.by)]);
  }
}

const STATUS = { hideSurvey: 'draft', publishSurvey: 'published', closeSurvey: 'archived' } as const;

const answers = (world: World, n: number) => [{ question_id: world.question, answer: n % 2 === 0 ? 'a' : 'b' }];

/** A thread in a transaction that stays open while others come and go. Answers its commit. */
export async function beginThread({ db }: TestDatabase, world: World, episode: number): Promise<() => Promise<void>> {
  let commit = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let begun = (): void => undefined;
  const written = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const claims = { sub: world.users[ADMIN] ?? '', role: 'authenticated' } as const;
  const done = db.asUser(claims, async (tx) => {
    const body = await createThread(tx, pick(world.episodes, episode) ?? '', text('late title'), 'general');
    begun();
    await released;
    return idIn(body);
  });
  await Promise.race([written, done]);
  return async () => {
    commit();
    world.threads.push(await done);
  };
}
