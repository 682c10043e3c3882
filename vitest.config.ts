import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Suites share nothing that they change, so one worker runs many files: a third of the time.
    isolate: false,
    setupFiles: ['test/configure-fast-check.ts'],
    testTimeout: 20_000,
  },
})
