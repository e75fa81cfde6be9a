import { defineConfig } from 'vitest/config';

/** Tests over recorded pages and payloads, which are no part of the repository: `npm run test:captures`. */
export default defineConfig({
  test: {
    include: ['tests/captures/**/*.test.ts'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
