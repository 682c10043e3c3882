// Rules over attributes, one of ten shapes each, every tenth a deny: spread over types and actions (`abac-types-N`,
// twenty rules a type), or all on one type and action, each behind an equality test of its own (`abac-cell-N`).
import { Random } from '../../fuzz/random.ts'
import type { AccessControlGrant, CaslRule, PeerForms } from '../engines/peer-forms.ts'
import {
  type AbacCondition,
  type AbacRequest,
  CHANNELS,
  DEPARTMENTS,
  drawCondition,
  MOMENT_FIELDS,
  PERSON_FIELDS,
  REGIONS,
  TAGS,
  THING_FIELDS,
} from './abac-conditions.ts'
import { createCellFloor, createTypesFloor } from './abac-floor.ts'
import { defineWorkload, type Workload } from './workload.ts'

const RULES_OF_A_TYPE = 20
const RULES_OF_A_PROJECT = 2
const ACTIONS = ['read', 'write', 'approve', 'share', 'delete'] as const

interface AbacRule {
  readonly name: string
  readonly effect: 'allow' | 'deny'
  readonly action: string
  readonly type: string
  /** The equality test in front. */
  readonly project?: string
  readonly condition: AbacCondition
}
export interface AbacOptions {
  readonly ruleCount: number
  readonly requestCount: number
}

export function createAbacTypes({ ruleCount, requestCount }: AbacOptions): Workload {
  const random = new Random(11, ruleCount)
  const types = Array.from({ length: ruleCount / RULES_OF_A_TYPE }, (_, index) => `Type${index}`)
  const rules = Array.from({ length: ruleCount }, (_, index) => ({
    ...drawRule(index, random),
    type: types[index % types.length] as string,
    action: ACTIONS[Math.floor(index / types.length) % ACTIONS.length] as string,
  }))
  return createAbac(`abac-types-${ruleCount}`, {
    rules,
    types,
    requests: drawRequests(types, ACTIONS, ['project-0'], requestCount, random),
    createFloor: () => createTypesFloor(rules),
  })
}

export function createAbacCell({ ruleCount, requestCount }: AbacOptions): Workload {
  const random = new Random(13, ruleCount)
  const projects = Array.from({ length: ruleCount / RULES_OF_A_PROJECT }, (_, index) => `project-${index}`)
  const rules = Array.from({ length: ruleCount }, (_, index) => ({
    ...drawRule(index, random),
    type: 'Document',
    action: 'read',
    project: random.pick(projects),
  }))
  return createAbac(`abac-cell-${ruleCount}`, {
    rules,
    types: ['Document'],
    requests: drawRequests(['Document'], ['read'], projects, requestCount, random),
    createFloor: () => createCellFloor(rules),
  })
}

interface Abac {
  readonly rules: readonly AbacRule[]
  readonly types: readonly string[]
  readonly requests: readonly AbacRequest[]
  readonly createFloor: () => (request: AbacRequest) => boolean
}

function createAbac(name: string, { rules, types, requests, createFloor }: Abac): Workload {
  return defineWorkload<AbacRequest>({
    name,
    ruleCount: rules.length,
    policy: toPolicy(rules, types),
    requests,
    createFloor,
    peers: toPeers(rules),
  })
}

function drawRule(index: number, random: Random) {
  return {
    name: `r${index}`,
    effect: random.oneIn(10) ? ('deny' as const) : ('allow' as const),
    condition: drawCondition(random.below(10), random),
  }
}

function drawRequests(
  types: readonly string[],
  actions: readonly string[],
  projects: readonly string[],
  count: number,
  random: Random,
): readonly AbacRequest[] {
  const subjects = Array.from({ length: 50 }, (_, index) => ({
    type: 'User',
    id: `user-${index}`,
    properties: {
      department: random.pick(DEPARTMENTS),
      level: 1 + random.below(6),
      regions: drawSome(REGIONS, 3, random),
      isContractor: random.oneIn(5),
    },
  }))
  return Array.from({ length: count }, (_, index) => {
    const subject = random.pick(subjects)
    return {
      subject,
      action: { name: random.pick(actions) },
      resource: {
        type: random.pick(types),
        id: `thing-${index}`,
        properties: {
          owner: { type: 'User', id: random.oneIn(3) ? subject.id : random.pick(subjects).id },
          project: random.pick(projects),
          department: random.pick(DEPARTMENTS),
          level: 1 + random.below(5),
          amount: 100 * random.below(60),
          region: random.pick(REGIONS),
          tags: drawSome(TAGS, 4, random),
        },
      },
      context: { mfa: random.oneIn(2), channel: random.pick(CHANNELS) },
    }
  })
}

function drawSome(list: readonly string[], count: number, random: Random): readonly string[] {
  return [...new Set(Array.from({ length: count }, () => random.pick(list)))]
}

function toPolicy(rules: readonly AbacRule[], types: readonly string[]): string {
  const actions = [...new Set(rules.map(({ action }) => action))].join(', ')
  return [
    `subject User { ${PERSON_FIELDS} }`,
    `context { ${MOMENT_FIELDS} }`,
    ...types.map((type) => `resource ${type} { ${THING_FIELDS}  actions ${actions} }`),
    ...rules.map(({ name, effect, action, type, project, condition }) => {
      const test = project === undefined ? '' : `resource.project == "${project}" && `
      return `rule ${name}: ${effect} ${action} on ${type} if ${test}${condition.edict}`
    }),
    '',
  ].join('\n')
}

// --- peers ---

const CASBIN_MODEL = `
[request_definition]
r = subject, type, action, resource, context
[policy_definition]
p = type, action, rule, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.type == p.type && r.action == p.action && eval(p.rule)
`

function toPeers(rules: readonly AbacRule[]): PeerForms<AbacRequest> {
  const allowsFirst = rules.toSorted((a, b) => Number(a.effect === 'deny') - Number(b.effect === 'deny'))
  return {
    cedar: () => ({
      policies: rules.map(toCedarPolicy).join('\n'),
      entitiesOf: toCedarEntities,
      contextOf: ({ context }) => ({ ...context }),
    }),
    casbin: () => ({
      model: CASBIN_MODEL,
      lines: rules.map(toCasbinLine),
      argumentsOf: (request) => {
        const { subject, resource, context } = toVariables(request)
        return [subject, request.resource.type, request.action.name, resource, context]
      },
    }),
    casl: () => ({
      abilityKeyOf: ({ subject }) => subject.id,
      // Of its rules the last that matches decides: what forbids comes last.
      rulesOf: ({ subject }) => allowsFirst.flatMap((rule) => toCaslRules(rule, subject)),
      objectOf: ({ resource, context }) => ({
        ...resource.properties,
        owner: resource.properties.owner.id,
        ...context,
      }),
    }),
    accesscontrol: () => ({
      grants: rules.map(toGrant),
      rolesOf: () => ['user'],
      // Its conditions cannot say `resource`: that is the name of what is asked for.
      contextOf: (request) => {
        const { subject, resource, context } = toVariables(request)
        return { subject, object: resource, context }
      },
    }),
    cel: () => ({
      rules: rules.map(({ effect, action, type, project, condition }) => ({
        effect,
        actions: [action],
        type,
        expression:
          project === undefined ? condition.cel : `resource.project == '${project}' && ${condition.cel}`,
      })),
      variablesOf: toVariables,
    }),
  }
}

function toVariables({ subject, resource, context }: AbacRequest) {
  return {
    subject: { id: subject.id, ...subject.properties },
    resource: { ...resource.properties, owner: resource.properties.owner.id },
    context,
  }
}

function toCedarPolicy({ effect, action, type, project, condition }: AbacRule): string {
  const head = `(principal, action == Action::"${action}", resource is ${type})`
  const test = project === undefined ? '' : `resource.project == "${project}" && `
  return `${effect === 'allow' ? 'permit' : 'forbid'} ${head} when { ${test}${condition.cedar} };`
}

function toCedarEntities({ subject, resource }: AbacRequest) {
  const owner = { __entity: { type: 'User', id: resource.properties.owner.id } }
  return [
    { uid: { type: 'User', id: subject.id }, attrs: { ...subject.properties }, parents: [] },
    {
      uid: { type: resource.type, id: resource.id },
      attrs: { ...resource.properties, owner },
      parents: [],
    },
  ]
}

function toCasbinLine({ effect, action, type, project, condition }: AbacRule): readonly string[] {
  const test = project === undefined ? '' : `resource.project == '${project}' && `
  const rule = `${test}${condition.casbin}`.replaceAll(/\b(subject|resource|context)\./g, 'r.$1.')
  return ['p', type, action, rule, effect]
}

function toCaslRules(rule: AbacRule, subject: AbacRequest['subject']): readonly CaslRule[] {
  const { effect, action, type, project, condition } = rule
  return condition.casl(subject.id, subject.properties).map((conditions) => ({
    action,
    subject: type,
    conditions: project === undefined ? conditions : { project, ...conditions },
    inverted: effect === 'deny',
  }))
}

function toGrant({ effect, action, type, project, condition }: AbacRule): AccessControlGrant {
  return {
    role: 'user',
    resource: type,
    action,
    condition:
      project === undefined
        ? condition.accesscontrol
        : { and: [['$.object.project', '==', project], condition.accesscontrol] },
    effect: effect === 'deny' ? 'deny' : 'grant',
  }
}
