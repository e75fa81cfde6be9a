import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createHarness, type Harness } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import {
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;
let trr: Trr;

beforeEach(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 3, seasons: 1 }) });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  trr = createTrr(database, simulator);
});

afterEach(async () => {
  trr.close();
  await harness.close();
  await simulator.close();
  await database.drop();
});

const reviews = () =>
  database.owner('select id, kind, about, candidates, status from pipeline.reviews order by created_at');

describe('the review queue (L11)', () => {
  // By its IMDb id TMDb finds a show with another name and year: likely wrong.
  const addDoubtful = () =>
    database.owner(
      `insert into core.shows (name, imdb_id, premiere_date) values ('Quite another name', $1, '1970-01-01')`,
      [generatedImdbId(1)],
    );

  it('asks once about an id that is uncertain, and stores nothing before a person accepts', async () => {
    await addDoubtful();
    await harness.sync();
    await harness.sync();
    const [review, ...more] = await reviews();
    expect(more).toEqual([]);
    expect(review).toMatchObject({
      kind: 'tmdb_id',
      status: 'open',
      candidates: [{ id: String(generatedShowId(1)), name: expect.any(String) }],
    });
    expect(await database.owner('select tmdb_id from core.shows')).toEqual([{ tmdb_id: null }]);
    const list = await trr.run('review', 'list');
    expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining('Quite another name') });
    const id = String(review?.['id']).slice(0, 8);
    expect(await trr.run('review', 'accept', id, '--choice', '5')).toMatchObject({ code: 1 });
    expect(await trr.run('review', 'accept', id, '--reason', 'looked')).toMatchObject({ code: 0 });
    expect(await trr.run('review', 'accept', id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('accepted already'),
    });
    expect(await database.owner('select tmdb_id from core.shows')).toEqual([{ tmdb_id: generatedShowId(1) }]);
    expect((await harness.sync()).status).toBe('succeeded');
    expect(await database.owner(`select count(*)::int as n from core.episodes`)).not.toEqual([{ n: 0 }]);
    expect(await trr.run('review', 'list')).toMatchObject({ stdout: 'no review is open\n' });
  }, 60_000);

  it('does not propose again what was rejected, unless the candidates are others', async () => {
    await addDoubtful();
    await harness.sync();
    const [review] = await reviews();
    expect(await trr.run('review', 'reject', String(review?.['id']))).toMatchObject({ code: 0 });
    await harness.sync();
    expect(await reviews()).toMatchObject([{ status: 'rejected' }]);
    await database.owner(`update pipeline.reviews set candidates = '[]'`);
    await harness.sync();
    expect(await reviews()).toMatchObject([{ status: 'open' }]);
  }, 60_000);

  it('asks whether two shows are one when a source says so, and merges them when told', async () => {
    await database.owner(
      `insert into core.shows (name, tmdb_id, imdb_id) values ('By TMDb', $1, null), ('By IMDb', null, $2)`,
      [generatedShowId(1), simulator.state.show(generatedShowId(1))?.external_ids.imdb_id],
    );
    await harness.sync();
    const open = (await reviews()).filter(({ kind }) => kind === 'id_conflict');
    expect(open.length).toBeGreaterThan(0);
    expect(await trr.run('review', 'accept', String(open[0]?.['id']))).toMatchObject({ code: 0 });
    expect(await database.owner('select count(*)::int as n from core.shows')).toEqual([{ n: 1 }]);
    expect((await harness.sync()).status).toBe('succeeded');
  }, 60_000);

  describe('namesakes: two people of one show with one name', () => {
    const people = () =>
      database.owner<{ id: string; ids: Record<string, string> }>(
        'select p.id, p.external_ids as ids from core.people p where lower(full_name) = $1 order by full_name',
        ['sam namesake'],
      );
    const names = async () =>
      (await database.owner('select full_name from core.people where full_name ilike $1', ['sam%'])).length;
    /** TMDb's show 1 credits somebody by a name that the stored cast has, known by the other id only. */
    const addNamesake = async (ids: object): Promise<void> => {
      const show = generatedShowId(1);
      const person = simulator.state.show(show)?.seasons[0]?.cast[0]?.person_id ?? 0;
      simulator.state.editPerson(person, (one) => {
        one.name = 'Sam Namesake';
      });
      await database.owner(
        `with show as (insert into core.shows (name, tmdb_id) values ('With namesakes', $1) returning id),
              person as (insert into core.people (full_name, external_ids) values ('sam Namesake ', $2) returning id)
         insert into core.show_cast (show_id, person_id, credit_category, role) select show.id, person.id, 'self', 'cast' from show, person`,
        [show, ids],
      );
    };

    it('are asked about once, and become one when a person accepts', async () => {
      await addNamesake({ imdb: 'nm7000001' });
      await harness.sync();
      await harness.sync({ decision: { force: true, incremental: true, resume: true, since: null } });
      const [review, ...more] = await reviews();
      expect(more).toEqual([]);
      expect(review).toMatchObject({ kind: 'namesakes', status: 'open' });
      const [kept, other] = review?.['candidates'] as { id: string; detail: string }[];
      expect([kept?.detail, other?.detail]).toEqual([expect.stringContaining('tmdb '), 'imdb nm7000001']);
      expect(await trr.run('review', 'list')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('With namesakes'),
      });
      expect(await trr.run('review', 'accept', String(review?.['id']))).toMatchObject({
        code: 0,
        stdout: `accepted: merged ${other?.id} into ${kept?.id}\n`,
      });
      const [only, ...none] = await people();
      expect(none).toEqual([]);
      expect(only).toMatchObject({ id: kept?.id, ids: { imdb: 'nm7000001', tmdb: expect.any(String) } });
      expect(await trr.run('review', 'list')).toMatchObject({ stdout: 'no review is open\n' });
      await harness.sync({ decision: { force: true, incremental: true, resume: true, since: null } });
      expect(await reviews()).toMatchObject([{ status: 'accepted' }]);
      expect(await names()).toBe(1);
    }, 60_000);

    it('stay two when a person says so, whichever of their shows is synced', async () => {
      await addNamesake({ imdb: 'nm7000001' });
      await database.owner(
        `with show as (insert into core.shows (name, tmdb_id) values ('Another', $1) returning id)
         insert into core.show_cast (show_id, person_id, credit_category, role)
         select show.id, p.id, 'self', 'cast' from show, core.people p`,
        [generatedShowId(2)],
      );
      await harness.sync();
      await database.owner(
        `insert into core.show_cast (show_id, person_id, credit_category, role)
         select s.id, p.id, 'guest', 'cast' from core.shows s, core.people p where s.name = 'Another' and p.full_name = 'Sam Namesake'`,
      );
      const [review] = await reviews();
      expect(await trr.run('review', 'reject', String(review?.['id']))).toMatchObject({ code: 0 });
      await harness.sync({ decision: { force: true, incremental: true, resume: true, since: null } });
      expect(await reviews()).toMatchObject([{ status: 'rejected' }]);
      expect(await names()).toBe(2);
    }, 60_000);

    it("are nobody's question when a source knows both by an id of its own", async () => {
      await addNamesake({ tmdb: '123456789' });
      await harness.sync();
      expect(await names()).toBe(2);
      expect(await reviews()).toEqual([]);
    }, 60_000);
  });
});
