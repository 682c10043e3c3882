// The tests that mutants of the evaluator must not survive: those beside it, and no slower ones.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['packages/policy-lang/src/evaluate/**/*.test.ts'],
    testTimeout: 20_000,
  },
})
