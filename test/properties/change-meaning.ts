// Small changes to a syntax tree that may change what it means: a literal, an operator, an effect, a role.
import type { PolicyFile } from '../../packages/policy-lang/src/ast/nodes.ts'

type Path = readonly (string | number)[]

/** A place in a tree, and what its members could be instead. */
interface Site {
  readonly path: Path
  readonly change: { readonly [member: string]: unknown }
}

interface Node {
  readonly kind?: unknown
  readonly [member: string]: unknown
}

const isObject = (value: unknown): value is Node => value !== null && typeof value === 'object'

const OTHER_OPERATOR = new Map<unknown, string>([
  ['==', '!='],
  ['!=', '=='],
  ['<', '>='],
  ['>=', '<'],
  ['<=', '>'],
  ['>', '<='],
  ['&&', '||'],
  ['||', '&&'],
  ['+', '-'],
  ['-', '+'],
])

/** What a node could say instead; `roles`: names to put in the place of another. */
function changesOf(node: Node, roles: readonly string[]): readonly Site['change'][] {
  const otherRoles = (member: 'name' | 'role'): readonly Site['change'][] => {
    const own = node[member] as { readonly name: string }
    return roles.filter((role) => role !== own.name).map((role) => ({ [member]: { ...own, name: role } }))
  }
  switch (node.kind) {
    case 'bool':
      return [{ value: node.value !== true }]
    case 'string':
      return [{ value: `${String(node.value)}b` }, { value: 'a' }]
    case 'number':
      return [{ value: Number(node.value) + 1, text: String(Number(node.value) + 1) }]
    case 'entity':
      return [{ id: `${String(node.id)}b` }, { id: 'a' }]
    case 'comparison':
    case 'logical':
    case 'binary':
      return OTHER_OPERATOR.has(node.operator) ? [{ operator: OTHER_OPERATOR.get(node.operator) }] : []
    case 'quantifier':
      return [{ quantifier: node.quantifier === 'some' ? 'every' : 'some' }]
    case 'if':
      return [{ kind: 'unless' }]
    case 'unless':
      return [{ kind: 'if' }]
    case 'rule':
      return [{ effect: node.effect === 'allow' ? 'deny' : 'allow' }]
    case 'whoName':
      return node.qualifier === 'role' ? otherRoles('name') : []
    case 'hasRole':
    case 'assignment':
      return otherRoles('role')
    case 'role':
      return [{ isInherited: node.isInherited !== true }]
    default:
      return []
  }
}

function* sitesIn(value: unknown, roles: readonly string[], path: Path): Generator<Site> {
  if (!isObject(value)) return
  for (const change of changesOf(value, roles)) yield { path, change }
  for (const [member, child] of Object.entries(value)) {
    if (member !== 'span')
      yield* sitesIn(child, roles, [...path, Array.isArray(value) ? Number(member) : member])
  }
}

function put(value: unknown, [step, ...rest]: Path, change: Site['change']): unknown {
  if (step === undefined) return { ...(value as object), ...change }
  if (Array.isArray(value))
    return value.map((child, index) => (index === step ? put(child, rest, change) : child))
  const node = value as Node
  return { ...node, [step]: put(node[step], rest, change) }
}

/** Trees that differ from this one in one place, `count` of all there are, chosen by a number. */
export function changeMeaning(file: PolicyFile, choice: number, count: number): readonly PolicyFile[] {
  const roles = file.declarations.flatMap((each) => (each.kind === 'role' ? [each.name.name] : []))
  const sites = [...sitesIn(file.declarations, roles, [])]
  const step = Math.max(1, Math.floor(sites.length / count))
  return Array.from({ length: Math.min(count, sites.length) }, (_, index) => {
    const site = sites[(choice + index * step) % sites.length]
    if (site === undefined) throw new Error('there are no sites')
    return { ...file, declarations: put(file.declarations, site.path, site.change) } as PolicyFile
  })
}
