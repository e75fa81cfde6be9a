import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { EXAMPLES } from './examples.ts';
import type { Surroundings } from './kinds.ts';
import { RULES } from './rules.ts';

const AROUND: Surroundings = {
  cwd: '/home/ann/work/trr-backend.feature-x',
  home: '/home/ann',
  branch: () => 'feature/x',
  defaultBranch: () => 'main',
  addableSecrets: () => [],
};
const decision = (command: string, around: Partial<Surroundings> = {}) =>
  decide(command, { ...AROUND, ...around }).decision;
const ruleOf = (command: string, around: Partial<Surroundings> = {}) =>
  decide(command, { ...AROUND, ...around }).rule?.id ?? null;

const rule = (id: string) => RULES.find((one) => one.id === id);

describe('the rule table', () => {
  it('has examples of a match, a near miss and a chain for every rule, and for no other', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort());
    for (const [id, { match, near, chained }] of Object.entries(EXAMPLES)) {
      expect(Math.min(match.length, near.length, chained.length), id).toBeGreaterThanOrEqual(3);
    }
  });

  it('gives every refusal a reason and a safer way', () => {
    expect(RULES.filter(({ reason }) => reason === '')).toEqual([]);
    expect(RULES.filter(({ decision: what, instead }) => what !== 'allow' && instead === '')).toEqual([]);
  });

  describe.each(Object.entries(EXAMPLES))('%s', (id, { match, near, chained }) => {
    it.each([...match, ...chained])('decides %j', (command) => {
      const judged = decide(command, AROUND);
      expect(judged.decision).toBe(rule(id)?.decision);
      // A chain of allowed commands is allowed by any of its rules.
      if (judged.decision !== 'allow') expect(judged.rule?.id).toBe(id);
    });

    it.each(near)('says nothing about %j', (command) => expect(ruleOf(command)).not.toBe(id));
  });
});

describe('the guard', () => {
  it('asks about a force push whose target it cannot know', () => {
    expect(decision('git push -f', { branch: () => null })).toBe('deny');
    expect(decision('git push -f', { branch: () => 'main' })).toBe('deny');
    expect(decision('git push -f origin master', { defaultBranch: () => null })).toBe('deny');
    expect(decision('git push', { branch: () => 'main' })).toBe('ask');
  });

  it('refuses git add -A only while a secret is not ignored', () => {
    const addableSecrets = () => ['.env'];
    for (const command of ['git add -A', 'git add .', 'git add --all', 'npm ci && git add -A']) {
      expect(ruleOf(command, { addableSecrets }), command).toBe('stage-secrets');
      expect(decision(command), command).toBe('none');
    }
    expect(decision('git add src', { addableSecrets })).toBe('none');
  });

  it('holds the deny list where the text cannot be read to its end', () => {
    for (const command of [
      'rm -rf / "',
      "rm -rf / '",
      'rm -rf / $(',
      'rm -rf / && echo "',
      'cat <<EOF\nx\n',
      'rm -rf /; `',
    ]) {
      expect(decision(command), command).toBe(command.startsWith('rm') ? 'deny' : 'none');
    }
  });

  it('has no opinion on what it does not know, and never throws', () => {
    for (const command of [
      '',
      ' ',
      ';;;',
      'make all',
      '))((',
      '$CMD x',
      '"',
      '\\',
      'a|',
      '&&',
      'ls 💥',
      '<',
      '>',
      '${',
      '$(((',
      '{',
      '}',
    ]) {
      expect(decision(command), command).toBe('none');
    }
  });

  it('asks where a variable may be the program of a refused command', () => {
    expect(decision('$RM -rf /')).toBe('ask');
    expect(decision('R=rm; $R -rf /')).toBe('deny');
  });

  it('goes through nested shells and stops at a depth', () => {
    expect(decision(`bash -c "bash -c 'rm -rf /'"`)).toBe('deny');
    const deep = (n: number): string => (n === 0 ? 'true' : `eval ${JSON.stringify(deep(n - 1))}`);
    expect(decision(deep(12))).toBe('none');
  });

  it('reads any text without an exception, and what is refused alone also behind it', () => {
    const piece = fc.constantFrom(
      'rm',
      '-rf',
      '/',
      ' ',
      '"',
      "'",
      '$(',
      ')',
      '`',
      '\\',
      '\n',
      ';',
      '|',
      '&',
      '<<E',
      '>',
      '{',
      '}',
      '#',
      'x',
      '$',
      '~',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        expect(['none', 'allow', 'warn', 'ask', 'deny']).toContain(decision(text));
        expect(decision(`rm -rf /\n${text}`)).toBe('deny');
      }),
      { numRuns: 2000 },
    );
    const started = performance.now();
    decision(`echo ${'"x" '.repeat(50_000)}`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('takes the strictest of several decisions', () => {
    expect(ruleOf('git status; npx trr db migrate; dropdb x; rm -rf /')).toBe('delete-root-or-home');
    expect(ruleOf('git status; npx trr db migrate; dropdb x')).toBe('delete-database-instance');
    expect(decision('git status; make')).toBe('none');
  });
});
