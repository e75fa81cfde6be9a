import { defineConfig } from 'vitest/config';

/** Takes each policy and grant away in turn and names those that no test misses; part of `.ci/long`. */
export default defineConfig({
  test: {
    include: ['tests/rls/*.long.ts'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
