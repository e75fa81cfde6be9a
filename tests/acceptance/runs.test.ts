import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS, IMAGES } from './fixture.ts';
import { expectProblem, type Json } from './http.ts';
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

const RUNS = '/api/v1/admin/runs';
const start = (body: object = {}) => done(target, 'POST', RUNS, admin, { command: 'sync', ...body });

describe('runs over HTTP', () => {
  it('are for administrators', async () => {
    for (const [method, path, body] of [
      ['POST', '', { command: 'sync' }],
      ['GET', '/units', undefined],
      ['POST', `/${IMAGES.run}/cancel`, undefined],
      ['POST', `/${IMAGES.run}/resume`, undefined],
      ['GET', `/${IMAGES.run}/events`, undefined],
    ] as const) {
      expectProblem(await send(target, method, RUNS + path, null, body), 401);
      expect(expectProblem(await send(target, method, RUNS + path, ann, body), 403)['code']).toBe('admin_required');
    }
  });

  it('are started, once per Idempotency-Key, cancelled and resumed', async () => {
    const key = { 'idempotency-key': 'one-run' };
    const body = { command: 'sync', show_ids: [IDS.bare], stages: ['details', 'seasons'], force: true, priority: 7 };
    const made = await done(target, 'POST', RUNS, admin, body, key);
    expect(made).toEqual({ id: expect.any(String), status: 'queued', workers: 0 });
    expect(await done(target, 'POST', RUNS, admin, body, key)).toEqual(made);
    const path = `${RUNS}/${String(made['id'])}`;
    expect(await done(target, 'GET', path, admin)).toMatchObject({
      who: admin.id,
      command: 'sync',
      mode: 'workers',
      priority: 7,
      status: 'queued',
      params: {
        stages: ['details', 'seasons'],
        filter: { all: false, showIds: [IDS.bare] },
        decision: { force: true },
      },
    });
    expect(expectProblem(await send(target, 'POST', `${path}/resume`, admin), 409)['code']).toBe('run_not_resumable');
    expect(await done(target, 'POST', `${path}/cancel`, admin)).toMatchObject({ status: 'cancelled' });
    expect(await done(target, 'POST', `${path}/cancel`, admin)).toMatchObject({ status: 'cancelled' });
    expect(await done(target, 'POST', `${path}/resume`, admin)).toMatchObject({ status: 'queued' });
    expect(await done(target, 'POST', `${path}/cancel`, admin)).toMatchObject({ status: 'cancelled' });
    expect(expectProblem(await send(target, 'POST', `${RUNS}/${IMAGES.run}/cancel`, admin), 409)['code']).toBe(
      'run_ended',
    );
    for (const verb of ['cancel', 'resume']) {
      expectProblem(await send(target, 'POST', `${RUNS}/${IDS.unknown}/${verb}`, admin), 404, 'Run not found');
    }
  });

  it('are refused when they make no sense, naming the field', async () => {
    for (const [body, field] of [
      [{ command: 'import' }, 'tmdb_lists'],
      [{ command: 'sync', tmdb_lists: ['1'] }, 'tmdb_lists'],
      [{ command: 'import', show_ids: [IDS.bare], tmdb_ids: [1] }, 'show_ids'],
      [{ command: 'sync', imdb_ids: ['nm1'] }, 'imdb_ids'],
      [{ command: 'sync', since: 'yesterday' }, 'since'],
      [{ command: 'sync', stages: ['nothing'] }, 'stages'],
      [{ command: 'sync', snapshots: '/etc' }, 'snapshots'],
    ] as const) {
      const problem = expectProblem(await send(target, 'POST', RUNS, admin, body), 422);
      expect(JSON.stringify(problem['detail']), field).toContain(field);
    }
  });

  it('are listed page by page, also by status', async () => {
    for (let n = 0; n < 3; n++) await start();
    const seen: unknown[] = [];
    let path = `${RUNS}?limit=2&status=queued`;
    while (path !== '') {
      const page = await send(target, 'GET', path, admin);
      expect(page.status, page.text).toBe(200);
      const runs = page.json as Json[];
      expect(runs.length).toBeLessThanOrEqual(2);
      expect(runs.every((run) => run['status'] === 'queued')).toBe(true);
      seen.push(...runs.map((run) => run['id']));
      path = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    }
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(new Set(seen).size).toBe(seen.length);
    expectProblem(await send(target, 'GET', `${RUNS}?cursor=x`, admin), 422);
    expectProblem(await send(target, 'GET', `${RUNS}/units?cursor=x`, admin), 422);
    expectProblem(await send(target, 'GET', `${RUNS}?status=odd`, admin), 422);
  });
});

describe('events of a run', () => {
  const follow = (id: unknown, query = '', headers: Record<string, string> = {}) =>
    fetch(`${target.baseUrl}${RUNS}/${String(id)}/events${query}`, { headers: { ...admin.headers, ...headers } });

  /** Events of a stream that has ended, by their fields. */
  const events = (text: string) =>
    text
      .split('\n\n')
      .filter((frame) => frame.startsWith('id:'))
      .map((frame) => Object.fromEntries(frame.split('\n').map((line) => line.split(/: (.*)/).slice(0, 2))));

  it('come as they happen, and the stream ends with the run', async () => {
    const { id } = await start();
    const response = await follow(id);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const text = response.text();
    await done(target, 'POST', `${RUNS}/${String(id)}/cancel`, admin);
    const heard = events(await text);
    expect(heard.map(({ id: seq, event }) => [seq, event])).toEqual([
      ['1', 'queued'],
      ['2', 'cancel_requested'],
      ['3', 'finished'],
    ]);
    expect(JSON.parse(String(heard[2]?.['data']))).toMatchObject({ status: 'cancelled', at: expect.any(String) });
    // A follower that was cut off goes on behind what it has.
    const rest = (await (await follow(id, '?after_seq=1')).text()) ?? '';
    expect(events(rest).map(({ id: seq }) => seq)).toEqual(['2', '3']);
    const again = await (await follow(id, '', { 'last-event-id': '2' })).text();
    expect(events(again).map(({ id: seq }) => seq)).toEqual(['3']);
  });

  it('need a run', async () => {
    expectProblem(await send(target, 'GET', `${RUNS}/${IDS.unknown}/events`, admin), 404, 'Run not found');
    expectProblem(await send(target, 'GET', `${RUNS}/${IMAGES.run}/events?after_seq=-1`, admin), 422);
  });
});
