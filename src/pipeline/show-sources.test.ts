import { describe, expect, it } from 'vitest';
import { sourceOf, tmdbWorld } from '../../tests/helpers/stage-world.ts';
import type { SeasonFacts } from '../platform/facts.ts';
import { notOk } from '../platform/outcome.ts';
import { createShowSources, mapBounded } from './show-sources.ts';

describe('show sources', () => {
  it('asks once for each payload, however many stages want it at the same moment', async () => {
    const world = tmdbWorld({
      seasons: new Map<number, SeasonFacts | 'transport'>([
        [1, { seasonNumber: 1 }],
        [2, 'transport'],
      ]),
    });
    const sources = createShowSources({ tmdb: sourceOf(world) });
    await Promise.all([
      sources.tmdbShow(5),
      sources.tmdbShow(5),
      sources.tmdbSeason(5, 1),
      sources.tmdbSeasons(5, [1, 2]),
    ]);
    const again = await sources.tmdbSeasons(5, [2, 1]);
    await sources.tmdbFind('tt1');
    await sources.tmdbFind('tt1');
    expect(world.requests).toEqual(['show 5', 'season 5/1', 'season 5/2', 'find tt1']);
    expect(again.map(({ seasonNumber, outcome }) => [seasonNumber, outcome.kind])).toEqual([
      [2, 'transport'],
      [1, 'ok'],
    ]);
  });

  it('lets a stage ask for the payload after the probe said that nothing changed', async () => {
    const world = tmdbWorld();
    const tmdb = sourceOf(world);
    const seen: unknown[] = [];
    const sources = createShowSources({
      tmdb: {
        ...tmdb,
        show: (id, options) => {
          seen.push(options?.validators);
          return options?.validators === undefined
            ? tmdb.show(id)
            : Promise.resolve(notOk('not_modified', 'unchanged'));
        },
      },
    });
    expect((await sources.probeShow(5, { etag: 'W/"1"' })).kind).toBe('not_modified');
    expect((await sources.tmdbShow(5)).kind).toBe('ok');
    expect((await sources.probeShow(5, { etag: 'W/"1"' })).kind).toBe('ok');
    expect(seen).toEqual([{ etag: 'W/"1"' }, undefined]);
  });

  it('keeps order and never has more than its width under way', async () => {
    let running = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (value) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, value));
      running -= 1;
      return value * 2;
    });
    expect(results).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
    expect(await mapBounded([], 3, (value) => Promise.resolve(value))).toEqual([]);
  });
});
