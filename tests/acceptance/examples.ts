import { EPISODES, IDS, IMAGES, REVIEWS } from './fixture.ts';
import { done, makePost, makeSurvey, makeThings, makeThread, SURVEY } from './people.ts';
import type { Person, Target } from './server.ts';

export interface Example {
  readonly method?: string;
  readonly path: string;
  readonly who?: Person;
  readonly body?: unknown;
}

/** What examples name: people, and one of everything they made. */
export interface World {
  readonly target: Target;
  readonly user: Person;
  readonly other: Person;
  readonly admin: Person;
  readonly things: Awaited<ReturnType<typeof makeThings>>;
}

export async function makeWorld(target: Target): Promise<World> {
  const people = { user: await target.user(), other: await target.user(), admin: await target.admin() };
  return { target, ...people, things: await makeThings(target, people) };
}

const V1 = '/api/v1';
const get = (...paths: string[]) => paths.map((path): Example => ({ path }));

/** Real requests for each operation: rows of the fixture that fill most fields, and those that leave them empty. */
export const EXAMPLES: Readonly<Record<string, (world: World) => Example[] | Promise<Example[]>>> = {
  // meta
  getRoot: () => get('/'),
  getHealth: () => get('/health'),
  getLiveness: () => get('/health/live'),
  getReadiness: () => get('/health/ready'),
  getMetrics: () => get('/metrics'),
  getOpenApi: () => get('/openapi.json'),
  getOpenApiV1: () => get(`${V1}/openapi.json`),
  // the catalogue
  listShows: () => get(`${V1}/shows`, `${V1}/shows?q=show`, `${V1}/shows?limit=0`),
  getShow: () =>
    get(
      `${V1}/shows/${IDS.full}`,
      `${V1}/shows/${IDS.bare}`,
      `${V1}/shows/${IDS.full}?include=provenance`,
      `${V1}/shows/${IDS.full}?include=seasons,cast,images`,
    ),
  listShowNames: () => get(`${V1}/shows/list`, `${V1}/shows/list?limit=1`),
  listWatchProviders: () => get(`${V1}/shows/${IDS.full}/watch-providers`, `${V1}/shows/${IDS.bare}/watch-providers`),
  listSeasons: () => get(`${V1}/shows/${IDS.full}/seasons`),
  getSeason: () => get(`${V1}/shows/${IDS.full}/seasons/0`, `${V1}/shows/${IDS.full}/seasons/1`),
  listEpisodes: () => get(`${V1}/shows/${IDS.full}/seasons/1/episodes`),
  listSeasonCast: () => get(`${V1}/shows/${IDS.full}/seasons/1/cast`),
  listSeasonImages: () => get(`${V1}/shows/${IDS.full}/seasons/1/images`),
  getEpisode: () => get(`${V1}/episodes/${EPISODES.first}`),
  listCast: () => get(`${V1}/shows/${IDS.full}/cast`),
  listImages: () => get(`${V1}/shows/${IDS.full}/images`),
  getPerson: () => get(`${V1}/shows/people/${IDS.ana}`, `${V1}/shows/people/${IDS.ben}`),
  listPeople: () => get(`${V1}/people`, `${V1}/people?q=ana`),
  getPersonDetail: () =>
    get(`${V1}/people/${IDS.ana}`, `${V1}/people/${IDS.cyd}`, `${V1}/people/${IDS.ana}?include=provenance`),
  listCredits: () => get(`${V1}/people/${IDS.ana}/credits`, `${V1}/people/${IDS.cyd}/credits`),
  listAppearances: () => get(`${V1}/people/${IDS.ana}/appearances`),
  listPhotos: () => get(`${V1}/people/${IDS.ana}/photos`),
  listNetworks: () => get(`${V1}/networks`),
  listNetworkShows: () => get(`${V1}/networks/2/shows`),
  getCalendar: () => get(`${V1}/calendar?from=2020-02-01&to=2020-02-28`, `${V1}/calendar`),
  lookup: () => get(`${V1}/lookup?imdb=tt0000001`, `${V1}/lookup?imdb=nm0000001`),
  // surveys
  listSurveys: ({ admin }) => [{ path: `${V1}/surveys` }, { path: `${V1}/surveys?status=`, who: admin }],
  getSurvey: ({ things }) => get(`${V1}/surveys/${things.survey}`),
  getSurveyResults: ({ things }) => get(`${V1}/surveys/${things.survey}/results`),
  submitSurvey: async ({ target, admin, user }) => {
    const survey = await makeSurvey(target, admin);
    const body = { answers: [{ question_id: survey.choice, answer: 'ana' }] };
    const path = `${V1}/surveys/${survey.id}/submit`;
    return [
      { method: 'POST', path, body },
      { method: 'POST', path, body, who: user },
    ];
  },
  createSurvey: ({ admin }) => [{ method: 'POST', path: `${V1}/surveys`, who: admin, body: SURVEY }],
  updateSurvey: async ({ target, admin }) => {
    const { id } = await makeSurvey(target, admin);
    return [{ method: 'PUT', path: `${V1}/surveys/${id}`, who: admin, body: { title: 'New' } }];
  },
  setSurveyQuestions: async ({ target, admin }) => {
    const { id } = await makeSurvey(target, admin, { publish: false });
    const body = { questions: SURVEY.questions };
    return [{ method: 'PUT', path: `${V1}/surveys/${id}/questions`, who: admin, body }];
  },
  publishSurvey: async ({ target, admin }) => {
    const { id } = await makeSurvey(target, admin, { publish: false });
    return [{ method: 'POST', path: `${V1}/surveys/${id}/publish`, who: admin }];
  },
  closeSurvey: async ({ target, admin }) => {
    const { id } = await makeSurvey(target, admin);
    return [{ method: 'POST', path: `${V1}/surveys/${id}/close`, who: admin }];
  },
  deleteSurvey: async ({ target, admin }) => {
    const { id } = await makeSurvey(target, admin);
    return [{ method: 'DELETE', path: `${V1}/surveys/${id}`, who: admin }];
  },
  recountSurvey: ({ things, admin }) => [{ path: `${V1}/surveys/${things.survey}/recount`, who: admin }],
  exportSurvey: ({ things, admin }) => [{ path: `${V1}/surveys/${things.survey}/export`, who: admin }],
  // discussions
  listThreads: () => get(`${V1}/discussions/episodes/${EPISODES.first}/threads`),
  createThread: ({ user }) => [
    {
      method: 'POST',
      path: `${V1}/discussions/episodes/${EPISODES.first}/threads`,
      who: user,
      body: { title: 'T', type: 'general' },
    },
  ],
  getThread: ({ things }) => get(`${V1}/discussions/threads/${things.thread}`),
  updateThread: ({ things, user }) => [
    { method: 'PUT', path: `${V1}/discussions/threads/${things.thread}`, who: user, body: { title: 'Better' } },
  ],
  listPosts: ({ things, user }) => {
    const path = `${V1}/discussions/threads/${things.thread}/posts`;
    return [{ path }, { path, who: user }];
  },
  createPost: ({ things, user }) => [
    { method: 'POST', path: `${V1}/discussions/threads/${things.thread}/posts`, who: user, body: { body: 'Hi' } },
  ],
  getPost: ({ things }) => get(`${V1}/discussions/posts/${things.post}`),
  updatePost: ({ things, other }) => [
    { method: 'PUT', path: `${V1}/discussions/posts/${things.post}`, who: other, body: { body: 'Edited' } },
  ],
  deletePost: async ({ target, user }) => {
    const post = await makePost(target, user, await makeThread(target, user));
    return [{ method: 'DELETE', path: `${V1}/discussions/posts/${post}`, who: user }];
  },
  listRevisions: ({ things, other }) => [{ path: `${V1}/discussions/posts/${things.post}/revisions`, who: other }],
  getReactions: ({ things }) => get(`${V1}/discussions/posts/${things.post}/reactions`),
  toggleReaction: ({ things, user }) => [
    { method: 'POST', path: `${V1}/discussions/posts/${things.post}/reactions`, who: user, body: { reaction: 'lol' } },
  ],
  addReaction: ({ things, user }) => [
    { method: 'PUT', path: `${V1}/discussions/posts/${things.post}/reactions/upvote`, who: user },
  ],
  removeReaction: ({ things, user }) => [
    { method: 'DELETE', path: `${V1}/discussions/posts/${things.post}/reactions/fire`, who: user },
  ],
  // moderation
  createReport: ({ things, user }) => [
    {
      method: 'POST',
      path: `${V1}/moderation/reports`,
      who: user,
      body: { type: 'thread', id: things.thread, reason: 'other' },
    },
  ],
  listReports: ({ admin }) => [{ path: `${V1}/moderation/reports`, who: admin }],
  resolveReport: ({ things, admin }) => [
    { method: 'PUT', path: `${V1}/moderation/reports/${things.report}`, who: admin, body: { status: 'resolved' } },
  ],
  setThreadLock: ({ things, admin }) => [
    { method: 'PUT', path: `${V1}/moderation/threads/${things.thread}/lock`, who: admin, body: { locked: false } },
  ],
  setThreadRemoved: ({ things, admin }) => [
    { method: 'PUT', path: `${V1}/moderation/threads/${things.thread}/removed`, who: admin, body: { removed: false } },
  ],
  restorePost: async ({ target, user, admin }) => {
    const post = await makePost(target, user, await makeThread(target, user));
    await done(target, 'DELETE', `${V1}/discussions/posts/${post}`, admin);
    return [{ method: 'POST', path: `${V1}/moderation/posts/${post}/restore`, who: admin, body: {} }];
  },
  // messages
  createConversation: ({ user, other }) => [
    { method: 'POST', path: `${V1}/dms`, who: user, body: { other_user_id: other.id } },
  ],
  listConversations: ({ user, admin }) => [
    { path: `${V1}/dms`, who: user },
    { path: `${V1}/dms`, who: admin },
  ],
  getConversation: ({ things, user }) => [{ path: `${V1}/dms/${things.conversation}`, who: user }],
  listMessages: ({ things, user }) => [{ path: `${V1}/dms/${things.conversation}/messages`, who: user }],
  sendMessage: ({ things, user }) => [
    { method: 'POST', path: `${V1}/dms/${things.conversation}/messages`, who: user, body: { body: 'Hi' } },
  ],
  markRead: ({ things, other }) => [
    { method: 'POST', path: `${V1}/dms/${things.conversation}/read`, who: other, body: { message_id: things.message } },
  ],
  getUnread: ({ user }) => [{ path: `${V1}/dms/unread`, who: user }],
  listBlocks: async ({ target, user }) => {
    const somebody = await target.user();
    await done(target, 'PUT', `${V1}/me/blocks/${somebody.id}`, user);
    return [{ path: `${V1}/me/blocks`, who: user }];
  },
  blockUser: async ({ target, user }) => [
    { method: 'PUT', path: `${V1}/me/blocks/${(await target.user()).id}`, who: user },
  ],
  unblockUser: async ({ target, user }) => [
    { method: 'DELETE', path: `${V1}/me/blocks/${(await target.user()).id}`, who: user },
  ],
  // identity
  getMe: ({ user, admin }) => [
    { path: `${V1}/me`, who: user },
    { path: `${V1}/me`, who: admin },
  ],
  updateMe: ({ user }) => [
    { method: 'PUT', path: `${V1}/me`, who: user, body: { handle: `e_${user.id.slice(0, 8)}` } },
  ],
  exportMe: ({ user }) => [{ path: `${V1}/me/export`, who: user }],
  deleteMe: async ({ target }) => [
    { method: 'DELETE', path: `${V1}/me`, who: await target.user(), body: { confirm: 'delete' } },
  ],
  getProfile: async ({ target, other }) => {
    await done(target, 'PUT', `${V1}/me`, other, { handle: `p_${other.id.slice(0, 8)}` });
    return get(`${V1}/users/${other.id}`);
  },
  // administration
  listAudit: ({ admin }) => [{ path: `${V1}/admin/audit`, who: admin }],
  listAdmins: ({ admin }) => [{ path: `${V1}/admin/admins`, who: admin }],
  grantAdmin: async ({ target, admin }) => [
    { method: 'PUT', path: `${V1}/admin/admins/${(await target.user()).id}`, who: admin },
  ],
  revokeAdmin: async ({ target, admin }) => [
    { method: 'DELETE', path: `${V1}/admin/admins/${(await target.user()).id}`, who: admin },
  ],
  listRuns: ({ admin }) => [{ path: `${V1}/admin/runs`, who: admin }],
  listReviews: ({ admin }) => [{ path: `${V1}/admin/reviews`, who: admin }],
  acceptReview: ({ admin }) => [
    { method: 'POST', path: `${V1}/admin/reviews/${REVIEWS.accept}/accept`, who: admin, body: { choice: '4242' } },
  ],
  rejectReview: ({ admin }) => [
    {
      method: 'POST',
      path: `${V1}/admin/reviews/${REVIEWS.reject}/reject`,
      who: admin,
      body: { reason: 'another show' },
    },
  ],
  listRunChanges: ({ admin }) => [{ path: `${V1}/admin/runs/${IMAGES.run}/changes`, who: admin }],
  listChanges: () =>
    get(`${V1}/changes?limit=5`, `${V1}/changes?since=now`, `${V1}/changes?since=2026-01-01T00:00:00Z`),
  listTroubledUnits: ({ admin }) => [{ path: `${V1}/admin/runs/units?stage=job`, who: admin }],
  startRun: ({ admin }) => [
    { method: 'POST', path: `${V1}/admin/runs`, who: admin, body: { command: 'sync', show_ids: [IDS.bare] } },
    { method: 'POST', path: `${V1}/admin/runs`, who: admin, body: { command: 'import', tmdb_ids: [1] } },
  ],
  cancelRun: async ({ target, admin }) => {
    const { id } = await done(target, 'POST', `${V1}/admin/runs`, admin, { command: 'sync' });
    return [{ method: 'POST', path: `${V1}/admin/runs/${String(id)}/cancel`, who: admin }];
  },
  resumeRun: async ({ target, admin }) => {
    const { id } = await done(target, 'POST', `${V1}/admin/runs`, admin, { command: 'sync' });
    await done(target, 'POST', `${V1}/admin/runs/${String(id)}/cancel`, admin);
    return [{ method: 'POST', path: `${V1}/admin/runs/${String(id)}/resume`, who: admin }];
  },
  getRun: ({ admin }) => [{ path: `${V1}/admin/runs/${IMAGES.run}`, who: admin }],
  listOverrides: ({ admin }) => [{ path: `${V1}/admin/overrides/people/${IDS.cyd}`, who: admin }],
  setOverride: ({ admin }) => [
    {
      method: 'PUT',
      path: `${V1}/admin/overrides/people/${IDS.cyd}/known_for`,
      who: admin,
      body: { value: 'Editing' },
    },
  ],
  clearOverride: async ({ target, admin }) => {
    const path = `${V1}/admin/overrides/people/${IDS.cyd}/known_for`;
    await done(target, 'PUT', path, admin, { value: 'Editing' });
    return [{ method: 'DELETE', path, who: admin }];
  },
  setImageArchived: ({ admin }) => [
    {
      method: 'PUT',
      path: `${V1}/admin/images/cast/${IMAGES.photo}/archived`,
      who: admin,
      body: { archived: false },
    },
  ],
  reassignPhoto: ({ admin }) => [
    {
      method: 'PUT',
      path: `${V1}/admin/images/cast/${IMAGES.photo}/person`,
      who: admin,
      body: { person_id: IDS.ana },
    },
  ],
  listMerges: ({ admin }) => [{ path: `${V1}/admin/people/merges`, who: admin }],
  mergeEntries: ({ admin }) => [
    {
      method: 'POST',
      path: `${V1}/admin/shows/merges`,
      who: admin,
      body: { source_id: IDS.bare, target_id: IDS.accented, dry_run: true },
    },
  ],
  undoMerge: async ({ target, admin }) => {
    const body = { source_id: IDS.ben, target_id: IDS.cyd };
    const { merge_id: id } = await done(target, 'POST', `${V1}/admin/people/merges`, admin, body);
    return [{ method: 'POST', path: `${V1}/admin/people/merges/${String(id)}/undo`, who: admin, body: {} }];
  },
};
