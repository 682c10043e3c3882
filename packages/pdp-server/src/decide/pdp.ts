// The decision point inside the service: one policy set and one view of entity data, swapped whole.
// It must never know of HTTP, files or configuration.
import type {
  Answer,
  DecideOptions,
  DecisionRequest,
  EntityStore,
  Explanation,
  PolicySet,
  SharedSteps,
} from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'

/** What decisions rest on. Never changed, only replaced. */
export interface PdpState {
  readonly policySet: PolicySet
  /** Left out: the request alone says what is known. */
  readonly entities?: EntityStore
  /** What was loaded, by kind, for people. */
  readonly counts?: Readonly<Record<string, number>>
}

export interface PdpOptions {
  readonly state?: PdpState
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
  /** Steps after which one decision is a deny. Default: the engine's. */
  readonly stepBudget?: number
  /** Steps that all decisions of a batch have together. Default 10,000,000. */
  readonly batchStepBudget?: number
}

export const DEFAULT_BATCH_STEP_BUDGET = 10_000_000

export interface Pdp {
  /** Undefined until a policy set is loaded. */
  readonly current: () => PdpState | undefined
  /** Decisions that are under way keep the state they began with. */
  readonly swap: (state: PdpState) => void
  /** All decisions of one exchange: one state, one instant. Throws `PdpServerError` `not-ready` before the first swap. */
  readonly begin: () => Decider
  /** The same, and all decisions share `batchStepBudget`: once it is used up, they are denials `budgetExceeded`. */
  readonly beginBatch: () => BatchDecider
}

export interface Decider {
  readonly policyVersion: string
  /** Throws `PolicyLangError` for a malformed request. */
  readonly decide: (request: DecisionRequest) => Answer
  readonly explain: (request: DecisionRequest, options: { readonly trace: boolean }) => Explanation
}

export interface BatchDecider extends Decider {
  /** Takes steps off the shared budget for work around the decisions. */
  readonly charge: (steps: number) => void
}

/**
 * A decision point, empty or with its first state.
 *
 * @example
 * ```ts
 * const { policySet } = loadPolicySet(sources)
 * const pdp = createPdp(policySet && { state: { policySet } })
 * const app = createApp({ pdp })
 * ```
 */
export function createPdp(options: PdpOptions = {}): Pdp {
  const { now = Date.now, stepBudget, batchStepBudget = DEFAULT_BATCH_STEP_BUDGET } = options
  let state = options.state
  const begin = (sharedSteps?: SharedSteps): Decider => {
    if (state === undefined) throw new PdpServerError('not-ready', 'no policy set is loaded')
    return createDecider(state, now, {
      ...(stepBudget !== undefined && { stepBudget }),
      ...(sharedSteps !== undefined && { sharedSteps }),
    })
  }
  return {
    current: () => state,
    swap: (next) => {
      state = next
    },
    begin: () => begin(),
    beginBatch: () => {
      const sharedSteps = { left: batchStepBudget }
      return {
        ...begin(sharedSteps),
        charge: (steps) => {
          sharedSteps.left -= steps
        },
      }
    },
  }
}

function createDecider(
  { policySet, entities }: PdpState,
  now: () => number,
  budgets: Pick<DecideOptions, 'stepBudget' | 'sharedSteps'>,
): Decider {
  let instant: number | undefined
  const options = {
    ...(entities !== undefined && { entities }),
    ...budgets,
    now: () => {
      instant ??= now()
      return instant
    },
  }
  return {
    policyVersion: policySet.version,
    decide: (request) => policySet.decide(request, options),
    explain: (request, { trace }) => policySet.explain(request, { ...options, trace }),
  }
}
