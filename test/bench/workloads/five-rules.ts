// The classic example of ABAC: five rules over what is known of a person, a document and the moment.
import type { JsonEntityRef, JsonValue } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import type { AccessControlGrant } from '../engines/peer-forms.ts'
import { defineWorkload, type Workload } from './workload.ts'

const POLICY = `
subject User { department: String  clearance: Number  isSuspended: Bool }
resource Document { owner: User  department: String  classification: Number  actions read, write, delete }
context { hour: Number, mfa: Bool }

rule suspended: deny * on Document if subject.isSuspended
rule deleteNeedsMfa: deny delete on Document unless context.mfa
rule ownersDoAll: allow * on Document if resource.owner == subject
rule departmentReads: allow read on Document
  if subject.department == resource.department && subject.clearance >= resource.classification
rule departmentWrites: allow write on Document
  if subject.department == resource.department && subject.clearance > resource.classification
  if (context.hour >= 9 && context.hour < 18) || context.mfa
`
const CEDAR = `
forbid (principal, action, resource) when { principal.isSuspended };
forbid (principal, action == Action::"delete", resource) unless { context.mfa };
permit (principal, action, resource) when { resource.owner == principal };
permit (principal, action == Action::"read", resource)
  when { principal.department == resource.department && principal.clearance >= resource.classification };
permit (principal, action == Action::"write", resource)
  when { principal.department == resource.department && principal.clearance > resource.classification }
  when { (context.hour >= 9 && context.hour < 18) || context.mfa };
`
const CASBIN_MODEL = `
[request_definition]
r = sub, act, obj, ctx
[policy_definition]
p = act, rule, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.act == '*' || r.act == p.act) && eval(p.rule)
`
const CASBIN_LINES = [
  ['p', '*', 'r.sub.isSuspended', 'deny'],
  ['p', 'delete', '!r.ctx.mfa', 'deny'],
  ['p', '*', 'r.obj.owner == r.sub.id', 'allow'],
  ['p', 'read', 'r.sub.department == r.obj.department && r.sub.clearance >= r.obj.classification', 'allow'],
  [
    'p',
    'write',
    'r.sub.department == r.obj.department && r.sub.clearance > r.obj.classification && ((r.ctx.hour >= 9 && r.ctx.hour < 18) || r.ctx.mfa)',
    'allow',
  ],
]

interface FiveRequest {
  readonly subject: {
    readonly type: string
    readonly id: string
    readonly properties: {
      readonly department: string
      readonly clearance: number
      readonly isSuspended: boolean
    }
  }
  readonly action: { readonly name: string }
  readonly resource: {
    readonly type: string
    readonly id: string
    readonly properties: {
      readonly owner: JsonEntityRef
      readonly department: string
      readonly classification: number
    }
  }
  readonly context: { readonly hour: number; readonly mfa: boolean }
}

export function createFiveRules(requestCount: number): Workload {
  return defineWorkload<FiveRequest>({
    name: 'five-rules',
    ruleCount: 5,
    policy: POLICY,
    requests: createRequests(requestCount),
    createFloor: () => isAllowed,
    peers: {
      cedar: () => ({
        policies: CEDAR,
        entitiesOf: toCedarEntities,
        contextOf: (request) => request.context,
      }),
      casbin: () => ({
        model: CASBIN_MODEL,
        lines: CASBIN_LINES,
        argumentsOf: ({ subject, action, resource, context }) => [
          { id: subject.id, ...subject.properties },
          action.name,
          { ...resource.properties, owner: resource.properties.owner.id },
          context,
        ],
      }),
      casl: () => ({
        abilityKeyOf: (request) => request.subject.id,
        rulesOf: toCaslRules,
        objectOf: ({ resource, context }) => ({
          ...resource.properties,
          owner: resource.properties.owner.id,
          ...context,
        }),
      }),
      accesscontrol: () => ({
        grants: ACCESS_CONTROL_GRANTS,
        // Its conditions cannot say `resource`: that is the name of what is asked for.
        rolesOf: () => ['user'],
        contextOf: ({ subject, resource, context }) => ({
          subject: { id: subject.id, ...subject.properties },
          object: { ...resource.properties, owner: resource.properties.owner.id },
          context,
        }),
      }),
      cel: () => ({
        rules: CEL_RULES,
        variablesOf: ({ subject, resource, context }) => ({
          subject: { id: subject.id, ...subject.properties },
          resource: { ...resource.properties, owner: resource.properties.owner.id },
          context,
        }),
      }),
    },
  })
}

function isAllowed({ subject, action, resource, context }: FiveRequest): boolean {
  const person = subject.properties
  if (person.isSuspended) return false
  const document = resource.properties
  const { name } = action
  if (name === 'delete') return context.mfa && document.owner.id === subject.id
  if (document.owner.id === subject.id) return true
  if (person.department !== document.department) return false
  if (name === 'read') return person.clearance >= document.classification
  return (
    person.clearance > document.classification && (context.mfa || (context.hour >= 9 && context.hour < 18))
  )
}

function createRequests(count: number): readonly FiveRequest[] {
  const random = new Random(5, 0)
  const departments = ['engineering', 'finance', 'legal', 'sales']
  const users = Array.from({ length: 100 }, (_, index) => ({
    type: 'User',
    id: `user-${index}`,
    properties: {
      department: random.pick(departments),
      clearance: random.below(5),
      isSuspended: random.oneIn(10),
    },
  }))
  return Array.from({ length: count }, (_, index) => {
    const subject = random.pick(users)
    const isOwn = random.oneIn(4)
    return {
      subject,
      action: { name: random.pick(['read', 'write', 'delete']) },
      resource: {
        type: 'Document',
        id: `document-${index}`,
        properties: {
          owner: { type: 'User', id: isOwn ? subject.id : random.pick(users).id },
          department: random.oneIn(2) ? subject.properties.department : random.pick(departments),
          classification: random.below(5),
        },
      },
      context: { hour: random.below(24), mfa: random.oneIn(2) },
    }
  })
}

function toCedarEntities({ subject, resource }: FiveRequest) {
  return [
    { uid: { type: subject.type, id: subject.id }, attrs: subject.properties, parents: [] },
    {
      uid: { type: resource.type, id: resource.id },
      attrs: {
        ...resource.properties,
        owner: { __entity: { type: 'User', id: resource.properties.owner.id } },
      },
      parents: [],
    },
  ]
}

function toCaslRules({ subject }: FiveRequest) {
  const { department, clearance, isSuspended } = subject.properties
  if (isSuspended) return []
  const isSenior = { department, classification: { $lt: clearance } }
  return [
    { action: ['read', 'write', 'delete'], subject: 'Document', conditions: { owner: subject.id } },
    { action: 'read', subject: 'Document', conditions: { department, classification: { $lte: clearance } } },
    { action: 'write', subject: 'Document', conditions: { ...isSenior, hour: { $gte: 9, $lt: 18 } } },
    { action: 'write', subject: 'Document', conditions: { ...isSenior, mfa: true } },
    { action: 'delete', subject: 'Document', inverted: true, conditions: { mfa: false } },
  ]
}

const ALL = ['read', 'write', 'delete']
const IS_SAME_DEPARTMENT = ['$.subject.department', '==', '$.object.department']
const IS_BUSINESS_HOURS = {
  and: [
    ['$.context.hour', '>=', 9],
    ['$.context.hour', '<', 18],
  ],
}
const ACCESS_CONTROL_GRANTS: readonly AccessControlGrant[] = [
  ...ALL.map((action) => grant(action, ['$.object.owner', '==', '$.subject.id'])),
  ...ALL.map((action) => grant(action, ['$.subject.isSuspended', '==', true], 'deny')),
  grant('delete', ['$.context.mfa', '==', false], 'deny'),
  grant('read', {
    and: [IS_SAME_DEPARTMENT, ['$.subject.clearance', '>=', '$.object.classification']],
  }),
  grant('write', {
    and: [
      IS_SAME_DEPARTMENT,
      ['$.subject.clearance', '>', '$.object.classification'],
      { or: [IS_BUSINESS_HOURS, ['$.context.mfa', '==', true]] },
    ],
  }),
]

function grant(action: string, condition: JsonValue, effect: 'grant' | 'deny' = 'grant'): AccessControlGrant {
  return { role: 'user', resource: 'Document', action, condition, effect }
}

const CEL_RULES = [
  { effect: 'deny' as const, actions: ALL, type: 'Document', expression: 'subject.isSuspended' },
  { effect: 'deny' as const, actions: ['delete'], type: 'Document', expression: '!context.mfa' },
  { effect: 'allow' as const, actions: ALL, type: 'Document', expression: 'resource.owner == subject.id' },
  {
    effect: 'allow' as const,
    actions: ['read'],
    type: 'Document',
    expression: 'subject.department == resource.department && subject.clearance >= resource.classification',
  },
  {
    effect: 'allow' as const,
    actions: ['write'],
    type: 'Document',
    expression:
      'subject.department == resource.department && subject.clearance > resource.classification && ((context.hour >= 9.0 && context.hour < 18.0) || context.mfa)',
  },
]
