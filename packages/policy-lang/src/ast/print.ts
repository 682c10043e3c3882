// In: a tree. Out: its text in the one canonical layout: two blanks a level, 110 columns, names in quotes only where
// they need them. Parsing the text gives the same tree.
import { concat, HARD_LINE, join, renderLayout } from './layout.ts'
import type { Declaration, Expression, PolicyFile } from './nodes.ts'
import { WITH_DOCS, WITHOUT_DOCS } from './print-context.ts'
import { layoutDeclaration } from './print-declaration.ts'
import { layoutExpression } from './print-expression.ts'

export const PRINT_WIDTH = 110

/** What is left out or kept when printing. */
export interface PrintOptions {
  /** Prints `///` comments. Default true. */
  readonly docs?: boolean
}

/** A whole file, a blank line between declarations, with a line break at its end. */
export function printFile(file: PolicyFile, options: PrintOptions = {}): string {
  const context = contextOf(options)
  const declarations = file.declarations.map((declaration) => layoutDeclaration(declaration, context))
  if (declarations.length === 0) return ''
  return `${renderLayout(join(concat(HARD_LINE, HARD_LINE), declarations), PRINT_WIDTH)}\n`
}

/**
 * One declaration, without a line break at its end. Its members stand in the order of the tree, whatever their
 * spans are: attributes, `stored …`, actions, groups.
 */
export function printDeclaration(declaration: Declaration, options: PrintOptions = {}): string {
  return renderLayout(layoutDeclaration(declaration, contextOf(options)), PRINT_WIDTH)
}

/** An expression on one line. */
export function printExpression(expression: Expression): string {
  return renderLayout(layoutExpression(expression, WITHOUT_DOCS), Number.POSITIVE_INFINITY)
}

function contextOf(options: PrintOptions): typeof WITH_DOCS {
  return options.docs === false ? WITHOUT_DOCS : WITH_DOCS
}
