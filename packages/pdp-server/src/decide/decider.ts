// What decides the questions of one exchange.
import type {
  Answer,
  DecideOptions,
  DecisionRequest,
  Explanation,
  PolicySet,
} from '@edict/policy-lang/program'
import type { StateNumbers } from './state-numbers.ts'

export interface Decider {
  readonly policyVersion: string
  /** Of the state that decides. Undefined where nobody counts. */
  readonly numbers: StateNumbers | undefined
  /** Whether the state may long be out of date, and answers are to say so. */
  readonly isStale: boolean
  /** Throws `PolicyLangError` for a malformed request. `index`: its place in a batch. */
  readonly decide: (request: DecisionRequest, index?: number) => Answer
  readonly explain: (
    request: DecisionRequest,
    options: { readonly trace: boolean },
    index?: number,
  ) => Explanation
  /**
   * To be awaited before any of the decisions goes out: ends once their records are safe, and throws
   * `PdpServerError` `not-recorded` where they are not. Undefined where nobody waits for records.
   */
  readonly recorded: () => Promise<void> | undefined
}

export interface BatchDecider extends Decider {
  /** Takes steps off the shared budget for work around the decisions. */
  readonly charge: (steps: number) => void
}

/** Decides, and tells nobody. */
export function createDecider(
  policySet: PolicySet,
  numbers: StateNumbers | undefined,
  isStale: boolean,
  options: DecideOptions,
): Decider {
  return {
    policyVersion: policySet.version,
    numbers,
    isStale,
    decide: (request) => policySet.decide(request, options),
    explain: (request, { trace }) => policySet.explain(request, { ...options, trace }),
    recorded: () => undefined,
  }
}
