// Edict itself, called as a user of the library calls it.
import {
  type Answer,
  type DecideOptions,
  loadEntityData,
  loadPolicySet,
  loadProgram,
  type PolicySet,
  serializeProgram,
} from '../../../packages/policy-lang/src/index.ts'
import type { Workload } from '../workloads/workload.ts'
import type { Engine } from './engine.ts'

export function loadFromText(policy: string): PolicySet {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'bench.edict', text: policy }])
  if (policySet === undefined) {
    const first = diagnostics.find(({ severity }) => severity === 'error')
    throw new Error(`the policy set of the benchmark does not load: ${first?.message}`)
  }
  return policySet
}

/** The options that every call shares. */
export function toOptions(policySet: PolicySet, { data }: Workload): DecideOptions {
  if (data === undefined) return {}
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'bench.json', data }])
  if (store === undefined) {
    throw new Error(`the entity data of the benchmark does not load: ${problems[0]?.message}`)
  }
  return { entities: store }
}

/** Kept, as a caller keeps it: else the compiler could leave the making of answers out. */
let last: Answer | undefined

export const EDICT: Engine = {
  name: 'edict',
  spared: 'nothing: requests as they come from JSON, entity data in the store of the library',
  prepare: async (workload) => {
    const policySet = loadFromText(workload.policy)
    const options = toOptions(policySet, workload)
    const { requests } = workload
    return {
      decide: (index) => {
        const request = requests[index]
        if (request === undefined) return false
        last = policySet.decide(request, options)
        return last.decision === 'allow'
      },
    }
  },
  planLoading: async (workload) => {
    const [first] = workload.requests
    return {
      source: workload.policy,
      // The first decision belongs to it, so that nothing can be put off until then.
      load: (source) => {
        const policySet = loadFromText(source)
        if (first !== undefined) policySet.decide(first)
        return policySet
      },
    }
  },
}

/** The same from a serialised Program, without the parser. Decides as `edict`, so it is measured in loading alone. */
export const EDICT_PROGRAM: Engine = {
  name: 'edict-program',
  spared: 'parsing and checking: the Program was made before',
  prepare: async () => undefined,
  planLoading: async (workload) => {
    const [first] = workload.requests
    return {
      source: serializeProgram(loadFromText(workload.policy).program),
      load: (source) => {
        const policySet = loadProgram(source)
        if (first !== undefined) policySet.decide(first)
        return policySet
      },
    }
  },
}
