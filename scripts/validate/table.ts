export const TIERS = ['fast', 'medium', 'full'] as const;
export type Tier = (typeof TIERS)[number];

/** One check: an npm script, what calls for it, and the command that repairs what it finds. */
export interface Check {
  readonly name: string;
  /** The npm script that is run; it exits 0 or it failed. */
  readonly script: string;
  /** The first tier that runs it. */
  readonly tier: Tier;
  /** Changed files that call for it in the tier `medium`; none: always. The tier `full` asks nobody. */
  readonly when?: readonly string[];
  /** What to do when it fails. */
  readonly repair: string;
  /** Runs tests of its own: alone, after the checks. `.ci/run` and the workflows call these by their scripts. */
  readonly suite?: true;
  /** The tier `full` runs something larger instead. */
  readonly notInFull?: true;
}

/** What changed -> what to run. The only such table: `validate`, `.ci/run`, the workflows and the pre-merge hook read it. */
export const CHECKS: readonly Check[] = [
  { name: 'lint', script: 'lint', tier: 'fast', repair: 'npm run format (what stays is yours to mend)' },
  { name: 'types', script: 'typecheck', tier: 'fast', repair: 'mend the named lines; npm run typecheck' },
  {
    name: 'hygiene',
    script: 'check:hygiene',
    tier: 'fast',
    repair: 'remove the named file (git rm --cached) or line',
  },
  {
    name: 'secrets',
    script: 'check:secrets',
    tier: 'fast',
    repair: 'take it out and rotate it; a made-up value goes into scripts/validate/checks/secrets-allowed.ts',
  },
  {
    name: 'tests nearby',
    script: 'test:near',
    tier: 'fast',
    suite: true,
    notInFull: true,
    repair: 'npx vitest run FILE',
  },
  {
    name: 'architecture',
    script: 'check:architecture',
    tier: 'medium',
    when: ['src/**', 'tests/**', 'scripts/**', 'client/**', 'bench/**', '*.md', 'docs/**', 'package*.json'],
    repair: 'move the import behind a door of docs/architecture.md, or mend the named file',
  },
  {
    name: 'migrations',
    script: 'check:migrations',
    tier: 'medium',
    when: ['supabase/migrations/**', 'scripts/validate/checks/migrations.ts'],
    repair: 'rename the file, or say why above the statement: -- destructive: <reason>',
  },
  {
    name: 'schema docs',
    script: 'schema:docs:check',
    tier: 'medium',
    when: ['supabase/**', 'src/platform/db/**'],
    repair: 'npm run schema:docs, and commit what it wrote',
  },
  {
    name: 'row types',
    script: 'types:check',
    tier: 'medium',
    when: ['supabase/migrations/**', 'src/platform/db/**', 'scripts/generate-types.ts'],
    repair: 'npm run types:generate, and commit what it wrote',
  },
  {
    name: 'row security',
    script: 'test:rls',
    tier: 'medium',
    when: ['supabase/migrations/**', 'tests/rls/**'],
    suite: true,
    notInFull: true,
    repair: 'add the rows tests/rls/README.md asks for, or mend the policy',
  },
  {
    name: 'openapi',
    script: 'openapi:check',
    tier: 'medium',
    when: ['src/**', 'openapi.json', 'scripts/write-openapi.ts', 'package-lock.json'],
    repair: 'npm run openapi && npm run client:generate, and commit what they wrote',
  },
  {
    name: 'client',
    script: 'client:check',
    tier: 'medium',
    when: ['openapi.json', 'client/**', 'scripts/generate-client.ts', 'package-lock.json'],
    repair: 'npm run client:generate, and commit what it wrote',
  },
  {
    name: 'repo map',
    script: 'repo-map:check',
    tier: 'medium',
    repair: 'npm run repo-map, and commit what it wrote',
  },
  { name: 'links', script: 'links:check', tier: 'medium', repair: 'mend the link, or the file it names' },
  {
    name: 'environment',
    script: 'check:environment',
    tier: 'medium',
    when: ['.env.example', 'src/platform/config/**'],
    repair: 'describe the variable in .env.example, or take it out there',
  },
  {
    name: 'guides',
    script: 'check:guides',
    tier: 'medium',
    when: ['**/*.md', '.claude/**', '.github/**', '.config/**', '.ci/**', 'package.json', 'scripts/**'],
    repair: 'use a name that "npm run" lists',
  },
  { name: 'tests', script: 'test', tier: 'full', suite: true, repair: 'npx vitest run FILE' },
  {
    name: 'tests on PostgreSQL 15',
    script: 'test:postgres15',
    tier: 'full',
    suite: true,
    repair: 'bash scripts/ci/postgres15.sh npx vitest run FILE',
  },
  {
    name: 'acceptance',
    script: 'test:acceptance',
    tier: 'full',
    suite: true,
    repair: 'bash scripts/ci/acceptance.sh, or npx vitest run tests/acceptance/FILE',
  },
  {
    name: 'newcomer',
    script: 'test:newcomer',
    tier: 'full',
    suite: true,
    repair: 'bash scripts/ci/newcomer.sh (a clone of HEAD: commit first)',
  },
];

/** The checks of a tier: of `medium` those that the changed files call for, of `full` all. */
export function checksFor(tier: Tier, changed: readonly string[]): readonly Check[] {
  if (tier === 'full') return CHECKS.filter((check) => check.notInFull === undefined);
  const within = TIERS.slice(0, TIERS.indexOf(tier) + 1);
  return CHECKS.filter(
    ({ tier: first, when }) =>
      within.includes(first) &&
      (when === undefined || changed.some((file) => when.some((pattern) => matches(file, pattern)))),
  );
}

/** `**` is any folders, `*` any part of a name. Unlike `path.matchesGlob`, names that begin with a dot are names like others. */
export function matches(file: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*/g, (stars) => ({ '**/': '(?:.*/)?', '**': '.*' })[stars] ?? '[^/]*');
  return new RegExp(`^${source}$`).test(file);
}
