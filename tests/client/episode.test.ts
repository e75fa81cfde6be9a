import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { playEpisode } from '../../bench/episode/play.ts';
import { startOwnServer } from '../acceptance/server.ts';
import { localToken } from '../helpers/tokens.ts';

it('is enough to play a live episode: everything counted is what was done (bench/episode plays 200 people)', async () => {
  const target = await startOwnServer();
  const admin = await target.admin();
  await target.own.owner("update core.shows set name = 'AAA' where name = 'The Full Show'");
  const tokens = await Promise.all(Array.from({ length: 20 }, () => localToken(randomUUID())));
  const report = await playEpisode({
    baseUrl: target.baseUrl,
    adminToken: admin.token,
    tokens,
    seconds: 3,
    actionsPerMinute: 240,
  });
  await target.close();
  expect(report.unexpected).toEqual({});
  expect(report.differences).toEqual([]);
  expect(report.actions).toBeGreaterThan(100);
  expect(report.ok + (report.intended['already_submitted'] ?? 0)).toBe(report.actions);
});
