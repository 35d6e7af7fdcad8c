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
    // `npm run test:emulator`. A browser is Chromium: `npm run test:browser`.
    exclude: [
      ...(process.env.TEST_LIVE ? [] : ['test/live/**']),
      ...(process.env.TEST_E2E ? [] : ['test/e2e/**']),
      ...(process.env.TEST_BROWSER ? [] : ['test/browser/**']),
      // Each command of the documentation: `npm run test:docs`.
      ...(process.env.TEST_DOCS ? [] : ['test/documentation/**']),
      ...(process.env.TEST_EMULATOR ? [] : ['test/emulator/**']),
    ],
    // The CDK's own validator takes half of each synthesis: npm run synth and npm run lint:templates ask it.
    env: { CDK_VALIDATION: 'false' },
    setupFiles: ['test/support/properties.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // It would find the other half of the dual package graphql than our own code does.
    server: { deps: { inline: ['graphql-http'] } },
    pool: 'forks',
    maxWorkers: 2,
  },
});
