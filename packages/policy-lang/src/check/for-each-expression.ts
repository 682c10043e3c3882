import type { Declaration, Expression, PolicyFile } from '../ast/nodes.ts'
import { expressionsIn } from '../ast/top-level-expressions.ts'

/** Calls back with every expression that stands directly in a declaration. */
export function forEachTopLevelExpression(
  files: readonly PolicyFile[],
  visit: (expression: Expression, declaration: Declaration) => void,
): void {
  for (const file of files) {
    for (const declaration of file.declarations) {
      for (const expression of expressionsIn(declaration)) visit(expression, declaration)
    }
  }
}
