import { concat, group, indent, join, type Layout, LINE, NOTHING, openGroup } from './layout.ts'
import type { Invariant, Rule, Who } from './nodes.ts'
import { layoutActionList, layoutParts, layoutTypeList } from './print-clauses.ts'
import type { PrintContext } from './print-context.ts'
import { layoutExpression } from './print-expression.ts'
import { printName, writeText } from './print-names.ts'

export function layoutRule(rule: Rule, context: PrintContext): Layout {
  const effect = `${rule.isAfter ? 'after ' : ''}${rule.effect}`
  return layoutScoped(`rule ${printName(rule.name)}: ${effect} `, rule, context)
}

export function layoutInvariant(invariant: Invariant, context: PrintContext): Layout {
  const head = `invariant ${writeText(invariant.name)}: ${invariant.form} `
  return layoutScoped(head, { ...invariant, duties: [] }, context)
}

/**
 * Where a rule is broken, `to` stays with the head if it fits, and each clause has its own line. One with a
 * condition and a duty is always broken: they are easily taken for one.
 */
function layoutScoped(
  head: string,
  scoped: Pick<Rule, 'actions' | 'types' | 'who' | 'clauses' | 'duties'>,
  context: PrintContext,
): Layout {
  const actions = layoutActionList(scoped.actions, context)
  const types = layoutTypeList(scoped.types, context)
  const who = scoped.who.map((one) => concat(context.lead(one.span.start), layoutWho(one, context)))
  const to = who.length === 0 ? NOTHING : indent(LINE, 'to ', join(concat(',', LINE), who))
  const parts = layoutParts(scoped.clauses, scoped.duties, context)
  const whole = [group(head, actions, ' on ', types, to), indent(...parts)]
  return scoped.duties.length > 0 && parts.length > 1 ? openGroup(...whole) : group(...whole)
}

function layoutWho(who: Who, context: PrintContext): Layout {
  if (who.kind === 'anyone') return 'anyone'
  if (who.kind === 'entity') return layoutExpression(who, context)
  return `${who.qualifier === undefined ? '' : `${who.qualifier} `}${printName(who.name)}`
}
