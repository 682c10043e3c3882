// The decision point inside the service: one policy set and one view of entity data, swapped whole.
// It must never know of HTTP, files or configuration.
import type { Answer, DecisionRequest, EntityStore, Explanation, PolicySet } from '@edict/policy-lang/program'
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
}

export interface Pdp {
  /** Undefined until a policy set is loaded. */
  readonly current: () => PdpState | undefined
  /** Decisions that are under way keep the state they began with. */
  readonly swap: (state: PdpState) => void
  /** All decisions of one exchange: one state, one instant. Throws `PdpServerError` `not-ready` before the first swap. */
  readonly begin: () => Decider
}

export interface Decider {
  readonly policyVersion: string
  /** Throws `PolicyLangError` for a malformed request. */
  readonly decide: (request: DecisionRequest) => Answer
  readonly explain: (request: DecisionRequest, options: { readonly trace: boolean }) => Explanation
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
  const { now = Date.now, stepBudget } = options
  let state = options.state
  return {
    current: () => state,
    swap: (next) => {
      state = next
    },
    begin: () => {
      if (state === undefined) throw new PdpServerError('not-ready', 'no policy set is loaded')
      return createDecider(state, now, stepBudget)
    },
  }
}

function createDecider(
  { policySet, entities }: PdpState,
  now: () => number,
  stepBudget: number | undefined,
): Decider {
  let instant: number | undefined
  const options = {
    ...(entities !== undefined && { entities }),
    ...(stepBudget !== undefined && { stepBudget }),
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
