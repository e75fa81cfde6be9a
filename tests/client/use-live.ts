import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createLive, type createLiveStream, type LiveOptions, type LiveStream } from '../../client/src/index.ts';
import { createWorld, happen, newChannel, observe, QUICK, record, tableOf, until, type World } from './live-world.ts';

/** A world for the tests of a file, and one client for each test: over a socket, unless told otherwise. */
export function useLive<Make extends typeof createLive | typeof createLiveStream = typeof createLive>(
  make: Make = createLive as Make,
) {
  let world: World;
  let live: ReturnType<Make>;
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

  function connect(options: Partial<LiveOptions> = {}): ReturnType<Make> {
    seen = observe();
    live = make({
      baseUrl: world.link.baseUrl,
      ...seen,
      ...options,
      timing: { ...QUICK, ...options.timing },
    }) as ReturnType<Make>;
    return live;
  }

  /** Follows a new channel that has had `before` events. */
  async function following(before = 0, options: Partial<LiveOptions> = {}) {
    const channel = newChannel();
    if (before > 0) await happen(world, channel, before);
    await tableOf(world, channel);
    const log = record();
    const followed: Pick<LiveStream, 'subscribe'> = connect(options);
    const subscription = followed.subscribe(channel, log.handlers);
    await until(() => live.status.state === 'open');
    expect(log.covered).toBe(before);
    return { channel, log, subscription };
  }

  return { world: () => world, live: () => live, seen: () => seen, connect, following };
}
