import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../../scripts/validate/table.ts';
import { type Clone, cloneProject } from './clone.ts';
import { MISTAKES } from './planted.ts';

// Each mistake meets the one check that has to find it; tests/workshop/planted.long.ts runs the whole tier each time.

/** Left to the long version: the slow ones whose siblings are here. */
const LONG = /row types|keeps all others|does not fit|destroys|changed|schema page|without a description/;

let clone: Clone;
beforeAll(() => {
  clone = cloneProject();
});
afterAll(() => clone.remove());
afterEach(() => clone.reset());

describe('npm run validate:medium', () => {
  it.each(MISTAKES.filter(({ name }) => !LONG.test(name)))(
    'finds $name',
    ({ plant, check, says }) => {
      plant(clone);
      const before = clone.git('status', '--porcelain');
      expect(clone.npm('validate:medium', '--', '--list').output.split('\n')).toContain(check);
      const { status, output } = clone.npm('validate', '--', '--only', check);
      expect(output).toMatch(says);
      expect(output).toContain(`failed: ${check}`);
      expect(output).toContain(`repair: ${CHECKS.find(({ name }) => name === check)?.repair}`);
      expect(status).toBe(1);
      expect(clone.git('status', '--porcelain')).toBe(before);
    },
    120_000,
  );

  it('finds nothing where nothing was planted', () => {
    for (const check of ['hygiene', 'secrets', 'migrations', 'environment', 'guides']) {
      expect(clone.npm('validate', '--', '--only', check), check).toMatchObject({ status: 0 });
    }
  });

  it('tells misuse from failure', () => {
    const requests = [
      ['validate', '--', 'medium'],
      ['validate:fast', '--', '--no-such'],
      ['validate', '--', '--only', 'nothing'],
      ['validate:medium', '--', '--base', 'nowhere'],
    ];
    for (const request of requests) expect(clone.npm(...request), request.join(' ')).toMatchObject({ status: 2 });
  });

  it('fails where a check’s script is missing', () => {
    const file = 'package.json';
    clone.git('checkout', '--quiet', 'main', '--', file);
    clone.write(file, clone.git('show', `main:${file}`).replace('"check:secrets"', '"check:elsewhere"'));
    expect(clone.npm('validate', '--', '--only', 'secrets')).toMatchObject({
      status: 1,
      output: expect.stringContaining('package.json has no script "check:secrets"'),
    });
  });
});
