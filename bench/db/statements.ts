import { createHash } from 'node:crypto';
import { LIST_CAST } from '../../src/catalogue/cast/queries.ts';
import { LIST_EPISODES } from '../../src/catalogue/episodes/queries.ts';
import { LIST_IMAGES } from '../../src/catalogue/images/queries.ts';
import { GET_PERSON } from '../../src/catalogue/people/queries.ts';
import { SEARCH } from '../../src/catalogue/search/queries.ts';
import { LIST_SEASONS } from '../../src/catalogue/seasons/queries.ts';
import { DETAIL, LIST } from '../../src/catalogue/shows/queries.ts';

export interface HotStatement {
  /** Also the file of its plan. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whose rights it runs with in production. */
  readonly role: 'anon' | 'authenticated';
}

/** The same id as `uuid(kind, n)` of the load makes in SQL. */
export function idOf(kind: string, n: number | string): string {
  const hex = createHash('md5').update(`${kind}${n}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const LICENCES = ['tmdb', 'cc-by-sa', 'own', 'identifiers'];
const show = idOf('show', 1);
const user = idOf('user', 1);

const catalogue: HotStatement[] = [
  { name: 'shows-list', text: LIST.plain.first.text, values: [50, 0, LICENCES], role: 'anon' },
  {
    name: 'shows-list-after',
    text: LIST.plain.after.text,
    values: [50, 0, LICENCES, 'House Love 5', idOf('show', 5)],
    role: 'anon',
  },
  { name: 'shows-by-genre', text: LIST.genre.first.text, values: [50, 0, LICENCES, 'Cooking'], role: 'anon' },
  { name: 'show-by-id', text: DETAIL.text, values: [show, null, LICENCES, null], role: 'anon' },
  { name: 'show-by-slug', text: DETAIL.text, values: [null, 'show-3', LICENCES, null], role: 'anon' },
  { name: 'seasons-of-show', text: LIST_SEASONS.text, values: [show, null, LICENCES], role: 'anon' },
  { name: 'episodes-of-season', text: LIST_EPISODES.text, values: [show, null, LICENCES, 1], role: 'anon' },
  { name: 'cast-of-show', text: LIST_CAST.text, values: [show, null, LICENCES], role: 'anon' },
  {
    name: 'images-of-show',
    text: LIST_IMAGES.text,
    values: [show, null, LICENCES, ['poster', 'backdrop', 'logo'], null, 500, 0],
    role: 'anon',
  },
  { name: 'person', text: GET_PERSON.text, values: [idOf('person', 7), LICENCES], role: 'anon' },
  { name: 'shows-search', text: SEARCH.plain.text, values: [20, 0, LICENCES, 'surv isl'], role: 'anon' },
];

/** Top-level posts of a thread, fifty at a time, with counts of reactions. */
function postsPage(after: string): string {
  return `with page as (
  select p.id, p.user_id, p.body, p.created_at, p.edited_at, p.deleted_at
  from social.posts p where p.thread_id = $1::uuid and p.parent_post_id is null${after}
  order by p.created_at, p.id limit 50
), counted as (
  select c.post_id, jsonb_object_agg(c.reaction, c.count) as reactions
  from social.reaction_counts(array(select id from page)) c group by c.post_id
)
select p.*, c.reactions from page p left join counted c on c.post_id = p.id order by p.created_at, p.id`;
}

/** What the API of the community asks most. Written here until its rooms have statements of their own. */
const community: HotStatement[] = [
  {
    name: 'threads-of-episode',
    text: `select t.id, t.title, t.type, t.is_locked, t.created_at from social.threads t
where t.episode_id = $1::uuid order by t.created_at desc, t.id desc limit 50`,
    values: [idOf('episode', '4.1.2')],
    role: 'anon',
  },
  {
    name: 'posts-first-page',
    text: postsPage(''),
    values: [idOf('thread', 1)],
    role: 'authenticated',
  },
  {
    name: 'posts-page-after',
    text: postsPage(' and (p.created_at, p.id) > ($2::timestamptz, $3::uuid)'),
    values: [idOf('thread', 1), '2026-02-01 02:00:00Z', idOf('post', 'hot5')],
    role: 'authenticated',
  },
  {
    name: 'replies-of-post',
    text: `select p.id, p.user_id, p.body, p.created_at from social.posts p
where p.parent_post_id = $1::uuid order by p.created_at, p.id limit 50`,
    values: [idOf('post', '7.1')],
    role: 'anon',
  },
  {
    name: 'surveys-published',
    text: `select s.id, s.title, s.status, s.created_at from surveys.surveys s
where s.status = 'published' order by s.created_at desc, s.id desc limit 50`,
    values: [],
    role: 'anon',
  },
  {
    name: 'survey-with-questions',
    text: `select s.id, s.title, (select json_agg(json_build_object('id', q.id, 'prompt', q.prompt, 'options', (
    select json_agg(json_build_object('id', o.id, 'label', o.label) order by o.option_order) from surveys.options o where o.question_id = q.id
  )) order by q.question_order) from surveys.questions q where q.survey_id = s.id) as questions
from surveys.surveys s where s.id = $1::uuid`,
    values: [idOf('survey', 1)],
    role: 'anon',
  },
  {
    name: 'survey-results',
    text: `select a.question_id, a.aggregate from surveys.aggregates a where a.survey_id = $1::uuid`,
    values: [idOf('survey', 1)],
    role: 'anon',
  },
  {
    name: 'conversations',
    text: 'select * from social.conversation_page(20)',
    values: [],
    role: 'authenticated',
  },
  {
    name: 'messages-page',
    text: 'select * from social.message_page($1::uuid, 50)',
    values: [idOf('conversation', 1)],
    role: 'authenticated',
  },
];

/** The twenty statements that are asked most. */
export const HOT: readonly HotStatement[] = [...catalogue, ...community];
export const SIGNED_IN = user;
