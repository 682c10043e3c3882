import type { Declaration, Expression } from '../ast/nodes.ts'
import { expressionsIn } from '../ast/top-level-expressions.ts'

/** Calls back with every expression that stands directly in a declaration. */
export function forEachTopLevelExpression(
  declarations: readonly Declaration[],
  visit: (expression: Expression, declaration: Declaration) => void,
): void {
  for (const declaration of declarations) {
    for (const expression of expressionsIn(declaration)) visit(expression, declaration)
  }
}
