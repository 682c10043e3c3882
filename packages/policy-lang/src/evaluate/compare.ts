import { equalValues } from '../model/equal-values.ts'
import type { Value } from '../model/values.ts'
import type { ComparisonOperator, Place } from '../program/program.ts'
import type { Outcome } from './result.ts'
import { failure } from './result.ts'

/** `== != < <= > >=` of two values. Only Numbers, Datetimes and Durations have an order. */
export function compareValues(operator: ComparisonOperator, left: Value, right: Value, at: Place): Outcome {
  if (operator === '==') return equalValues(left, right)
  if (operator === '!=') return !equalValues(left, right)
  const [a, b] = [toOrdinal(left), toOrdinal(right)]
  if (a === undefined || b === undefined || a.kind !== b.kind) {
    return failure(`\`${operator}\` compares no such values`, { at })
  }
  switch (operator) {
    case '<':
      return a.amount < b.amount
    case '<=':
      return a.amount <= b.amount
    case '>':
      return a.amount > b.amount
    case '>=':
      return a.amount >= b.amount
  }
}

function toOrdinal(value: Value): { readonly kind: string; readonly amount: number } | undefined {
  if (typeof value === 'number') return { kind: 'number', amount: value }
  if (typeof value !== 'object') return undefined
  if (value.kind === 'datetime') return { kind: value.kind, amount: value.epochMs }
  return value.kind === 'duration' ? { kind: value.kind, amount: value.ms } : undefined
}
