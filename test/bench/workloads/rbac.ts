// Roles that grant actions on types. Who has which role stands in the entity data (`rbac-N`) or comes with the request,
// as from a token (`rbac-token-N`). Only the number of roles and types grows with N: a role has ten grants, a user up
// to three roles.

import type { EntityData } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import { CASBIN_GROUPS } from './casbin-models.ts'
import { defineWorkload, type Workload } from './workload.ts'

const ACTIONS = ['read', 'write', 'create', 'delete', 'share'] as const
const GRANTS_OF_A_ROLE = 10

interface Grant {
  readonly role: string
  readonly action: string
  readonly type: string
}
interface RbacRequest {
  readonly subject: { readonly type: string; readonly id: string; readonly roles?: readonly string[] }
  readonly action: { readonly name: string }
  readonly resource: { readonly type: string; readonly id: string }
}
interface Rbac {
  readonly types: readonly string[]
  readonly grants: readonly Grant[]
  readonly grantsOf: ReadonlyMap<string, readonly Grant[]>
  readonly rolesOf: ReadonlyMap<string, readonly string[]>
}
export interface RbacOptions {
  readonly grantCount: number
  readonly requestCount: number
  /** Roles come with the request. */
  readonly isToken?: boolean
}

export function createRbac({ grantCount, requestCount, isToken = false }: RbacOptions): Workload {
  const random = new Random(7, grantCount)
  const rbac = drawRbac(grantCount, random)
  const rolesOf = (request: RbacRequest) => rbac.rolesOf.get(request.subject.id) ?? []
  return defineWorkload<RbacRequest>({
    name: `${isToken ? 'rbac-token' : 'rbac'}-${grantCount}`,
    ruleCount: rbac.grants.length,
    policy: toPolicy(rbac),
    ...(!isToken && { data: toEntityData(rbac) }),
    requests: drawRequests(rbac, requestCount, isToken, random),
    createFloor: () => (isToken ? createTokenFloor(rbac) : createFloor(rbac)),
    peers: {
      cedar: () => ({
        policies: rbac.grants
          .map(
            ({ role, action, type }) =>
              `permit (principal in Role::"${role}", action == Action::"${action}", resource is ${type});`,
          )
          .join('\n'),
        entitiesOf: (request) => {
          const parents = rolesOf(request).map((role) => ({ type: 'Role', id: role }))
          return [{ uid: { type: 'User', id: request.subject.id }, attrs: {}, parents }]
        },
      }),
      casbin: () => ({
        model: CASBIN_GROUPS,
        lines: [
          ...rbac.grants.map(({ role, action, type }) => ['p', role, type, action]),
          ...[...rbac.rolesOf].flatMap(([user, roles]) => roles.map((role) => ['g', user, role])),
        ],
        argumentsOf: ({ subject, resource, action }) => [subject.id, resource.type, action.name],
      }),
      casl: () => ({
        abilityKeyOf: (request) => request.subject.id,
        rulesOf: (request) =>
          rolesOf(request)
            .flatMap((role) => rbac.grantsOf.get(role) ?? [])
            .map(({ action, type }) => ({ action, subject: type })),
      }),
      accesscontrol: () => ({
        grants: rbac.grants.map(({ role, action, type }) => ({ role, action, resource: type })),
        rolesOf,
      }),
    },
  })
}

function drawRbac(grantCount: number, random: Random): Rbac {
  const roleCount = grantCount / GRANTS_OF_A_ROLE
  const types = Array.from({ length: Math.min(roleCount, 1000) }, (_, index) => `Type${index}`)
  const grantsOf = new Map<string, readonly Grant[]>()
  for (let index = 0; index < roleCount; index++) {
    const role = `role${index}`
    const drawn = new Map<string, Grant>()
    while (drawn.size < GRANTS_OF_A_ROLE) {
      const grant = { role, action: random.pick(ACTIONS), type: random.pick(types) }
      drawn.set(`${grant.action} ${grant.type}`, grant)
    }
    grantsOf.set(role, [...drawn.values()])
  }
  const roles = [...grantsOf.keys()]
  const rolesOf = new Map<string, readonly string[]>()
  for (let index = 0; index < Math.max(100, roleCount); index++) {
    const drawn = Array.from({ length: 1 + random.below(3) }, () => random.pick(roles))
    rolesOf.set(`user-${index}`, [...new Set(drawn)])
  }
  return { types, grants: [...grantsOf.values()].flat(), grantsOf, rolesOf }
}

function toPolicy({ types, grantsOf }: Rbac): string {
  const roles = [...grantsOf].map(([role, grants]) => {
    const lines = grants.map(({ action, type }) => `  can ${action} on ${type}`)
    return `role ${role} {\n${lines.join('\n')}\n}`
  })
  const resources = types.map((type) => `resource ${type} { actions ${ACTIONS.join(', ')} }`)
  return ['subject User', ...resources, ...roles, ''].join('\n')
}

function toEntityData({ rolesOf }: Rbac): EntityData {
  return {
    assignments: [...rolesOf].flatMap(([id, roles]) =>
      roles.map((role) => ({ role, to: { type: 'User', id }, on: '*' as const })),
    ),
  }
}

/** Every second request asks for what a role of the subject grants. */
function drawRequests(
  { types, grantsOf, rolesOf }: Rbac,
  count: number,
  isToken: boolean,
  random: Random,
): readonly RbacRequest[] {
  const users = [...rolesOf.keys()]
  return Array.from({ length: count }, (_, index) => {
    const id = random.pick(users)
    const roles = rolesOf.get(id) ?? []
    const granted = random.pick(grantsOf.get(random.pick(roles)) ?? [])
    const isGranted = random.oneIn(2)
    return {
      subject: { type: 'User', id, ...(isToken && { roles }) },
      action: { name: isGranted ? granted.action : random.pick(ACTIONS) },
      resource: { type: isGranted ? granted.type : random.pick(types), id: `resource-${index}` },
    }
  })
}

/** Who may do what on a type, by role. */
function indexGrants(grants: readonly Grant[]): Map<string, Map<string, Set<string>>> {
  const byType = new Map<string, Map<string, Set<string>>>()
  for (const { role, action, type } of grants) {
    const byAction = byType.get(type) ?? new Map<string, Set<string>>()
    byType.set(type, byAction)
    byAction.set(action, (byAction.get(action) ?? new Set()).add(role))
  }
  return byType
}

/** What each user may do, by type: a bit for each action. */
function createFloor({ grantsOf, rolesOf }: Rbac): (request: RbacRequest) => boolean {
  const bitOf = new Map<string, number>(ACTIONS.map((action, index) => [action, 1 << index]))
  const granted = new Map<string, Map<string, number>>()
  for (const [user, roles] of rolesOf) {
    const byType = new Map<string, number>()
    granted.set(user, byType)
    for (const { action, type } of roles.flatMap((role) => grantsOf.get(role) ?? [])) {
      byType.set(type, (byType.get(type) ?? 0) | (bitOf.get(action) ?? 0))
    }
  }
  return ({ subject, action, resource }) => {
    const bits = granted.get(subject.id)?.get(resource.type)
    return bits !== undefined && (bits & (bitOf.get(action.name) ?? 0)) !== 0
  }
}

function createTokenFloor({ grants }: Rbac): (request: RbacRequest) => boolean {
  const byType = indexGrants(grants)
  return ({ subject, action, resource }) => {
    const granted = byType.get(resource.type)?.get(action.name)
    const { roles } = subject
    if (granted === undefined || roles === undefined) return false
    for (let index = 0; index < roles.length; index++) {
      if (granted.has(roles[index] as string)) return true
    }
    return false
  }
}
