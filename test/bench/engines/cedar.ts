// Cedar, compiled to WebAssembly by its makers: policies parsed once and kept in the module.
import { type Engine, importPeer } from './engine.ts'
import type { CedarEntity, CedarUid } from './peer-forms.ts'

interface CedarCall {
  readonly principal: CedarUid
  readonly action: CedarUid
  readonly resource: CedarUid
  readonly context: object
  readonly preparsedPolicySetId: string
  readonly entities: readonly CedarEntity[]
}
type CedarAnswer =
  | {
      readonly type: 'success'
      readonly response: {
        readonly decision: 'allow' | 'deny'
        readonly diagnostics: { readonly errors: readonly object[] }
      }
    }
  | { readonly type: 'failure'; readonly errors: readonly { readonly message: string }[] }
interface Cedar {
  preparsePolicySet(id: string, policies: { staticPolicies: string }): { readonly type: string }
  statefulIsAuthorized(call: CedarCall): CedarAnswer
}

const POLICY_SET = 'bench'
const importCedar = () => importPeer<Cedar>('@cedar-policy/cedar-wasm/nodejs')

function loadPolicies(cedar: Cedar, staticPolicies: string): void {
  const answer = cedar.preparsePolicySet(POLICY_SET, { staticPolicies })
  if (answer.type !== 'success') throw new Error(`Cedar refuses its policies: ${JSON.stringify(answer)}`)
}

export const CEDAR: Engine = {
  name: 'cedar-wasm',
  spared:
    'parsing (policies stay in the module), cutting the entities a request needs, validation of requests',
  prepare: async (workload) => {
    const form = workload.peers.cedar?.()
    if (form === undefined) return undefined
    const cedar = await importCedar()
    loadPolicies(cedar, form.policies)
    const calls: CedarCall[] = []
    return {
      ready: (index) => {
        const request = workload.requests[index]
        if (request === undefined) return
        const { subject, action, resource } = request
        calls[index] = {
          principal: { type: subject.type, id: subject.id },
          action: { type: 'Action', id: action.name },
          resource: { type: resource.type, id: resource.id },
          context: form.contextOf?.(request) ?? {},
          preparsedPolicySetId: POLICY_SET,
          entities: form.entitiesOf(request),
        }
      },
      decide: (index) => {
        const answer = cedar.statefulIsAuthorized(calls[index] as CedarCall)
        if (answer.type !== 'success') throw new Error(`Cedar: ${answer.errors[0]?.message}`)
        return answer.response.decision === 'allow'
      },
    }
  },
  planLoading: async (workload) => {
    const form = workload.peers.cedar?.()
    if (form === undefined) return undefined
    const cedar = await importCedar()
    return { source: form.policies, load: (source) => loadPolicies(cedar, source), isOutsideHeap: true }
  },
}
