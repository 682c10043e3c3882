// The decision point inside the service: one policy set and one view of entity data, swapped whole.
// It must never know of HTTP, files or configuration.
import type { DecideOptions, EntityStore, PolicySet, SharedSteps } from '@edict/policy-lang/program'
import { createCachingDecider } from '../decision-cache/caching-decider.ts'
import type { DecisionCache } from '../decision-cache/decision-cache.ts'
import { PdpServerError } from '../errors.ts'
import { type BatchDecider, createDecider, type Decider } from './decider.ts'
import type { DecisionHooks, DecisionOrigin } from './decision-record.ts'
import { createRecordingDecider } from './recording-decider.ts'
import type { StateNumbers } from './state-numbers.ts'

/** What decisions rest on. Never changed, only replaced. */
export interface PdpState {
  readonly policySet: PolicySet
  /** Left out: the request alone says what is known. */
  readonly entities?: EntityStore
  /** Left out: nobody counts. */
  readonly numbers?: StateNumbers
  /** What was loaded, by kind, for people. */
  readonly counts?: Readonly<Record<string, number>>
}

export interface PdpOptions extends DecisionHooks {
  readonly state?: PdpState
  /** Told of each state that is put in place. Default: nobody is. */
  readonly onSwap?: (state: PdpState) => void
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
  /** Steps after which one decision is a deny. Default: the engine's. */
  readonly stepBudget?: number
  /** Steps that all decisions of a batch have together. Default 10,000,000. */
  readonly batchStepBudget?: number
  /** Whether the state may long be out of date; asked for each exchange. Default: it never is. */
  readonly isStale?: (() => boolean) | undefined
  /** What becomes of decisions then: none are made, or they are marked. Default `refuse`. */
  readonly whenStale?: WhenStale
  /** Where answers are kept for questions that come again. Default: nowhere. */
  readonly cache?: DecisionCache | undefined
}

export const WHEN_STALE = ['refuse', 'mark'] as const
export type WhenStale = (typeof WHEN_STALE)[number]

export const DEFAULT_BATCH_STEP_BUDGET = 10_000_000

export interface Pdp {
  /** Undefined until a policy set is loaded. */
  readonly current: () => PdpState | undefined
  /** Decisions that are under way keep the state they began with. */
  readonly swap: (state: PdpState) => void
  /** Whether anybody is told of decisions. Where not, their origin need not be found out. */
  readonly isObserved: boolean
  /**
   * All decisions of one exchange: one state, one instant. Throws `PdpServerError` `not-ready` before the first swap,
   * and `stale` where the state is out of date and such decisions are refused.
   */
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
  const { now = Date.now, stepBudget, batchStepBudget = DEFAULT_BATCH_STEP_BUDGET } = options
  const { onDecision, onSearch, onSwap } = options
  const { isStale, whenStale = 'refuse', cache } = options
  const isObserved = (onDecision ?? onSearch) !== undefined
  let state = options.state
  const begin = (origin: DecisionOrigin | undefined, sharedSteps?: SharedSteps): Decider => {
    if (state === undefined) throw new PdpServerError('not-ready', 'no policy set is loaded')
    const isMarked = isStale?.() === true
    if (isMarked && whenStale === 'refuse') throw staleState()
    const readClock = createInstant(now)
    const { policySet, entities, numbers } = state
    // One after the other: to spread what may be there takes as long as a decision.
    const decideOptions: Writable<DecideOptions & { readonly now: () => number }> = { now: readClock }
    if (entities !== undefined) decideOptions.entities = entities
    if (stepBudget !== undefined) decideOptions.stepBudget = stepBudget
    if (sharedSteps !== undefined) decideOptions.sharedSteps = sharedSteps
    const plain = createDecider(policySet, numbers, isMarked, decideOptions)
    const decider =
      cache === undefined ? plain : createCachingDecider(plain, { cache, policySet, options: decideOptions })
    if (!isObserved) return decider
    return createRecordingDecider(decider, {
      onDecision,
      onSearch,
      origin,
      dataVersion: entities?.version,
      time: readClock(),
    })
  }
  return {
    current: () => state,
    swap: (next) => {
      state = next
      onSwap?.(next)
    },
    isObserved,
    begin: (origin) => begin(origin),
    beginBatch: (origin) => {
      const sharedSteps = { left: batchStepBudget }
      const charge = (steps: number): void => {
        sharedSteps.left -= steps
      }
      return Object.assign(begin(origin, sharedSteps), { charge })
    },
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function staleState(): PdpServerError {
  return new PdpServerError('stale', 'whether the policies are current has not been known for too long')
}

/** The clock, read once and then standing still. */
function createInstant(now: () => number): () => number {
  let instant: number | undefined
  return () => {
    instant ??= now()
    return instant
  }
}
