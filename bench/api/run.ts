/** Reads and writes of the community against bare handlers running the same statements; submits against the number of answers there are. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localToken } from '../../src/identity/tokens/local.ts';
import { loadConfig, PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { openDatabase } from '../../src/platform/db/open.ts';
import { type LoadRequest, type LoadResult, load } from '../lib/load.ts';
import { median, report } from '../lib/numbers.ts';
import { background, LIMITS_OFF, temporaryFolder, trr } from '../lib/processes.ts';
import { fill, SURVEYS } from './world.ts';

const ROUNDS = 3;
const SETTING = { connections: 16, seconds: 4 };
const SUBMITS = 200;

const folder = temporaryFolder();
const env = { TRR_DATA_DIR: folder.path, LOG_LEVEL: 'warn', ...LIMITS_OFF };
const opened = await openDatabase(loadConfig({ env, envFolders: [] }), { applicationName: 'bench api' });
const user = randomUUID();
const world = await fill(opened.ownerUrl, user);
const ours = await background(
  [process.execPath, join(PROJECT_ROOT, 'bin/trr.mjs'), 'serve', '--port', '0'],
  /(http:\/\/127\.0\.0\.1:\d+)/,
  env,
);
const bare = await background(
  [process.execPath, join(PROJECT_ROOT, 'bench/api/bare.ts'), opened.ownerUrl, user],
  /(http:\/\/127\.0\.0\.1:\d+)/,
);
const origins = { ours: ours.match[1] ?? '', bare: bare.match[1] ?? '' };
const secret = readFileSync(join(folder.path, 'secrets/local-tokens'));
const tokenOf = (id: string) => localToken(secret, { id, email: null }, 3600);

/** Interleaved rounds after one uncounted round each; ratios pair by pair. */
async function compare(name: string, requests: readonly (string | LoadRequest)[]): Promise<number> {
  const rounds: { ours: LoadResult; bare: LoadResult }[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const pair = {
      bare: await load(origins.bare, requests, SETTING),
      ours: await load(origins.ours, requests, SETTING),
    };
    if (round >= 0) rounds.push(pair);
  }
  const ratios = rounds.map((pair) => pair.ours.perSecond / pair.bare.perSecond);
  for (const side of ['bare', 'ours'] as const) {
    console.log(`${name} ${side}: ${rounds.map((pair) => pair[side].perSecond.toFixed(0)).join(' ')} /s`);
  }
  console.log(`${name} ratios: ${ratios.map((r) => r.toFixed(2)).join(' ')}`);
  return median(ratios);
}

/** Milliseconds of one submit at a time, to the small and the large survey in turn, each by somebody new. */
async function submits(): Promise<{ small: number; large: number }> {
  const times = { small: [] as number[], large: [] as number[] };
  for (let n = 0; n < SUBMITS; n++) {
    for (const size of ['small', 'large'] as const) {
      const { survey, question } = SURVEYS[size];
      const headers = { authorization: `Bearer ${await tokenOf(randomUUID())}`, 'content-type': 'application/json' };
      // First sight of a person is not the question.
      await fetch(`${origins.ours}/api/v1/me`, { headers });
      const body = JSON.stringify({ answers: [{ question_id: question, answer: 'o1' }] });
      const started = performance.now();
      const response = await fetch(`${origins.ours}/api/v1/surveys/${survey}/submit`, {
        method: 'POST',
        headers,
        body,
      });
      await response.text();
      if (response.status !== 200) throw new Error(`submit answered ${response.status}`);
      times[size].push(performance.now() - started);
    }
  }
  return { small: median(times.small), large: median(times.large) };
}

try {
  const row = await compare(
    'GET thread',
    world.threads.map((id) => `/api/v1/discussions/threads/${id}`),
  );
  const page = await compare(
    'GET 50 posts',
    world.threads.map((id) => `/api/v1/discussions/threads/${id}/posts?limit=50`),
  );
  const headers = { authorization: `Bearer ${await tokenOf(user)}`, 'content-type': 'application/json' };
  const write = await compare(
    'POST post',
    world.threads.map((id) => ({
      path: `/api/v1/discussions/threads/${id}/posts`,
      method: 'POST' as const,
      headers,
      body: JSON.stringify({ body: 'A sentence about what just happened.' }),
    })),
  );
  const submit = await submits();
  console.log(
    `submit: ${submit.small.toFixed(2)} ms with 100 answers stored, ${submit.large.toFixed(2)} ms with 100,000`,
  );
  const perSecond = 'ours / bare, requests per second';
  const good = report([
    { name: `single row: ${perSecond}`, value: row, unit: 'x', bound: { atLeast: 0.8 } },
    { name: `50 posts: ${perSecond}`, value: page, unit: 'x', bound: { atLeast: 0.7 } },
    { name: `authenticated write: ${perSecond}`, value: write, unit: 'x', bound: { atLeast: 0.8 } },
    {
      name: 'submit with results: at 100,000 answers / at 100, time',
      value: submit.large / submit.small,
      unit: 'x',
      bound: { atMost: 2 },
    },
  ]);
  process.exitCode = good ? 0 : 1;
} finally {
  await ours.stop();
  await bare.stop();
  await opened.close();
  await trr(['db', 'stop'], env);
  folder.remove();
}
