import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Tests that a database of another version could break; the others run once, beside the newest (`npm test`). */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      exclude: [
        'tests/{architecture,deploy,fuzz,workshop}/**',
        'scripts/**',
        'src/sources/**',
        'src/media/inspect/**',
        // The server that comes with us, and what commands say of themselves.
        'src/platform/db/embedded/**',
        'src/cli/source.test.ts',
        'tests/cli/{commands-page,documents,misuse}.test.ts',
      ],
    },
  }),
);
