import { defineConfig } from 'vitest/config';

/** Long fault histories (kill at every step, broken upstreams): `npm run test:faults`, part of `.ci/long`. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.long.ts'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
