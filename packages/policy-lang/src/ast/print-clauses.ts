import { concat, join, type Layout, LINE } from './layout.ts'
import type { Clause, Duty, Name, NameList } from './nodes.ts'
import type { PrintContext } from './print-context.ts'
import { layoutArguments, layoutExpression } from './print-expression.ts'
import { printActionName, printName, printWord } from './print-names.ts'

export function layoutParts(
  clauses: readonly Clause[],
  duties: readonly Duty[],
  context: PrintContext,
): readonly Layout[] {
  const conditions = clauses.map(({ kind, condition, span }) => {
    const lead = context.lead(span.start)
    return concat(LINE, lead, `${kind} `, layoutExpression(condition, context), context.trail(span.end))
  })
  const rest = duties.map((duty) => {
    const lead = context.lead(duty.span.start)
    const args = layoutArguments(duty.arguments, context)
    return concat(LINE, lead, `${duty.kind} ${printWord(duty.name)}`, args, context.trail(duty.span.end))
  })
  return [...conditions, ...rest]
}

export function layoutActionList(list: NameList, context: PrintContext): Layout {
  return layoutNameList(list, printActionName, context)
}

export function layoutTypeList(list: NameList, context: PrintContext): Layout {
  return layoutNameList(list, printName, context)
}

function layoutNameList(list: NameList, print: (name: Name) => string, context: PrintContext): Layout {
  if (list.kind === 'all') return concat(context.lead(list.span.start), '*')
  const names = list.names.map((name) => concat(context.lead(name.span.start), print(name)))
  return join(', ', names)
}
