import type { Location } from '../diagnostics/span.ts'
import type { EntityData } from '../model/entity-data.ts'
import type { DecisionRequest, JsonValue } from '../model/request.ts'

/** A `test` block as plain data. `given` and later lines are already laid over one another. */
export interface TestCase {
  readonly name: string
  readonly at: Location
  readonly steps: readonly TestStep[]
}

/** One question of a test and what its answer must hold: one per action of an EXPECT line. */
export interface TestStep {
  readonly at: Location
  readonly request: DecisionRequest
  readonly data: EntityData
  /** Epoch milliseconds; left out: the test set no clock, and reading it is an error of the test. */
  readonly now?: number
  readonly expect: TestExpectation
}

export interface TestExpectation {
  readonly decision: 'allow' | 'deny'
  /** Ids of rules and grants, or `default`: all must be among the reasons of the full answer. */
  readonly by: readonly string[]
  readonly obligations: readonly ExpectedAnswerDuty[]
  readonly advice: readonly ExpectedAnswerDuty[]
  /** Rules that must have reported an error. */
  readonly fails: readonly string[]
}

/** Arguments that are not named may have any value. */
export interface ExpectedAnswerDuty {
  readonly name: string
  readonly args: { readonly [name: string]: JsonValue }
}
