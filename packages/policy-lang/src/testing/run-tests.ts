import { loadEntityData } from '../entities/load-entity-data.ts'
import type { Answer, AnswerDuty, EvaluationError } from '../model/answer.ts'
import { PolicyLangError } from '../model/errors.ts'
import { canonicalJson } from '../model/value-json.ts'
import type { PolicySet } from '../policy-set.ts'
import type { ExpectedAnswerDuty, TestCase, TestExpectation, TestStep } from '../program/test-case.ts'
import type { TestFailure, TestOutcome, TestReport, TestResult } from './test-report.ts'

/**
 * Runs the `test` blocks of a policy set. Reading the clock where a test sets none is a failure of the test.
 *
 * @example
 * ```ts
 * import { loadPolicySet } from '@edict/policy-lang'
 * import { runTests } from '@edict/policy-lang/testing'
 *
 * const text = `
 *   subject Person
 *   resource Note { author: Person  actions read }
 *   rule authors: allow read on Note if resource.author == subject
 *   test "authors read" {
 *     subject Person::"mia"
 *     resource Note::"n1" { author: Person::"mia" }
 *     allow read by authors
 *   }
 * `
 * const { policySet } = loadPolicySet([{ name: 'notes.edict', text }])
 * policySet && runTests(policySet).passed // => 1
 * ```
 */
export function runTests(policySet: PolicySet): TestReport {
  const tests = policySet.tests.map((test) => runTest(policySet, test))
  const passed = tests.filter((result) => result.passed).length
  return { passed, failed: tests.length - passed, tests }
}

function runTest(policySet: PolicySet, { name, at, steps }: TestCase): TestResult {
  const failures = steps.flatMap((step) => runStep(policySet, step) ?? [])
  return { name, at, passed: failures.length === 0, failures }
}

function runStep(policySet: PolicySet, step: TestStep): TestFailure | undefined {
  const { at, expect: expected } = step
  const failure = { at, action: step.request.action.name, expected }
  const attempt = tryStep(policySet, step)
  if (typeof attempt === 'string') return { ...failure, message: attempt }
  const unmet = findUnmet(expected, attempt)
  if (unmet.length === 0) return undefined
  return { ...failure, message: describeFailure(failure.action, unmet, attempt), got: attempt }
}

/** The outcome, or why there is none. */
function tryStep(policySet: PolicySet, { request, data, now }: TestStep): TestOutcome | string {
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'given', data }])
  if (store === undefined) {
    return `\`given\` is refused: ${problems.map(({ path, message }) => `${message} at ${path}`).join('; ')}`
  }
  const clock = createTestClock(now)
  try {
    const answer = policySet.decide(request, { entities: store, now: clock.now, detail: 'full' })
    return clock.isMissing() ? 'the rules read the clock, and the test sets no `now`' : toOutcome(answer)
  } catch (error) {
    if (error instanceof PolicyLangError) return error.message
    throw error
  }
}

function createTestClock(now: number | undefined): {
  readonly now: () => number
  readonly isMissing: () => boolean
} {
  let isRead = false
  return {
    now: () => {
      isRead = true
      return now ?? 0
    },
    isMissing: () => isRead && now === undefined,
  }
}

function toOutcome({ decision, reasons, obligations, advice, errors }: Answer): TestOutcome {
  const by = reasons.map((reason) => ('rule' in reason ? reason.rule : reason.builtin))
  return { decision, by, obligations, advice, errors }
}

/** Everything that was expected and did not come, in words. */
function findUnmet(expected: TestExpectation, got: TestOutcome): readonly string[] {
  const failed = new Set(got.errors.map(({ rule }) => rule))
  return [
    ...(expected.decision === got.decision ? [] : [expected.decision]),
    ...expected.by.filter((id) => !got.by.includes(id)).map((id) => `by ${id}`),
    ...findMissingDuties(expected.obligations, got.obligations).map((duty) => `with ${duty}`),
    ...findMissingDuties(expected.advice, got.advice).map((duty) => `advice ${duty}`),
    ...expected.fails.filter((id) => !failed.has(id)).map((id) => `an error of ${id}`),
  ]
}

function findMissingDuties(
  expected: readonly ExpectedAnswerDuty[],
  got: readonly AnswerDuty[],
): readonly string[] {
  return expected.filter((duty) => !got.some((other) => isAmong(duty, other))).map(describeDuty)
}

function isAmong(expected: ExpectedAnswerDuty, got: AnswerDuty): boolean {
  return (
    expected.name === got.name &&
    Object.entries(expected.args).every(([name, value]) => {
      const other = Object.hasOwn(got.args, name) ? got.args[name] : undefined
      return other !== undefined && canonicalJson(other) === canonicalJson(value)
    })
  )
}

function describeFailure(action: string, unmet: readonly string[], got: TestOutcome): string {
  const duties = [
    ...got.obligations.map((duty) => `with ${describeDuty(duty)}`),
    ...got.advice.map((duty) => `advice ${describeDuty(duty)}`),
  ]
  const answer = [`${got.decision} by ${got.by.join(', ')}`, ...duties].join(' ')
  const errors = got.errors.map((error) => `; ${describeError(error)}`).join('')
  return `${action}: expected ${unmet.join(' and ')}, got ${answer}${errors}`
}

/** A rule can fail in several kinds, often for one cause. */
function describeError({ rule, kind, message }: EvaluationError): string {
  const where = { condition: 'failed', obligation: 'failed in an obligation', advice: 'failed in advice' }
  return `${rule} ${where[kind]}: ${message}`
}

function describeDuty({ name, args }: ExpectedAnswerDuty): string {
  const list = Object.entries(args).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return `${name}(${list.join(', ')})`
}
