import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS, IMAGES } from './fixture.ts';
import { ask, expectProblem, type Json } from './http.ts';
import { done, send } from './people.ts';
import { type Person, startTarget, type Target } from './server.ts';

let target: Target;
let admin: Person;
let ann: Person;
beforeAll(async () => {
  target = await startTarget();
  [admin, ann] = [await target.admin(), await target.user()];
});
afterAll(() => target.close());

const ADMIN = '/api/v1/admin';
const log = async (type: string, id: string) =>
  ((await send(target, 'GET', `${ADMIN}/audit?target_type=${type}&target_id=${id}`, admin)).json as Json[]).map(
    (entry) => [entry['action'], entry['actor_id']],
  );

describe('administration', () => {
  it('is for administrators', async () => {
    for (const [method, path, body] of [
      ['GET', '/audit', undefined],
      ['GET', '/admins', undefined],
      ['PUT', `/admins/${ann.id}`, undefined],
      ['DELETE', `/admins/${ann.id}`, undefined],
      ['GET', '/runs', undefined],
      ['GET', `/runs/${IMAGES.run}`, undefined],
      ['GET', `/overrides/shows/${IDS.bare}`, undefined],
      ['PUT', `/overrides/shows/${IDS.bare}/name`, { value: 'Mine' }],
      ['DELETE', `/overrides/shows/${IDS.bare}/name`, undefined],
      ['PUT', `/images/cast/${IMAGES.photo}/archived`, { archived: true }],
      ['PUT', `/images/cast/${IMAGES.photo}/person`, { person_id: IDS.ben }],
      ['GET', '/shows/merges', undefined],
      ['POST', '/shows/merges', { source_id: IDS.bare, target_id: IDS.full }],
      ['POST', `/shows/merges/${IDS.unknown}/undo`, {}],
    ] as const) {
      expectProblem(await send(target, method, ADMIN + path, null, body), 401);
      expect(expectProblem(await send(target, method, ADMIN + path, ann, body), 403)['code']).toBe('admin_required');
    }
  });

  it('is given and taken back, but not from oneself', async () => {
    const eve = await target.user();
    const path = `${ADMIN}/admins/${eve.id}`;
    expect(await done(target, 'PUT', `${path}?reason=trusted`, admin)).toEqual({
      user_id: eve.id,
      admin: true,
      changed: true,
    });
    expect(await done(target, 'PUT', path, admin)).toMatchObject({ changed: false });
    expect((await done(target, 'GET', '/api/v1/me', eve))['is_admin']).toBe(true);
    const listed = (await send(target, 'GET', `${ADMIN}/admins`, eve)).json as Json[];
    expect(listed.map((one) => one['user_id'])).toEqual(expect.arrayContaining([admin.id, eve.id]));
    for (const own of [path, `${ADMIN}/admins/${eve.id.toUpperCase()}`]) {
      expect(expectProblem(await send(target, 'DELETE', own, eve), 409)['code']).toBe('own_admin_rights');
    }
    expect(await done(target, 'DELETE', path, admin)).toMatchObject({ admin: false, changed: true });
    expectProblem(await send(target, 'GET', `${ADMIN}/admins`, eve), 403);
    expect(await log('user', eve.id)).toEqual([
      ['admin.revoke', admin.id],
      ['admin.grant', admin.id],
    ]);
    expectProblem(await send(target, 'PUT', `${ADMIN}/admins/${IDS.unknown}`, admin), 404, 'User not found');
  });

  it('reads its log page by page', async () => {
    const first = await send(target, 'GET', `${ADMIN}/audit?limit=1`, admin);
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await send(target, 'GET', next, admin);
    expect(Number((second.json as Json[])[0]?.['id'])).toBeLessThan(Number((first.json as Json[])[0]?.['id']));
    expectProblem(await send(target, 'GET', `${ADMIN}/audit?target_id=x`, admin), 422);
    expectProblem(await send(target, 'GET', `${ADMIN}/audit?cursor=x`, admin), 422);
  });
});

describe('runs', () => {
  it('are listed and shown', async () => {
    const runs = (await send(target, 'GET', `${ADMIN}/runs`, admin)).json as Json[];
    expect(runs.map((run) => run['id'])).toContain(IMAGES.run);
    const run = await done(target, 'GET', `${ADMIN}/runs/${IMAGES.run}`, admin);
    expect(run).toMatchObject({ id: IMAGES.run, command: 'sync', status: 'succeeded', units: [], troubled: [] });
    expectProblem(await send(target, 'GET', `${ADMIN}/runs/${IDS.unknown}`, admin), 404, 'Run not found');
  });
});

/** One column of a list, read to its end by its `Link` headers. */
async function pages(first: string, column: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let url: string | undefined = first; url !== undefined; ) {
    const answer = await send(target, 'GET', url, admin);
    const rows = answer.json as Json[];
    expect(rows.length).toBeLessThanOrEqual(Number(/limit=(\d+)/.exec(first)?.[1]));
    seen.push(...rows.map((row) => row[column]));
    url = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return seen;
}

describe('overrides', () => {
  const path = `${ADMIN}/overrides/shows/${IDS.bare}`;

  it('change what is shown, stand in the list and the log, and can be taken back', async () => {
    const set = await done(target, 'PUT', `${path}/description`, admin, { value: 'By hand.', reason: 'better' });
    expect(set).toMatchObject({ field: 'description', value: 'By hand.', before: null, changed: true });
    expect(await done(target, 'PUT', `${path}/description`, admin, { value: 'By hand.' })).toMatchObject({
      changed: false,
    });
    expect((await ask(target.baseUrl, `/api/v1/shows/${IDS.bare}`)).json).toMatchObject({ description: 'By hand.' });
    expect((await send(target, 'GET', path, admin)).json).toMatchObject([
      { field: 'description', value: 'By hand.', reason: 'better', actor: admin.id },
    ]);
    expect(await done(target, 'DELETE', `${path}/description`, admin)).toMatchObject({ changed: true });
    expect((await send(target, 'GET', path, admin)).json).toEqual([]);
    expect(await log('shows', IDS.bare)).toEqual([
      ['override.clear', admin.id],
      ['override.set', admin.id],
    ]);
  });

  it('are read page by page, by field', async () => {
    const fields = ['description', 'name', 'premiere_date'];
    await done(target, 'PUT', `${path}/premiere_date`, admin, { value: '2001-02-03' });
    await done(target, 'PUT', `${path}/name`, admin, { value: 'bare show' });
    await done(target, 'PUT', `${path}/description`, admin, { value: 'Paged.' });
    expect(await pages(`${path}?limit=1`, 'field')).toEqual(fields);
    expect(await pages(`${path}?limit=2`, 'field')).toEqual(fields);
    expectProblem(await send(target, 'GET', `${path}?cursor=nonsense`, admin), 422);
    for (const field of fields) await done(target, 'DELETE', `${path}/${field}`, admin);
  });

  it('that cannot be are refused by name', async () => {
    const set = (field: string, value: unknown) => send(target, 'PUT', `${path}/${field}`, admin, { value });
    expect(expectProblem(await set('nonsense', 'x'), 422)['code']).toBe('unknown_field');
    expect(expectProblem(await set('premiere_date', 'soon'), 422)['code']).toBe('bad_value');
    expect(expectProblem(await set('name', null), 422)['code']).toBe('bad_value');
    expectProblem(
      await send(target, 'PUT', `${ADMIN}/overrides/shows/${IDS.unknown}/name`, admin, { value: 'x' }),
      404,
    );
    expect(expectProblem(await send(target, 'DELETE', `${path}/name`, admin), 404)['code']).toBe('no_override');
    expectProblem(await send(target, 'GET', `${ADMIN}/overrides/pets/${IDS.bare}`, admin), 422);
  });
});

describe('images', () => {
  it('of a show and of a season are read page by page', async () => {
    for (const list of [`/api/v1/shows/${IDS.full}/images`, `/api/v1/shows/${IDS.full}/seasons/1/images`]) {
      const whole = ((await ask(target.baseUrl, list)).json as Json[]).map((image) => image['id']);
      expect(await pages(`${list}?limit=1`, 'id')).toEqual(whole);
      expect(whole.length).toBeGreaterThan(0);
      expectProblem(await ask(target.baseUrl, `${list}?cursor=nonsense`), 422);
      expectProblem(await ask(target.baseUrl, `${list}?limit=501`), 422);
    }
  });

  const photos = async (person: string) =>
    ((await ask(target.baseUrl, `/api/v1/people/${person}/photos`)).json as Json[]).map((photo) => photo['id']);

  it('are taken away and brought back', async () => {
    const path = `${ADMIN}/images/cast/${IMAGES.hosted}/archived`;
    expect(await done(target, 'PUT', path, admin, { archived: true, reason: 'blurred' })).toMatchObject({
      changed: true,
    });
    expect(await done(target, 'PUT', path, admin, { archived: true })).toMatchObject({ changed: false });
    expect(await photos(IDS.ana)).toEqual([IMAGES.photo]);
    await done(target, 'PUT', path, admin, { archived: false });
    expect(await photos(IDS.ana)).toEqual([IMAGES.hosted, IMAGES.photo]);
    expect(await log('cast_image', IMAGES.hosted)).toEqual([
      ['image.restore', admin.id],
      ['image.archive', admin.id],
    ]);
    const season = `/api/v1/shows/${IDS.full}/seasons/1/images`;
    await done(target, 'PUT', `${ADMIN}/images/season/${IMAGES.season}/archived`, admin, { archived: true });
    expect((await ask(target.baseUrl, season)).json).toEqual([]);
    await done(target, 'PUT', `${ADMIN}/images/season/${IMAGES.season}/archived`, admin, { archived: false });
    expectProblem(
      await send(target, 'PUT', `${ADMIN}/images/show/${IDS.unknown}/archived`, admin, { archived: true }),
      404,
    );
  });

  it('are given to the person they show, and back', async () => {
    const reassign = (image: string, person: string) =>
      done(target, 'PUT', `${ADMIN}/images/cast/${image}/person`, admin, { person_id: person });
    const moved = await reassign(IMAGES.photo, IDS.ben);
    expect(await photos(IDS.ana)).toEqual([IMAGES.hosted]);
    expect(await photos(IDS.ben)).toEqual([moved['id']]);
    expect(await reassign(String(moved['id']), IDS.ana)).toEqual({ id: IMAGES.photo, person_id: IDS.ana });
    expect(await photos(IDS.ana)).toEqual([IMAGES.hosted, IMAGES.photo]);
    expect(await photos(IDS.ben)).toEqual([]);
    const path = `${ADMIN}/images/cast`;
    expectProblem(await send(target, 'PUT', `${path}/${IDS.unknown}/person`, admin, { person_id: IDS.ben }), 404);
    expectProblem(await send(target, 'PUT', `${path}/${IMAGES.photo}/person`, admin, { person_id: IDS.unknown }), 404);
  });
});

describe('merges', () => {
  it('are reported first, done, and undone', async () => {
    const merge = (body: Json) => done(target, 'POST', `${ADMIN}/shows/merges`, admin, body);
    const both = { source_id: IDS.bare, target_id: IDS.accented, reason: 'the same' };
    await merge({ ...both, dry_run: true });
    expect((await ask(target.baseUrl, `/api/v1/shows/${IDS.bare}`)).status).toBe(200);
    const report = await merge(both);
    expect(await merge(both)).toMatchObject({ merge_id: report['merge_id'], already_merged: true });
    expect((await ask(target.baseUrl, `/api/v1/shows/${IDS.bare}`)).status).toBe(404);
    const undo = `${ADMIN}/shows/merges/${String(report['merge_id'])}/undo`;
    expect(await done(target, 'POST', undo, admin, {})).toMatchObject({ conflicts: [] });
    expect((await ask(target.baseUrl, `/api/v1/shows/${IDS.bare}`)).json).toMatchObject({ name: 'bare show' });
    expectProblem(await send(target, 'POST', undo, admin, {}), 409);
    const again = await merge(both);
    await done(target, 'POST', `${ADMIN}/shows/merges/${String(again['merge_id'])}/undo`, admin, {});
    const list = `${ADMIN}/shows/merges`;
    expect(await pages(`${list}?limit=1`, 'id')).toEqual([again['merge_id'], report['merge_id']]);
    expect((await send(target, 'GET', list, admin)).json).toMatchObject([
      { source_id: IDS.bare, target_id: IDS.accented, undone_by: admin.id },
      { source_id: IDS.bare, reason: 'the same' },
    ]);
    expect((await send(target, 'GET', `${ADMIN}/people/merges`, admin)).json).toEqual([]);
    expect(await log('show', IDS.bare)).toEqual([
      ['show.split', admin.id],
      ['show.merge', admin.id],
      ['show.split', admin.id],
      ['show.merge', admin.id],
    ]);
  });

  it('that make no sense are refused', async () => {
    const merge = (source_id: string, target_id: string) =>
      send(target, 'POST', `${ADMIN}/shows/merges`, admin, { source_id, target_id });
    expect(expectProblem(await merge(IDS.bare, IDS.bare), 422)['code']).toBe('merge_same');
    expectProblem(await merge(IDS.bare, IDS.unknown), 404);
    expectProblem(await send(target, 'POST', `${ADMIN}/shows/merges/${IDS.unknown}/undo`, admin, {}), 404);
  });
});
