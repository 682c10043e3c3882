// What decides the questions of one exchange.
import type {
  Answer,
  DecideOptions,
  DecisionRequest,
  Explanation,
  PolicySet,
  SearchOptions,
} from '@edict/policy-lang/program'
import type { Found, SearchOutcome, SearchPart, SearchQuestion } from './search-record.ts'
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
  /** Some of what a search finds. Throws `PolicyLangError` for a malformed question. */
  readonly search: (question: SearchQuestion, part: SearchPart) => Found
  /** Tells of a page of results that is about to go out. */
  readonly tellSearch: (outcome: SearchOutcome) => void
  /**
   * To be awaited before any of the decisions goes out, or what a search found: ends once their records are safe, and throws
   * `PdpServerError` `not-recorded` where they are not. Undefined where nobody waits for records.
   */
  readonly recorded: () => Promise<void> | undefined
  /** Whether the last decision was made before, and given again. Left out: none is. */
  readonly wasRecalled?: () => boolean
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
    search: (question, part) => search(policySet, options, question, part),
    tellSearch: () => {},
    recorded: () => undefined,
  }
}

function search(
  policySet: PolicySet,
  { entities, now, stepBudget }: DecideOptions,
  question: SearchQuestion,
  part: SearchPart,
): Found {
  const options: SearchOptions = {
    ...(entities !== undefined && { entities }),
    ...(now !== undefined && { now }),
    ...(stepBudget !== undefined && { stepBudget }),
    ...part,
  }
  switch (question.kind) {
    case 'subject':
      return policySet.searchSubjects(question.request, options)
    case 'resource':
      return policySet.searchResources(question.request, options)
    case 'action':
      return policySet.searchActions(question.request, options)
  }
}
