import { defineConfig } from 'vitest/config';

/** Whole tiers over planted mistakes, and the contributing guide followed to the letter; part of `.ci/long`. */
export default defineConfig({
  test: {
    include: ['tests/workshop/*.long.ts'],
    // Each runs checks that use all there is.
    fileParallelism: false,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
