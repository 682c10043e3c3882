// accesscontrol: grants of roles, with conditions since its third version.
import { type Engine, importPeer } from './engine.ts'
import type { AccessControlForm, AccessControlGrant } from './peer-forms.ts'

interface AccessControl {
  can(
    roles: readonly string[],
    context?: object,
  ): { do(action: string, resource: string): { granted: boolean } }
}
interface Module {
  readonly AccessControl: new (grants: object) => AccessControl
}
interface Question {
  readonly roles: readonly string[]
  readonly action: string
  readonly resource: string
  readonly context: object | undefined
}
type Grants = Record<string, Record<string, unknown>>

/** The grants object of the library: role, resource, action. */
function toGrants({ grants, extend }: AccessControlForm<never>): Grants {
  const roles: Grants = {}
  for (const { role, resource, action, condition, effect } of grants) {
    const resources = roles[role] ?? {}
    roles[role] = resources
    const actions = (resources[resource] ?? {}) as Record<string, AccessControlRule[]>
    resources[resource] = actions
    const rules = actions[action] ?? []
    actions[action] = rules
    rules.push({
      attributes: ['*'],
      ...(condition !== undefined && { condition }),
      ...(effect && { effect }),
    })
  }
  for (const [role, from] of extend ?? []) roles[role] = { ...roles[role], $extend: from }
  return roles
}

type AccessControlRule = Pick<AccessControlGrant, 'condition' | 'effect'> & {
  readonly attributes: readonly string[]
}

export const ACCESS_CONTROL: Engine = {
  name: 'accesscontrol',
  spared: 'making its roles and context',
  prepare: async (workload) => {
    const form = workload.peers.accesscontrol?.()
    if (form === undefined) return undefined
    const { AccessControl } = await importPeer<Module>('accesscontrol')
    const control = new AccessControl(toGrants(form as AccessControlForm<never>))
    const questions: Question[] = []
    return {
      ready: (index) => {
        const request = workload.requests[index]
        if (request === undefined) return
        questions[index] = {
          roles: form.rolesOf(request),
          action: request.action.name,
          resource: request.resource.type,
          context: form.contextOf?.(request),
        }
      },
      decide: (index) => {
        const { roles, action, resource, context } = questions[index] as Question
        return control.can(roles, context).do(action, resource).granted
      },
    }
  },
  planLoading: async (workload) => {
    const form = workload.peers.accesscontrol?.()
    if (form === undefined) return undefined
    const { AccessControl } = await importPeer<Module>('accesscontrol')
    return {
      source: JSON.stringify(toGrants(form as AccessControlForm<never>)),
      load: (source) => new AccessControl(JSON.parse(source)),
    }
  },
}
