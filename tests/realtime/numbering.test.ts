import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/platform/log/logger.ts';
import { createMemoryBroker } from '../../src/realtime/broker/memory.ts';
import { systemClock } from '../../src/realtime/clock.ts';
import { startSequencer } from '../../src/realtime/sequencer.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

const CHANNEL = 'discussions:episode:10000000-0000-4000-8000-000000000001';

describe('numbering', () => {
  let database: TestDatabase;
  let owner: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  const tell = (client: pg.Client, text: string) =>
    client.query(
      "insert into live.outbox (channel, type, payload) values ($1, 'post_created', jsonb_build_object('text', $2::text))",
      [CHANNEL, text],
    );

  async function numbered(count: number): Promise<string[]> {
    await expect
      .poll(async () => (await owner.query('select count(*)::int as n from live.events')).rows[0].n, {
        timeout: 20_000,
      })
      .toBe(count);
    const { rows } = await owner.query<{ event_offset: string; text: string }>(
      "select event_offset, payload ->> 'text' as text from live.events order by event_offset",
    );
    expect(rows.map(({ event_offset: offset }) => Number(offset))).toEqual(rows.map((_, nth) => nth + 1));
    return rows.map(({ text }) => text);
  }

  it('finds what was written first and committed last, and a backlog, without a gap', async () => {
    const broker = createMemoryBroker(systemClock);
    const late = new pg.Client({ connectionString: database.url });
    await late.connect();
    // Waiting since before anybody numbered.
    await owner.query(
      "insert into live.outbox (channel, type, payload) select $1, 'post_created', jsonb_build_object('text', n) from generate_series(1, 3000) n",
      [CHANNEL],
    );
    const sequencer = startSequencer({
      db: database.db,
      broker,
      kinds: [],
      clock: systemClock,
      log: createLogger({ level: 'silent' }),
      history: { hours: 24, events: 10_000 },
    });
    try {
      const backlog = await numbered(3000);
      expect(backlog).toEqual(Array.from({ length: 3000 }, (_, nth) => String(nth + 1)));
      await late.query('begin; create temporary table wrote_first (n int)');
      await tell(late, 'late');
      for (let n = 0; n < 40; n++) {
        await tell(owner, `early ${n}`);
        await numbered(3001 + n);
      }
      await late.query('commit');
      expect((await numbered(3041)).at(-1)).toBe('late');
      await tell(owner, 'after');
      expect((await numbered(3042)).at(-1)).toBe('after');
      expect((await owner.query('select from live.outbox')).rows).toEqual([]);
    } finally {
      await sequencer.stop();
      await late.end();
    }
  });
});
