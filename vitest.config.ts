import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@holdfast/source', 'module', 'node', 'development|production'];

const config: ViteUserConfig = defineConfig({
  // Both lists: the first is for the test runner's own graph, the second for what it loads in Node.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Node 22 cannot parse `using` and friends.
  oxc: { target: 'node22' },
  test: {
    // For tests that hang: simulations take seconds, and several times that on a machine with other work.
    testTimeout: 60_000,
    passWithNoTests: true,
    include: ['{packages,examples}/*/test/**/*.test.ts', 'tools/{test,servers/test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/test/system/**'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text', 'json-summary'],
    },
  },
});

export default config;
