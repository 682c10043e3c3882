import type { Location } from '../diagnostics/span.ts'
import type { Answer } from '../model/answer.ts'
import type { TestExpectation } from '../program/test-case.ts'

/** How the `test` blocks of a policy set went: plain data. */
export interface TestReport {
  readonly passed: number
  readonly failed: number
  /** By file and line. */
  readonly tests: readonly TestResult[]
}

export interface TestResult {
  readonly name: string
  readonly at: Location
  readonly passed: boolean
  /** Every expectation that did not hold. Empty where the test passed. */
  readonly failures: readonly TestFailure[]
}

/** One expectation that did not hold, or that could not be tried. */
export interface TestFailure {
  readonly at: Location
  readonly action: string
  /** In one line: what was expected, what came, and why. */
  readonly message: string
  readonly expected: TestExpectation
  /** Left out where there is none: the test's data or request was refused, or it set no clock. */
  readonly got?: TestOutcome
}

/** What the answer said, as far as tests can ask. */
export interface TestOutcome extends Pick<Answer, 'decision' | 'obligations' | 'advice' | 'errors'> {
  /** Ids of the deciding rules, or `default` and other builtin reasons. */
  readonly by: readonly string[]
}
