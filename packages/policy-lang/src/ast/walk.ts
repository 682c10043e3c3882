import type { Expression } from './nodes.ts'

const NONE: readonly never[] = []

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
      return NONE
    case 'set':
      return expression.elements
    case 'record':
      return expression.entries.map((entry) => entry.value)
    case 'call':
      return expression.arguments
    case 'hasRole':
      return expression.on === undefined ? NONE : [expression.on]
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

/** Visits an expression and all below it, outer before inner, left before right. Needs no call stack. */
export function walkExpression(expression: Expression, visit: (expression: Expression) => void): void {
  const pending: Expression[] = [expression]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    visit(next)
    const children = childExpressions(next)
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index]
      if (child !== undefined) pending.push(child)
    }
  }
}
