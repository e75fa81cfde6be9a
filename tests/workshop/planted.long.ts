import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clone, cloneProject } from './clone.ts';
import { MISTAKES } from './planted.ts';

let clone: Clone;
beforeAll(() => {
  clone = cloneProject();
});
afterAll(() => clone.remove());
afterEach(() => clone.reset());

describe('npm run validate:medium, all of it', () => {
  it('passes on the clean tree, also with all its checks', () => {
    const { status, output } = clone.npm('validate:medium');
    expect(output).toContain('checks passed');
    expect(status).toBe(0);
    const all = clone.npm('validate', '--', '--checks');
    expect(all.output).toContain('checks passed');
    expect(all.status).toBe(0);
  });

  it.each(MISTAKES)('finds $name', ({ plant, check, says }) => {
    plant(clone);
    const before = clone.git('status', '--porcelain');
    const { status, output } = clone.npm('validate:medium');
    expect(output).toMatch(says);
    expect(output).toMatch(new RegExp(`^failed: .*${check}`, 'm'));
    expect(status).toBe(1);
    expect(clone.git('status', '--porcelain')).toBe(before);
  });
});
