// Names what a generated case holds, form by form, so that a run can tell what it has tried.
import type { Assignment, Expression, PolicyFile } from '../../packages/policy-lang/src/ast/nodes.ts'
import type { AssignmentRecord } from '../../packages/policy-lang/src/model/entity-data.ts'
import type { PolicyCase, PolicyQuestion } from './arbitraries/policy-case.ts'
import { hasHoldersInCircle, hasParentsInCircle } from './circles.ts'

/** How often each form occurred. */
export type FormCount = Map<string, number>

interface Node {
  readonly kind?: string
  readonly [name: string]: unknown
}

const isNode = (value: unknown): value is Node => value !== null && typeof value === 'object'

/** Every node below a node, itself first. */
function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item)
  } else if (isNode(value)) {
    yield value
    for (const item of Object.values(value)) yield* walk(item)
  }
}

const METHODS = new Set([
  'size',
  'keys',
  'isEmpty',
  'lower',
  'time',
  'dayOfWeek',
  'isLoopback',
  'isMulticast',
])

function memberForm(node: Expression & { kind: 'member' }): string[] {
  const isRoot =
    node.object.kind === 'root' && node.object.root !== 'subject' && node.object.root !== 'resource'
  const method = METHODS.has(node.name.name) ? [`.${node.name.name}`] : []
  return [
    isRoot ? `${node.object.kind === 'root' ? node.object.root : ''}.x` : node.isOptional ? 'a?.b' : 'a.b',
    ...method,
  ]
}

function expressionForms(node: Expression): string[] {
  switch (node.kind) {
    case 'bool':
    case 'string':
    case 'number':
    case 'duration':
    case 'datetime':
    case 'ip':
    case 'entity':
    case 'set':
    case 'record':
      return [`literal ${node.kind}`]
    case 'root':
      return [node.root]
    case 'reference':
      return ['name']
    case 'call':
      return ['call of a fn']
    case 'hasRole':
      return [node.on === undefined ? 'hasRole(R)' : 'hasRole(R, e)']
    case 'member':
      return memberForm(node)
    case 'index':
      return [node.isOptional ? 'a?.["k"]' : 'a["k"]']
    case 'methodCall':
      return [`.${node.name.name}(x)`, ...(node.isOptional ? ['a?.m(x)'] : [])]
    case 'unary':
      return [`unary ${node.operator}`]
    case 'logical':
    case 'binary':
    case 'comparison':
      return [node.operator]
    case 'actionTest':
      return [`action ${node.operator}${node.isList ? ' list' : ''}`]
    case 'has':
      return [node.operand.kind === 'root' ? `${node.operand.root} has` : 'x has']
    case 'coalesce':
      return [node.operands.length > 2 ? 'a ?? b ?? c' : '??']
    case 'quantifier':
      return [node.quantifier]
    case 'conditional':
      return ['?:']
    default:
      return [node.kind]
  }
}

const EXPRESSIONS = new Set(
  'bool string number duration datetime ip entity set record root reference call hasRole member index methodCall unary logical binary comparison actionTest is has like matches coalesce conditional quantifier'.split(
    ' ',
  ),
)

const when = (condition: boolean, form: string): string[] => (condition ? [form] : [])

function assignmentForms({ to, on, until, arguments: args }: Assignment): string[] {
  const target = { entity: 'entity', anyOf: 'type', anyone: 'anyone', holders: 'holders' }[to.kind]
  const scope = on === undefined ? 'everything' : on.kind === 'anyOf' ? 'type' : 'entity'
  return [
    `policy assigns to ${target}`,
    `policy assigns on ${scope}`,
    ...when(until !== undefined, 'policy assigns until'),
    ...when(args.length > 0, 'policy assigns with parameters'),
  ]
}

const asks = (role: string, node: unknown): boolean =>
  [...walk(node)].some((each) => each.kind === 'hasRole' && (each.role as { name: string }).name === role)

function declarationForms(each: PolicyFile['declarations'][number]): string[] {
  switch (each.kind) {
    case 'role':
      return [
        ...when(each.isInherited, 'inherited role'),
        ...when(each.parameters.length > 0, 'role with parameters'),
        ...when(each.extends.length > 0, 'role extends'),
        ...when(each.when !== undefined, 'role when'),
        ...when(
          each.when !== undefined && [...walk(each.when)].some((node) => node.kind === 'hasRole'),
          'hasRole in when',
        ),
        ...when(each.grants.length > 0, 'grant'),
        ...when(
          each.grants.some((grant) => grant.clauses.length > 0),
          'grant with clauses',
        ),
        ...when(
          each.grants.some((grant) => grant.duties.length > 0),
          'grant with duties',
        ),
        ...when(each.parameters.length > 0 && each.grants.length > 0, 'grant with parameters'),
      ]
    case 'roleCondition':
      return [
        each.types.length > 0 ? 'condition of types' : 'condition of every type',
        ...when(
          [...walk(each.condition)].some((node) => node.kind === 'hasRole'),
          'hasRole in condition',
        ),
        ...when(asks(each.role.name, each.condition), 'recursive role'),
      ]
    case 'assignment':
      return assignmentForms(each)
    case 'rule':
      return [
        each.isAfter ? `after ${each.effect}` : each.effect,
        ...(each.who.length === 0 ? ['no to'] : []),
        ...each.who.map((who) =>
          who.kind === 'whoName' ? `to ${who.qualifier ?? 'name'}` : `to ${who.kind}`,
        ),
        ...each.clauses.map((clause) => clause.kind),
        ...each.duties.map((duty) => duty.kind),
        `actions ${each.actions.kind}`,
        `types ${each.types.kind}`,
      ]
    case 'entityType':
      return [
        `${each.isSubject ? 'subject ' : ''}${each.isResource ? 'resource ' : ''}type`,
        ...when(each.storedParents !== undefined, 'stored parents'),
        ...when(each.storedRoles !== undefined, 'stored roles'),
        ...when(
          each.attributes.some((attribute) => attribute.isStored),
          'stored attribute',
        ),
        ...when(each.actionGroups.length > 0, 'action group'),
        ...when(
          each.parents.some((parent) => parent.name === each.name.name),
          'type in itself',
        ),
      ]
    case 'let':
    case 'fn':
    case 'trustStore':
      return [each.kind]
    default:
      return []
  }
}

function recordForms({ to, on, expires, with: parameters }: AssignmentRecord): string[] {
  const target = to === '*' ? 'everyone' : 'role' in to ? 'holders' : 'id' in to ? 'entity' : 'type'
  const scope = on === '*' ? 'everything' : 'id' in on ? 'entity' : 'type'
  return [
    `data assigns to ${target}`,
    `data assigns on ${scope}`,
    ...when(expires !== undefined, 'data assigns until'),
    ...when(parameters !== undefined, 'data assigns with parameters'),
  ]
}

function questionForms({ request, now }: PolicyQuestion): string[] {
  const { subject, resource, entities } = request
  const isSame = subject.type === resource.type && subject.id === resource.id
  const rolesBeside = subject.roles ?? []
  return [
    now === undefined ? 'no clock' : 'a clock',
    ...when(isSame, 'subject is resource'),
    ...when(entities !== undefined, 'request entities'),
    ...when(subject.parents !== undefined || resource.parents !== undefined, 'request parents'),
    ...when(Object.hasOwn(subject.properties ?? {}, 'parents'), 'parents inside properties'),
    ...when(Object.hasOwn(subject.properties ?? {}, 'roles'), 'roles inside properties'),
    ...when(
      rolesBeside.some((role) => typeof role === 'string'),
      'request role by name',
    ),
    ...when(
      rolesBeside.some((role) => typeof role === 'object'),
      'request role as assignment',
    ),
    ...when(subject.properties === undefined, 'subject without properties'),
    ...when(resource.properties === undefined, 'resource without properties'),
  ]
}

/** Adds what one case holds. */
export function countForms(count: FormCount, files: readonly PolicyFile[], policyCase: PolicyCase): void {
  const add = (form: string): void => {
    count.set(form, (count.get(form) ?? 0) + 1)
  }
  for (const file of files) {
    file.declarations.flatMap(declarationForms).forEach(add)
    for (const node of walk(file.declarations)) {
      if (node.kind !== undefined && EXPRESSIONS.has(node.kind))
        expressionForms(node as unknown as Expression).forEach(add)
    }
  }
  policyCase.data.assignments?.flatMap(recordForms).forEach(add)
  policyCase.questions.flatMap(questionForms).forEach(add)
  if (hasHoldersInCircle(policyCase)) add('holders in a circle')
  if (policyCase.questions.some((question) => hasParentsInCircle(policyCase, question))) {
    add('parents in a circle')
  }
}

/** What a run must have tried. */
export const FORMS: readonly string[] = [
  ...['bool', 'string', 'number', 'duration', 'datetime', 'ip', 'entity', 'set', 'record'].map(
    (kind) => `literal ${kind}`,
  ),
  ...['subject', 'resource', 'action.x', 'context.x', 'name', 'call of a fn', 'hasRole(R)', 'hasRole(R, e)'],
  ...['a.b', 'a?.b', 'a["k"]', 'a?.["k"]', 'a?.m(x)', 'unary !', 'unary -', '&&', '||', '+', '-', '*'],
  ...[
    '==',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    'in',
    'is',
    'x has',
    'context has',
    'action has',
    'subject has',
    'resource has',
  ],
  ...['like', 'matches', '??', 'a ?? b ?? c', '?:', 'some', 'every'],
  ...['action ==', 'action !=', 'action in', 'action in list'],
  ...['.size', '.keys', '.isEmpty', '.lower', '.time', '.dayOfWeek', '.isLoopback', '.isMulticast'],
  ...[
    '.contains(x)',
    '.containsAll(x)',
    '.containsAny(x)',
    '.startsWith(x)',
    '.endsWith(x)',
    '.time(x)',
    '.dayOfWeek(x)',
  ],
  ...[
    'inherited role',
    'role with parameters',
    'role extends',
    'role when',
    'hasRole in when',
    'recursive role',
  ],
  ...['grant', 'grant with clauses', 'grant with duties', 'grant with parameters'],
  ...['condition of types', 'condition of every type', 'hasRole in condition', 'let', 'fn', 'trustStore'],
  ...['policy', 'data'].flatMap((origin) => [
    ...['entity', 'type', 'holders'].map((target) => `${origin} assigns to ${target}`),
    ...['entity', 'type', 'everything'].map((scope) => `${origin} assigns on ${scope}`),
    `${origin} assigns until`,
    `${origin} assigns with parameters`,
  ]),
  ...['policy assigns to anyone', 'data assigns to everyone'],
  ...['allow', 'deny', 'after allow', 'after deny', 'if', 'unless', 'obligate', 'advise'],
  ...['no to', 'to name', 'to role', 'to type', 'to entity', 'to anyone'],
  ...['actions all', 'actions names', 'types all', 'types names', 'action group', 'type in itself'],
  ...[
    'stored parents',
    'stored roles',
    'stored attribute',
    'subject resource type',
    'subject type',
    'resource type',
  ],
  ...[
    'no clock',
    'a clock',
    'subject is resource',
    'request entities',
    'request parents',
    'request role by name',
  ],
  ...['request role as assignment', 'parents inside properties', 'roles inside properties'],
  ...[
    'subject without properties',
    'resource without properties',
    'parents in a circle',
    'holders in a circle',
  ],
]
