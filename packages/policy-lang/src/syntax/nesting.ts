import type { Expression } from '../ast/nodes.ts'
import { childExpressions } from '../ast/walk.ts'
import type { Span } from '../diagnostics/span.ts'

/** Deeper is refused, so that no later stage has to fear for its stack. */
export const MAX_NESTING = 100

/** Thrown out of the grammar, since there is no sense in reading on. */
export class NestingError extends Error {
  readonly span: Span

  constructor(span: Span) {
    super('nesting too deep')
    this.span = span
  }
}

/** An expression of the tree below more than 100 others, or none. */
export function findTooDeep(expression: Expression, depth = 1): Expression | undefined {
  if (depth > MAX_NESTING) return expression
  for (const child of childExpressions(expression)) {
    const found = findTooDeep(child, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
