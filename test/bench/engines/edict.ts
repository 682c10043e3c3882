// Edict itself, called as a user of the library calls it.
import {
  type DecideOptions,
  loadEntityData,
  loadPolicySet,
  loadProgram,
  type PolicySet,
  serializeProgram,
} from '../../../packages/policy-lang/src/index.ts'
import type { Workload } from '../workloads/workload.ts'

export function loadFromText(policy: string): PolicySet {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'bench.edict', text: policy }])
  if (policySet === undefined) {
    const first = diagnostics.find(({ severity }) => severity === 'error')
    throw new Error(`the policy set of the benchmark does not load: ${first?.message}`)
  }
  return policySet
}

export function toProgramText(policy: string): string {
  return serializeProgram(loadFromText(policy).program)
}

export function loadFromProgram(programText: string): PolicySet {
  return loadProgram(programText)
}

/** The options that every call shares. */
export function toOptions(policySet: PolicySet, { data }: Workload): DecideOptions {
  if (data === undefined) return {}
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'bench.json', data }])
  if (store === undefined)
    throw new Error(`the entity data of the benchmark does not load: ${problems[0]?.message}`)
  return { entities: store }
}
