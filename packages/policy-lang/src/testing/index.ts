// The export "./testing": runs the tests of a policy set.
export { runTests } from './run-tests.ts'
export type { TestFailure, TestOutcome, TestReport, TestResult } from './test-report.ts'
