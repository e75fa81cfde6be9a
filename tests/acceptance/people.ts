import { expect } from 'vitest';
import { EPISODES, IDS } from './fixture.ts';
import { type Answer, ask, type Json } from './http.ts';
import type { Person, Target } from './server.ts';

/** A request with a JSON body, as somebody or nobody. */
export function send(
  target: Target,
  method: string,
  path: string,
  who?: Person | null,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(target.baseUrl, path, {
    method,
    headers: {
      ...(who?.headers ?? {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

/** As `send`, for what must succeed. */
export async function done(...request: Parameters<typeof send>): Promise<Json> {
  const answer = await send(...request);
  expect(answer.status, `${request[1]} ${request[2]}: ${answer.text}`).toBe(200);
  return answer.json as Json;
}

export interface MadeSurvey {
  readonly id: string;
  readonly choice: string;
  readonly many: string;
  readonly number: string;
  readonly text: string;
}

export const SURVEY = {
  show_id: IDS.full,
  title: 'Who should win?',
  questions: [
    {
      prompt: 'Winner',
      question_type: 'single_choice',
      options: [{ label: 'Ana', value: 'ana' }, { label: 'Ben', value: 'ben' }, { label: 'Nobody' }],
    },
    {
      prompt: 'Best moments',
      question_type: 'multiple_choice',
      options: [
        { label: 'Vote', value: 'vote' },
        { label: 'Fire', value: 'fire' },
      ],
    },
    { prompt: 'Score', question_type: 'numeric', config: { min: 0, max: 10 } },
    { prompt: 'Why?', question_type: 'free_text' },
  ],
};

/** A survey with one question of each type, published unless told otherwise. */
export async function makeSurvey(
  target: Target,
  admin: Person,
  { publish = true, ...fields }: Record<string, unknown> & { publish?: boolean } = {},
): Promise<MadeSurvey> {
  const made = await done(target, 'POST', '/api/v1/surveys', admin, { ...SURVEY, ...fields });
  const id = String(made['id']);
  if (publish) await done(target, 'POST', `/api/v1/surveys/${id}/publish`, admin);
  const [choice = '', many = '', number = '', text = ''] = (made['questions'] as Json[]).map((q) => String(q['id']));
  return { id, choice, many, number, text };
}

export async function makeThread(target: Target, who: Person, fields: Json = {}): Promise<string> {
  const body = { title: 'What happened?', type: 'general', ...fields };
  const made = await done(target, 'POST', `/api/v1/discussions/episodes/${EPISODES.first}/threads`, who, body);
  return String(made['id']);
}

export async function makePost(target: Target, who: Person, thread: string, fields: Json = {}): Promise<string> {
  const made = await done(target, 'POST', `/api/v1/discussions/threads/${thread}/posts`, who, {
    body: 'Hm.',
    ...fields,
  });
  return String(made['id']);
}

/** One of everything people make. */
export async function makeThings(
  target: Target,
  { user, other, admin }: { readonly user: Person; readonly other: Person; readonly admin: Person },
) {
  const survey = await makeSurvey(target, admin);
  const thread = await makeThread(target, user);
  const post = await makePost(target, other, thread);
  const conversation = await done(target, 'POST', '/api/v1/dms', user, { other_user_id: other.id });
  const path = `/api/v1/dms/${String(conversation['id'])}/messages`;
  const message = await done(target, 'POST', path, user, { body: 'Psst.' });
  const report = await done(target, 'POST', '/api/v1/moderation/reports', user, {
    type: 'post',
    id: post,
    reason: 'spam',
  });
  return {
    survey: survey.id,
    question: survey.choice,
    thread,
    post,
    conversation: String(conversation['id']),
    message: String(message['id']),
    report: String(report['id']),
    episode: EPISODES.first,
  };
}
