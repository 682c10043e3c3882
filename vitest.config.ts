import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What goes through the whole project takes longest: begun last, it would keep one core waiting for the other. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      /[\\/]test[\\/]|main\.test|mutation\.test/.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Suites share nothing that they change, so one worker runs many files: a third of the time.
    isolate: false,
    // Vitest would leave one core to itself, and with it half of two.
    maxWorkers: availableParallelism(),
    setupFiles: ['test/configure-fast-check.ts'],
    testTimeout: 20_000,
    sequence: { sequencer: LongestFirst },
  },
})
