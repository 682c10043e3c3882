import type { Root } from '../../ast/nodes.ts'
import { entityOf } from '../type-relations.ts'
import { filterByFact } from './facts.ts'
import {
  type Pair,
  type Position,
  type Roots,
  relatedCalls,
  type Typed,
  type Typing,
  UNKNOWN,
  value,
} from './typing.ts'

export function inferRoot(typing: Typing, node: Root, position: Position): Typed {
  if (!isRootAllowed(typing, node, position)) return UNKNOWN
  switch (node.root) {
    case 'subject':
      return toEntity(subjectTypes(position))
    case 'resource':
      return toEntity(resourceTypes(position))
    default:
      typing.report({
        code: 'root-as-value',
        span: node.span,
        message: `\`${node.root}\` is no value of its own`,
        hint:
          node.root === 'action'
            ? 'use `action.name`, `action == …` or one of its parameters'
            : 'name one of its attributes, such as `context.now`',
      })
      return UNKNOWN
  }
}

/** Where nothing is left, what is wrong is said elsewhere. */
function toEntity(types: readonly string[]): Typed {
  return types.length === 0 ? UNKNOWN : value(entityOf(types))
}

/** Reports a root that has no meaning where it stands. */
export function isRootAllowed(typing: Typing, node: Root, { roots }: Position): boolean {
  if (hasRoot(roots, node.root)) return true
  typing.report({
    code: 'root-not-allowed',
    span: node.span,
    message: `there is no \`${node.root}\` ${roots.place}`,
    hint: describeRoots(roots),
    related: relatedCalls(typing),
  })
  return false
}

function hasRoot(roots: Roots, root: Root['root']): boolean {
  switch (root) {
    case 'subject':
      return roots.subject !== undefined
    case 'resource':
      return roots.resource !== undefined
    case 'action':
      return roots.pairs !== undefined
    case 'context':
      return roots.hasContext
  }
}

function describeRoots(roots: Roots): string {
  const names = (['subject', 'action', 'resource', 'context'] as const).filter((root) => hasRoot(roots, root))
  if (names.length === 0) return 'write a constant: literals, and `let` values made of them'
  return `what can be read here: ${names.map((name) => `\`${name}\``).join(', ')}`
}

function subjectTypes({ roots, facts }: Position): readonly string[] {
  if (roots.subject === undefined || facts === 'never') return []
  return filterByFact(roots.subject, facts.get('subject'))
}

/** What the resource can be here: also what is known of the action counts. */
export function resourceTypes(position: Position): readonly string[] {
  const { roots, facts } = position
  if (roots.resource === undefined || facts === 'never') return []
  const types = filterByFact(roots.resource, facts.get('resource'))
  if (roots.pairs === undefined || !facts.has('action')) return types
  const reached = new Set(pairsAt(position).map((pair) => pair.resourceType))
  return types.filter((type) => reached.has(type))
}

/** The pairs of action and resource type that are left here. */
export function pairsAt({ roots, facts }: Position): readonly Pair[] {
  if (roots.pairs === undefined || facts === 'never') return []
  const action = facts.get('action')
  const resource = facts.get('resource')
  if (action === undefined && resource === undefined) return roots.pairs
  return roots.pairs.filter(
    (pair) =>
      (action?.only?.has(pair.key) ?? true) &&
      !(action?.except?.has(pair.key) ?? false) &&
      (resource?.only?.has(pair.resourceType) ?? true) &&
      !(resource?.except?.has(pair.resourceType) ?? false),
  )
}
