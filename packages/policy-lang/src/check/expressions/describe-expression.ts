import type { Expression } from '../../ast/nodes.ts'

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A short expression as written, for use in hints; `undefined` for anything longer than a chain of names. */
export function describeExpression(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'root':
      return expression.root
    case 'reference':
      return expression.name.name
    case 'member': {
      const object = describeExpression(expression.object)
      if (object === undefined) return undefined
      const { name } = expression.name
      const dot = expression.isOptional ? '?.' : '.'
      if (IDENTIFIER.test(name)) return `${object}${dot}${name}`
      return `${object}${expression.isOptional ? '?.' : ''}[${JSON.stringify(name)}]`
    }
    case 'index': {
      const object = describeExpression(expression.object)
      if (object === undefined || expression.key.kind !== 'string') return undefined
      return `${object}${expression.isOptional ? '?.' : ''}[${JSON.stringify(expression.key.value)}]`
    }
    default:
      return undefined
  }
}

/** A name as it is written in policy text. */
export function quoteName(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name)
}
