import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, createTrr, type Trr } from '../helpers/trr.ts';
import { ask, type Json } from './http.ts';

const ALL = 'tmdb,cc-by-sa,own,identifiers,imdb,fandom-image';

async function serving<T>(trr: Trr, work: (url: string) => Promise<T>): Promise<T> {
  const running = trr.start('serve');
  try {
    return await work(await addressOf(running));
  } finally {
    running.child.kill('SIGTERM');
    await running.finished;
  }
}

const get = async (url: string, path: string): Promise<Json> => (await ask(url, `/api/v1${path}`)).json as Json;
const list = async (url: string, path: string): Promise<Json[]> => (await ask(url, `/api/v1${path}`)).json as Json[];

describe('the sample show of three sources over HTTP', () => {
  const quiet = { LOG_LEVEL: 'warn', PORT: '0' };
  let strict: Trr;
  let open: Trr;
  beforeAll(() => {
    strict = createTrr(null, null, quiet);
    // The same database, under an operator who may publish more.
    open = createTrr(null, null, {
      ...quiet,
      TRR_DATA_DIR: strict.env['TRR_DATA_DIR'] ?? '',
      TRR_PUBLISH_LICENCES: ALL,
    });
  });
  afterAll(async () => {
    await strict.run('db', 'stop');
    strict.close();
    open.close();
  });

  it('shows what everybody may see, and says whose word it is', async () => {
    await serving(strict, async (url) => {
      const show = await get(url, '/shows/last-lantern-standing?include=provenance');
      expect(show['genres']).toEqual(['Documentary', 'Reality']);
      expect(show['tags']).toEqual([]);
      expect(show['provenance']).toMatchObject({
        name: { source: 'tmdb', licence: 'tmdb' },
        genres: { source: 'tmdb', sources: ['tmdb'] },
      });
      expect((show['attributions'] as Json[]).map(({ source }) => source)).toEqual(['justwatch', 'tmdb']);
      const episodes = await list(url, '/shows/last-lantern-standing/seasons/1/episodes');
      expect(episodes[0]).toMatchObject({ title: 'Landfall', external_ids: { imdb: 'tt90001201', tmdb: 900002101 } });
      const cast = await list(url, '/shows/last-lantern-standing/cast');
      expect(cast.map(({ person }) => (person as Json)['full_name'])).not.toContain('Tilda Funkenflug');
      const season = await list(url, '/shows/last-lantern-standing/seasons/2/cast');
      expect(season.length).toBeGreaterThan(5);
      const ada = cast.map(({ person }) => person as Json).find(({ full_name: name }) => name === 'Ada Funke');
      const photos = await list(url, `/people/${ada?.['id']}/photos`);
      expect(photos.map(({ source, licence }) => `${source}/${licence}`).sort()).toEqual([
        'fandom/cc-by-sa',
        'tmdb/tmdb',
      ]);
      expect(photos.every(({ attribution }) => typeof attribution === 'string')).toBe(true);
      const [appearance] = await list(url, `/people/${ada?.['id']}/appearances`);
      expect(appearance).toMatchObject({ seasons: [0, 1], total_episodes: null, episodes: [] });
    });
  });

  it("shows IMDb's and the wiki's words too where their licences are published, with their notices", async () => {
    await serving(open, async (url) => {
      const show = await get(url, '/shows/last-lantern-standing?include=provenance');
      expect(show['genres']).toEqual(['Documentary', 'Game-Show', 'Reality', 'Reality-TV']);
      expect(show['tags']).toEqual(['Survival Reality TV']);
      expect(show['provenance']).toMatchObject({
        genres: { sources: ['imdb-datasets', 'imdb-web', 'tmdb'] },
        imdb_content_rating: { source: 'imdb-web', licence: 'imdb', via: 'snapshot' },
        imdb_rating_value: { source: 'imdb-web' },
      });
      const notices = (show['attributions'] as Json[]).map(({ source, text }) => `${source}: ${text}`);
      expect(notices).toContain(
        'imdb-datasets: Information courtesy of IMDb (https://www.imdb.com). Used with permission.',
      );
      const cast = await list(url, '/shows/last-lantern-standing/cast');
      const people = cast.map(({ person }) => person as Json);
      const tilda = people.find(({ full_name: name }) => name === 'Tilda Funkenflug');
      expect(await list(url, `/people/${tilda?.['id']}/appearances`)).toMatchObject([
        { seasons: [1, 2], total_episodes: 10 },
      ]);
      const ada = people.find(({ full_name: name }) => name === 'Ada Funke');
      expect(await list(url, `/people/${ada?.['id']}/appearances`)).toMatchObject([
        { seasons: [0, 1], total_episodes: 6, episodes: { length: 6 } },
      ]);
      const detail = await get(url, `/people/${tilda?.['id']}?include=provenance`);
      expect(detail).toMatchObject({ provenance: { full_name: { source: 'imdb-datasets', licence: 'imdb' } } });
      expect((detail['attributions'] as Json[]).map(({ source }) => source)).toEqual(['imdb-datasets']);
    });
  });
});
