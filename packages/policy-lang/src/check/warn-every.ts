import type { Clause, Expression } from '../ast/nodes.ts'
import type { CheckState } from './check-state.ts'
import { describeExpression } from './expressions/describe-expression.ts'
import type { Inspected } from './inspect-rule.ts'
import type { Report } from './report.ts'

/** `every` is true of an empty set, so alone it lets everyone in where there is nothing to test. */
export function warnEvery(rules: readonly Inspected[], { declarations, report }: CheckState): void {
  for (const rule of rules) warnEveryOfRule(rule, report)
  for (const { conditions } of declarations.roles.values()) {
    for (const { condition } of conditions) warnConjuncts(splitChain(condition, '&&').map(toConjunct), report)
  }
}

export function warnEveryOfRule({ effect, isAfter, who, clauses }: Inspected, report: Report): void {
  const isOpen = who.length === 0 || who.some((member) => member.kind === 'anyone')
  // A clause of another kind guards: most rules have one, and nothing of theirs is taken apart.
  if (effect !== 'allow' || isAfter || !isOpen || clauses.some(isPlain)) return
  warnConjuncts(clauses.flatMap(conjunctsOf), report)
}

/** One conjunct; `isEvery` where it is an `every`, or a negated `some`. */
interface Conjunct {
  readonly node: Expression
  readonly isEvery: boolean
}

/** A comparison or test alone: no `every`, no negated `some`, and no chain of them. */
function isPlain({ condition }: Clause): boolean {
  const first = condition.kind === 'logical' ? condition.operands[0] : condition
  const kind = first?.kind
  return kind !== 'quantifier' && kind !== 'unary' && kind !== 'logical'
}

function conjunctsOf({ kind, condition }: Clause): readonly Conjunct[] {
  if (kind === 'if') return splitChain(condition, '&&').map(toConjunct)
  return splitChain(condition, '||').map((node) => ({ node, isEvery: isQuantifier(node, 'some') }))
}

function toConjunct(node: Expression): Conjunct {
  const isNegatedSome = node.kind === 'unary' && node.operator === '!' && isQuantifier(node.operand, 'some')
  return { node, isEvery: isQuantifier(node, 'every') || isNegatedSome }
}

function isQuantifier(node: Expression, quantifier: 'some' | 'every'): boolean {
  if (node.kind !== 'quantifier' || node.quantifier !== quantifier) return false
  // A set that is written out with members is never empty.
  return node.set.kind !== 'set' || node.set.elements.length === 0
}

function splitChain(condition: Expression, operator: '&&' | '||'): readonly Expression[] {
  if (condition.kind !== 'logical' || condition.operator !== operator) return [condition]
  return condition.operands.flatMap((operand) => splitChain(operand, operator))
}

function warnConjuncts(conjuncts: readonly Conjunct[], report: CheckState['report']): void {
  const first = conjuncts[0]
  if (first === undefined || !conjuncts.every((conjunct) => conjunct.isEvery)) return
  report({
    code: 'every-as-only-guard',
    span: first.node.span,
    message: 'this is true where the set is empty, and nothing else guards the access',
    hint: `also test that there is something: \`!${setOf(first.node)}.isEmpty && …\``,
  })
}

function setOf(node: Expression): string {
  const quantifier = node.kind === 'unary' ? node.operand : node
  return (quantifier.kind === 'quantifier' ? describeExpression(quantifier.set) : undefined) ?? 'SET'
}
