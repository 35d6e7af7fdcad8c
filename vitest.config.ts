import { defineConfig } from 'vitest/config';

// A migration is imported as its text, as the bundler does it.
const sqlText = {
  name: 'sql-text',
  transform: (source: string, id: string) =>
    id.endsWith('.sql') ? `export default ${JSON.stringify(source)};` : undefined,
};

export default defineConfig({
  plugins: [sqlText],
  test: {
    include: ['test/**/*.test.ts'],
    // Real engines need Java: `npm run test:live`, `npm run test:e2e`. The emulator of AWS needs Python:
    // `npm run test:emulator`. A browser: `npm run test:browser`.
    exclude: [
      ...(process.env.TEST_LIVE ? [] : ['test/live/**']),
      ...(process.env.TEST_E2E ? [] : ['test/e2e/**']),
      ...(process.env.TEST_BROWSER ? [] : ['test/browser/**']),
      ...(process.env.TEST_EMULATOR ? [] : ['test/emulator/**']),
    ],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
