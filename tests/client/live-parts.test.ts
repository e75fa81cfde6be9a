import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBackoff, reasonOf } from '../../client/src/live/backoff.ts';
import { createChannelLog } from '../../client/src/live/channel-log.ts';
import { readFrame } from '../../client/src/live/frames.ts';
import { createPeople } from '../../client/src/live/people.ts';
import { eventData } from '../../client/src/live/sse.ts';
import { createRenewal, expiryOf } from '../../client/src/live/token.ts';
import { createTypingSignal } from '../../client/src/live/typing.ts';
import { onWake } from '../../client/src/live/wake.ts';
import { localToken } from '../helpers/tokens.ts';

describe('where a channel is', () => {
  it('knows what to make of each frame', () => {
    const log = createChannelLog();
    const at = (offset: number, epoch = 'a') => ({ epoch, offset });
    expect([log.event(1), log.beat(at(9))]).toEqual(['drop', 'drop']);
    expect(log.subscribed(at(4), false)).toBe('reload');
    expect([5, 5, 4, 7, 6].map((offset) => log.event(offset))).toEqual([
      'deliver',
      'drop',
      'drop',
      'resume',
      'deliver',
    ]);
    expect([at(6), at(5), at(7), at(6, 'b')].map(log.beat)).toEqual(['drop', 'drop', 'resume', 'resume']);
    expect([at(6), at(3), at(7), at(6, 'b')].map((place) => log.subscribed(place, true))).toEqual([
      'follow',
      'follow',
      'resume',
      'resume',
    ]);
    expect(log.position).toEqual(at(6));
    expect(log.subscribed(at(2, 'b'), false)).toBe('reload');
    expect(log.event(3)).toBe('deliver');
  });
});

describe('frames', () => {
  it('are read as far as they are known', () => {
    const unknown = [
      '',
      '[]',
      '{"type":1,"payload":{}}',
      '{"type":"x","payload":{}}',
      '{"type":"subscribed","payload":{}}',
    ];
    expect(unknown.map(readFrame)).toEqual(unknown.map(() => null));
    // Types of a newer server have their place, too.
    expect(readFrame('{"type":"later","ts":"","payload":{},"channel":"c","offset":3}')).toMatchObject({
      kind: 'event',
    });
    expect(readFrame('{"type":"error","payload":{}}')).toMatchObject({
      kind: 'error',
      code: 'UNKNOWN',
      channel: undefined,
    });
  });

  it('come out of an event stream, wherever it is cut into pieces', async () => {
    const text =
      'id: a\ndata: {"a":1}\n\n: comment\n\ndata:two\r\ndata: lines\r\n\r\nevent: x\n\ndata: größe\n\ndata: half';
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let from = 0; from < bytes.length; from += size) controller.enqueue(bytes.slice(from, from + size));
          controller.close();
        },
      });
      const found: string[] = [];
      for await (const data of eventData(body, () => undefined)) found.push(data);
      expect(found).toEqual(['{"a":1}', 'two\nlines', 'größe']);
    }
  });
});

describe('waiting', () => {
  const timing = { baseMs: 100, maxMs: 1_000, slowMs: 5_000, stableMs: 2_000 };

  it('begins small, doubles to a limit, and begins anew when a link held', () => {
    const backoff = createBackoff(timing, () => 1);
    const next = (reason = reasonOf(1006), heldMs = 0) => backoff.next({ reason }, heldMs);
    expect([next(), next(), next(), next(), next()]).toEqual([100, 400, 800, 1_000, 1_000]);
    expect(next('network', 2_000)).toBe(100);
    expect(next('renewed')).toBe(0);
    expect([next('going_away', 2_000), next('slow_reader', 2_000)]).toEqual([100, 200]);
    expect([next('too_many', 2_000), next('too_many')]).toEqual([10_000, 20_000]);
    expect(backoff.next({ reason: 'network', retryAfterMs: 7_000 }, 2_000)).toBe(7_000);
  });

  it('is never the same for all', () => {
    const waits = new Set(Array.from({ length: 20 }, () => createBackoff(timing).next({ reason: 'going_away' }, 0)));
    expect(waits.size).toBeGreaterThan(10);
  });

  it('ends when a page wakes up or the network is back', () => {
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const page = Object.assign(new EventTarget(), { document });
    let checks = 0;
    const stop = onWake(() => {
      checks += 1;
    }, page);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(checks).toBe(0);
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    page.dispatchEvent(new Event('online'));
    expect(checks).toBe(2);
    stop();
    page.dispatchEvent(new Event('online'));
    expect(checks).toBe(2);
  });
});

describe('what is true for a while', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('few frames for many keys', () => {
    const sent: string[] = [];
    const signal = createTypingSignal((type) => sent.push(type));
    signal.typing(false);
    for (let key = 0; key < 50; key += 1) {
      signal.typing(true);
      vi.advanceTimersByTime(100);
    }
    expect(sent).toEqual(['typing_start', 'typing_start']);
    vi.advanceTimersByTime(10_000);
    expect(sent.slice(2)).toEqual(['typing_stop']);
    signal.typing(true);
    signal.typing(false);
    expect(sent.slice(3)).toEqual(['typing_start', 'typing_stop']);
  });

  it('people who type without an end stop some time; changes are told once', () => {
    const told: string[] = [];
    const people = createPeople(({ online, typing }) => told.push(`${online}|${typing}`));
    const presence = (user_id: string, is_online: boolean) =>
      people.take({ type: 'presence', payload: { user_id, is_online } });
    const typing = (user_id: string, is_typing: boolean) =>
      people.take({ type: 'typing', payload: { conversation_id: '', user_id, is_typing } });
    presence('b', true);
    presence('b', true);
    presence('a', true);
    typing('b', true);
    typing('b', true);
    vi.advanceTimersByTime(12_000);
    typing('a', true);
    presence('a', false);
    presence('a', false);
    people.clear();
    people.clear();
    expect(told).toEqual(['b|', 'a,b|', 'a,b|b', 'a,b|', 'a,b|a', 'b|', '|']);
  });

  it('a token is renewed before it ends, a short one at half its life, and not in circles', async () => {
    const asked: number[] = [];
    let fresh = await localToken('x', { seconds: 3_600 });
    const renewal = createRenewal(
      () => {
        asked.push(Date.now());
        return fresh;
      },
      60_000,
      (token) => renewal.watch(token),
      () => undefined,
    );
    const began = Date.now();
    const old = await localToken('x', { seconds: 40 });
    renewal.watch(old);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(asked.map((at) => Math.round((at - began) / 1000))).toEqual([20]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked.length).toBe(2);
    fresh = 'opaque';
    renewal.watch(fresh);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked.length).toBe(2);
    expect([expiryOf('opaque'), expiryOf('a.b.c'), expiryOf('')]).toEqual([null, null, null]);
  });
});
