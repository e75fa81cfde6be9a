import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { channelOf, createLiveStream, follow } from '../../client/src/index.ts';
import { makeSurvey } from '../acceptance/people.ts';
import { localToken } from '../helpers/tokens.ts';
import { complete, happen, newChannel, record, tableOf, until } from './live-world.ts';
import { useLive } from './use-live.ts';

const { world, live, seen, connect } = useLive(createLiveStream);

describe('an event stream', () => {
  it('carries several channels and goes on where each was, as often as it is cut', async () => {
    const [one, two] = [newChannel(), newChannel()];
    const [first, second] = [record(), record()];
    connect();
    live().subscribe(one, first.handlers);
    await until(() => live().status.state === 'open');
    await happen(world(), one, 3);
    await until(() => first.covered === 3);
    live().subscribe(two, second.handlers);
    for (let cut = 0; cut < 3; cut += 1) {
      await happen(world(), one, 5);
      await happen(world(), two, 5);
      world().link.cut();
      await happen(world(), one, 5);
    }
    await complete(world(), one, first);
    await complete(world(), two, second);
    expect([first.reloads, second.reloads]).toEqual([['start'], ['start']]);
    expect(first.offsets.length).toBe(33);
  });

  it('moves to another server when its own stops', async () => {
    const channel = newChannel();
    const log = record();
    connect().subscribe(channel, log.handlers);
    await until(() => live().status.state === 'open');
    await world().restart();
    await happen(world(), channel, 2);
    await complete(world(), channel, log);
    expect(log.reloads).toEqual(['start']);
    expect(seen().reasons[0]).toBe('going_away');
  });

  it('tells to reload when the history is another one', async () => {
    const channel = newChannel();
    const log = record();
    connect().subscribe(channel, log.handlers);
    await until(() => live().status.state === 'open');
    await world().target.own.owner('update live.history set epoch = gen_random_uuid()');
    await until(() => log.reloads.length === 2);
    await happen(world(), channel, 2);
    await complete(world(), channel, log);
    expect(log.reloads).toEqual(['start', 'lost']);
  });

  it('notices silence', async () => {
    const channel = newChannel();
    const log = record();
    connect({ timing: { heartbeatMs: 50, silenceMs: 300 } }).subscribe(channel, log.handlers);
    await until(() => live().status.state === 'open');
    world().link.halfOpen();
    await happen(world(), channel, 2);
    await complete(world(), channel, log);
    expect(seen().reasons).toContain('silence');
  });

  it('says which channel is not to be had, and goes on with the others', async () => {
    const channel = newChannel();
    const [log, run, survey] = [record(), record(), record()];
    connect();
    live().subscribe(channel, log.handlers);
    live().subscribe(channelOf.run(randomUUID()), run.handlers);
    live().subscribe(channelOf.survey(randomUUID()), survey.handlers);
    await until(() => run.refusals.length === 1 && survey.refusals.length === 1);
    expect([run, survey].map(({ refusals }) => refusals[0]?.code)).toEqual(['AUTH_REQUIRED', 'NOT_FOUND']);
    await happen(world(), channel);
    await until(() => live().status.state === 'open');
    await complete(world(), channel, log);
    const many = Array.from({ length: 20 }, () => record());
    for (const one of many) live().subscribe(newChannel(), one.handlers);
    await until(() => many.at(-1)?.refusals[0]?.code === 'TOO_MANY_CHANNELS');
    await until(() => many.slice(0, 19).every(({ reloads }) => reloads.length === 1));
  });

  it('asks for a fresh token when the old one is refused', async () => {
    const person = await world().target.admin();
    const run = record();
    const asked: boolean[] = [];
    connect({
      token: ({ refresh }) => {
        asked.push(refresh);
        return refresh ? person.token : localToken(randomUUID(), { seconds: -1_000 });
      },
    });
    live().subscribe(channelOf.run(randomUUID()), run.handlers);
    await until(() => run.refusals.length === 1);
    expect(run.refusals[0]?.code).toBe('NOT_FOUND');
    expect(asked.slice(0, 2)).toEqual([false, true]);
  });
});

describe('follow', () => {
  it('subscribes, loads, then tells what happened meanwhile; loads again when something was lost', async () => {
    const channel = newChannel();
    await happen(world(), channel, 2);
    await tableOf(world(), channel);
    const log: string[] = [];
    let failures = 1;
    const followed = follow(connect(), channel, {
      async load() {
        if (failures > 0) {
          failures -= 1;
          throw new Error('busy');
        }
        const { offset } = await tableOf(world(), channel);
        // Happens while the state is on its way.
        await happen(world(), channel, 2);
        await tableOf(world(), channel);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return offset;
      },
      onState: (offset) => void log.push(`state ${offset}`),
      onEvent: ({ offset }) => void log.push(`event ${offset}`),
      onLoadError: (error) => void log.push(String(error)),
    });
    await until(() => log.length === 4);
    expect(log).toEqual(['Error: busy', 'state 2', 'event 3', 'event 4']);
    await happen(world(), channel);
    await until(() => log.length === 5);
    await world().target.own.owner('update live.history set epoch = gen_random_uuid()');
    await until(() => log.length === 8);
    expect(log.slice(4)).toEqual(['event 5', 'state 5', 'event 6', 'event 7']);
    followed.unsubscribe();
    await happen(world(), channel);
    await tableOf(world(), channel);
    expect(log.length).toBe(8);
  });

  it('keeps the results of a survey as they are', async () => {
    const { target } = world();
    const admin = await target.admin();
    const survey = await makeSurvey(target, admin);
    const totals: unknown[] = [];
    follow(connect(), channelOf.survey(survey.id), {
      load: async () => undefined,
      onState: () => void totals.push('state'),
      onEvent(event) {
        if (event.type === 'results_updated') totals.push(event.payload.total_responses);
      },
    });
    await until(() => totals.length >= 1);
    const body = JSON.stringify({ answers: [{ question_id: survey.choice, answer: 'ana' }] });
    const headers = { 'content-type': 'application/json' };
    const path = `${target.baseUrl}/api/v1/surveys/${survey.id}/submit`;
    expect((await fetch(path, { method: 'POST', headers, body })).status).toBe(200);
    await until(() => totals.at(-1) === 1);
  });
});
