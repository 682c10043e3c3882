import type { Clause, Expression } from '../ast/nodes.ts'
import { printExpression } from '../ast/print.ts'
import type { ProgramCondition } from '../program/program.ts'
import { lowerExpression } from './lower-expression.ts'
import { createLoweringContext, type LoweringUnit, type Scope } from './lowering-context.ts'

/**
 * The conjuncts of a rule's clauses, each with its own text and place, so that each can be explained alone:
 * `if a && b` gives two, and so does `unless a || b`.
 */
export function lowerClauses(
  clauses: readonly Clause[],
  unit: LoweringUnit,
  scope: Scope,
): readonly ProgramCondition[] {
  return clauses.flatMap(({ kind, condition }) => {
    const parts = splitChain(condition, kind === 'if' ? '&&' : '||')
    return parts.map((part) => (kind === 'if' ? lowerIf(part, unit, scope) : lowerUnless(part, unit, scope)))
  })
}

/** One condition as a whole: of a role, or one conjunct of an `if`. */
export function lowerIf(condition: Expression, unit: LoweringUnit, scope: Scope): ProgramCondition {
  const code = lowerExpression(condition, createLoweringContext(unit, scope))
  return { code, text: printExpression(condition), at: unit.placeOf(condition.span) }
}

function lowerUnless(condition: Expression, unit: LoweringUnit, scope: Scope): ProgramCondition {
  const context = { ...createLoweringContext(unit, scope), isMonotone: false }
  const operand = lowerExpression(condition, context)
  const text = `unless ${printExpression(condition)}`
  return { code: { op: 'not', operand }, text, at: unit.placeOf(condition.span) }
}

function splitChain(expression: Expression, operator: '&&' | '||'): readonly Expression[] {
  if (expression.kind !== 'logical' || expression.operator !== operator) return [expression]
  return expression.operands.flatMap((operand) => splitChain(operand, operator))
}
