import { defineConfig } from 'vitest/config';

/**
 * `unit`: beside the code, in one process per worker. `process`: start real programs, one file after the other, so that
 * they do not fight for two cores. `tests/README.md` says what lives where.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/**/*.test.ts',
            'kernels/**/*.test.ts',
            'drivers/**/*.test.ts',
            'apps/**/*.test.ts',
            'examples/**/*.test.ts',
            'tools/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'process',
          include: ['tests/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
    reporters: ['default'],
  },
});
