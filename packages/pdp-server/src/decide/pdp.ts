// The decision point inside the service: one policy set and one view of entity data, swapped whole.
// It must never know of HTTP, files or configuration.
import type { EntityStore, PolicySet, SharedSteps } from '@edict/policy-lang/program'
import { PdpServerError } from '../errors.ts'
import { type BatchDecider, createDecider, type Decider } from './decider.ts'
import type { DecisionHooks, DecisionOrigin } from './decision-record.ts'
import { createRecordingDecider } from './recording-decider.ts'

/** What decisions rest on. Never changed, only replaced. */
export interface PdpState {
  readonly policySet: PolicySet
  /** Left out: the request alone says what is known. */
  readonly entities?: EntityStore
  /** What was loaded, by kind, for people. */
  readonly counts?: Readonly<Record<string, number>>
}

export interface PdpOptions extends DecisionHooks {
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
  /** Whether anybody is told of decisions. Where not, their origin need not be found out. */
  readonly isObserved: boolean
  /** All decisions of one exchange: one state, one instant. Throws `PdpServerError` `not-ready` before the first swap. */
  readonly begin: (origin?: DecisionOrigin) => Decider
  /** The same, and all decisions share `batchStepBudget`: once it is used up, they are denials `budgetExceeded`. */
  readonly beginBatch: (origin?: DecisionOrigin) => BatchDecider
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
  const { now = Date.now, stepBudget, batchStepBudget = DEFAULT_BATCH_STEP_BUDGET, onDecision } = options
  let state = options.state
  const begin = (origin: DecisionOrigin | undefined, sharedSteps?: SharedSteps): Decider => {
    if (state === undefined) throw new PdpServerError('not-ready', 'no policy set is loaded')
    const readClock = createInstant(now)
    const { policySet, entities } = state
    const decider = createDecider(policySet, {
      ...(entities !== undefined && { entities }),
      now: readClock,
      ...(stepBudget !== undefined && { stepBudget }),
      ...(sharedSteps !== undefined && { sharedSteps }),
    })
    if (onDecision === undefined) return decider
    return createRecordingDecider(decider, {
      onDecision,
      origin,
      dataVersion: entities?.version,
      time: readClock(),
    })
  }
  return {
    current: () => state,
    swap: (next) => {
      state = next
    },
    isObserved: onDecision !== undefined,
    begin: (origin) => begin(origin),
    beginBatch: (origin) => {
      const sharedSteps = { left: batchStepBudget }
      return {
        ...begin(origin, sharedSteps),
        charge: (steps) => {
          sharedSteps.left -= steps
        },
      }
    },
  }
}

/** The clock, read once and then standing still. */
function createInstant(now: () => number): () => number {
  let instant: number | undefined
  return () => {
    instant ??= now()
    return instant
  }
}
