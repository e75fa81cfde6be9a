import type { WorldBase } from './types.ts';
import { createWorld, type World } from './world.ts';

/** Several worlds served as one: the first that knows an id answers, and lists of the same number follow each other. */
export function joinedWorld(worlds: readonly WorldBase[], today?: string): World {
  const first = <T>(ask: (world: WorldBase) => T | undefined): T | undefined => {
    for (const world of worlds) {
      const answer = ask(world);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return createWorld(
    {
      *showIds() {
        for (const world of worlds) yield* world.showIds();
      },
      show: (id) => first((world) => world.show(id)),
      person: (id) => first((world) => world.person(id)),
      find: (imdbId) => worlds.flatMap((world) => world.find(imdbId)),
      list(id) {
        const lists = worlds.flatMap((world) => world.list(id) ?? []);
        const [head] = lists;
        if (head === undefined) return undefined;
        return {
          ...head,
          size: lists.reduce((sum, list) => sum + list.size, 0),
          items(from, to) {
            let before = 0;
            return lists.flatMap((list) => {
              const [begin, end] = [Math.max(0, from - before), Math.min(list.size, to - before)];
              before += list.size;
              return begin < end ? list.items(begin, end) : [];
            });
          },
        };
      },
      providers: () => worlds.flatMap((world) => world.providers()),
    },
    today,
  );
}
