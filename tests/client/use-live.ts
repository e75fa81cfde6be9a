import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createLive, type Live, type SocketOptions } from '../../client/src/index.ts';
import { createWorld, happen, newChannel, observe, QUICK, record, tableOf, until, type World } from './live-world.ts';

/** A world for the tests of a file, and one socket client for each test. */
export function useLive() {
  let world: World;
  let live: Live;
  let seen: ReturnType<typeof observe>;

  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());
  afterEach(() => {
    live.close();
    world.link.tamper(null);
    world.link.stall(false);
    world.link.refuse(false);
  });

  function connect(options: Partial<SocketOptions> = {}): Live {
    seen = observe();
    live = createLive({
      baseUrl: world.link.baseUrl,
      ...seen,
      ...options,
      timing: { ...QUICK, ...options.timing },
    });
    return live;
  }

  /** Follows a new channel that has had `before` events. */
  async function following(before = 0, options: Partial<SocketOptions> = {}) {
    const channel = newChannel();
    if (before > 0) await happen(world, channel, before);
    await tableOf(world, channel);
    const log = record();
    const subscription = connect(options).subscribe(channel, log.handlers);
    await until(() => live.status.state === 'open');
    expect(log.covered).toBe(before);
    return { channel, log, subscription };
  }

  return { world: () => world, live: () => live, seen: () => seen, connect, following };
}
