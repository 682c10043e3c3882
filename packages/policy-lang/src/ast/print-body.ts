import { concat, group, HARD_LINE, indent, type Layout, LINE, NOTHING } from './layout.ts'
import type { PrintContext } from './print-context.ts'

export interface MemberLine {
  readonly span: { readonly file: string; readonly start: number; readonly end: number }
  readonly build: () => Layout
}

export function layoutDoc(node: { readonly doc?: string }, context: PrintContext): Layout {
  if (!context.hasDocs || node.doc === undefined) return NOTHING
  const lines = node.doc.split('\n').map((line) => concat(`/// ${line}`.trimEnd(), HARD_LINE))
  return concat(...lines)
}

/** Members in braces, each on its own line; none where there are neither members nor comments. */
export function layoutBody(
  members: readonly MemberLine[],
  end: number,
  context: PrintContext,
  separator: Layout = HARD_LINE,
): Layout | undefined {
  const lines = members.map(({ span, build }, index) => {
    const blank = index > 0 && context.hasBlankBefore(span) ? HARD_LINE : NOTHING
    return concat(index === 0 ? NOTHING : separator, blank, context.statement(span, build))
  })
  const rest = context.dangling(end).map((comment, index) => {
    return concat(index === 0 && lines.length === 0 ? NOTHING : HARD_LINE, comment)
  })
  if (lines.length + rest.length === 0) return undefined
  const edge = separator === HARD_LINE ? HARD_LINE : LINE
  return group('{', indent(edge, ...lines, ...rest), edge, '}')
}
