import type { Declaration, Expression } from './nodes.ts'

/** Any node of the tree that has a `kind` and a span. */
export interface Node {
  readonly kind: string
  readonly span: { readonly start: number; readonly end: number }
}

const NO_NODES: readonly never[] = []

/** The expressions directly below an expression, in source order. */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'bool':
    case 'string':
    case 'number':
    case 'duration':
    case 'datetime':
    case 'ip':
    case 'entity':
    case 'root':
    case 'reference':
    case 'actionTest':
      return NO_NODES
    case 'set':
      return expression.elements
    case 'record':
      return expression.entries.map((entry) => entry.value)
    case 'call':
      return expression.arguments
    case 'hasRole':
      return expression.on === undefined ? NO_NODES : [expression.on]
    case 'member':
      return [expression.object]
    case 'index':
      return [expression.object, expression.key]
    case 'methodCall':
      return [expression.object, ...expression.arguments]
    case 'unary':
    case 'is':
    case 'has':
    case 'like':
    case 'matches':
      return [expression.operand]
    case 'logical':
    case 'coalesce':
      return expression.operands
    case 'binary':
    case 'comparison':
      return [expression.left, expression.right]
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise]
    case 'quantifier':
      return [expression.set, expression.body]
  }
}

/**
 * The nodes directly below any node of the tree: declarations, members, clauses, types, expressions. Names and
 * spans are no nodes. In the order of the members of the node, which is mostly that of the source.
 */
export function children(node: Declaration | Node): readonly Node[] {
  const found: Node[] = []
  for (const member of Object.values(node)) {
    if (Array.isArray(member)) found.push(...member.filter(isNode))
    else if (isNode(member)) found.push(member)
  }
  return found
}

/** Visits an expression and all below it, outer before inner, left before right. Needs no call stack. */
export function walkExpression(expression: Expression, visit: (expression: Expression) => void): void {
  const pending: Expression[] = [expression]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    visit(next)
    pending.push(...childExpressions(next).toReversed())
  }
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'kind') &&
    Object.hasOwn(value, 'span')
  )
}
