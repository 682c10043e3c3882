import type { DecisionRequest, EntityData } from '../../../packages/policy-lang/src/index.ts'
import type { PeerForms } from '../engines/peer-forms.ts'

/** One question of the benchmark: a policy set, its data, requests, and the same for everybody it is compared with. */
export interface Workload {
  readonly name: string
  /** How many rules (grants count as rules). */
  readonly ruleCount: number
  /** The policy set as Edict reads it. */
  readonly policy: string
  readonly data?: EntityData
  /** In random order, so that any beginning of the list is a fair sample. */
  readonly requests: readonly DecisionRequest[]
  /**
   * The floor: the fastest plain code that returns the right boolean. It may know the policy and close each relation
   * (who is in which group, what lies below what, what a role includes), but not join two of them into a table of
   * answers, which any change of data would void. Changed only to be faster.
   */
  readonly createFloor: () => (request: DecisionRequest) => boolean
  readonly peers: PeerForms
}

/** What a workload says of itself before it is made: making one takes time. */
export interface WorkloadPlan {
  readonly name: string
  /** Part of `--quick`. */
  readonly isQuick?: boolean
  readonly create: () => Workload
}

interface TypedWorkload<R> extends Omit<Workload, 'requests' | 'createFloor' | 'peers'> {
  readonly requests: readonly R[]
  readonly createFloor: () => (request: R) => boolean
  readonly peers?: PeerForms<R>
}

/** Lets floor and peers know the shape of their requests; whoever runs them knows no shapes. */
export function defineWorkload<R>(typed: TypedWorkload<R>): Workload {
  const { requests, createFloor, peers = {}, ...rest } = typed
  return {
    ...rest,
    requests: requests as unknown as readonly DecisionRequest[],
    createFloor: createFloor as unknown as Workload['createFloor'],
    peers: peers as unknown as PeerForms,
  }
}
